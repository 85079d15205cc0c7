"""How to reach Slack."""

from typing import Self

from pydantic import Field, SkipValidation, model_validator

from slackbot.config.environment import EnvironmentSettings
from slackbot.config.oauth import OAuthSettings
from slackbot.config.value_types import AppToken, BaseAddress, BotToken, Secret
from slackbot.errors import ConfigError
from slackbot.network import DIRECT, Network

NOT_SET = (
    "is not set: copy the Bot User OAuth Token (xoxb-…) from your Slack app's page “OAuth & "
    "Permissions”."
)


class SlackSettings(EnvironmentSettings):
    """With an app token, events come over a socket; without one, over HTTP.

    The bot serves the workspace of its `bot_token`, or those that install the app by `installs`.
    """

    bot_token: BotToken | None = Field(
        None,
        validation_alias="SLACK_BOT_TOKEN",
        description="the bot token, `xoxb-…`; not with `SLACK_CLIENT_ID`",
    )
    app_token: AppToken | None = Field(
        None,
        validation_alias="SLACK_APP_TOKEN",
        description="the app-level token, `xapp-…`; with it the bot uses Socket Mode",
    )
    signing_secret: Secret | None = Field(
        None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="without an app token: verifies the events that Slack sends over HTTP to "
        "`/slack/events`",
    )
    api_url: BaseAddress = Field(
        "https://slack.com/api/", validation_alias="SLACK_API_URL", description="Slack's Web API"
    )
    network: SkipValidation[Network] = Field(DIRECT, repr=False)
    """The proxies and certificates on the way there."""
    installs: SkipValidation[OAuthSettings | None] = Field(None, repr=False)
    """How workspaces install the app; None where the bot serves the one of `bot_token`."""

    @property
    def token(self) -> str:
        """The bot token of the one workspace. Raises ConfigError if there are several."""
        if self.bot_token is None:
            raise ConfigError("SLACK_BOT_TOKEN", NOT_SET)
        return self.bot_token.get_secret_value()

    @model_validator(mode="after")
    def _has_tokens(self) -> Self:
        if self.installs is None and self.bot_token is None:
            raise ConfigError("SLACK_BOT_TOKEN", NOT_SET)
        return self

    @model_validator(mode="after")
    def _can_receive_events(self) -> Self:
        if self.app_token is None and self.signing_secret is None:
            raise ConfigError(
                "SLACK_APP_TOKEN",
                "is not set: set it for Socket Mode (xapp-…, page “Basic Information”), or set "
                "SLACK_SIGNING_SECRET and PORT to receive events over HTTP.",
            )
        return self
