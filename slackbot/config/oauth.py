"""How workspaces install the app by themselves, each with a token of its own."""

from collections.abc import Mapping

from pydantic import Field

from slackbot.config.environment import EnvironmentSettings, without_empty
from slackbot.config.value_types import MAKE_ENCRYPTION_KEY, ClientId, EncryptionKeys, Secret
from slackbot.errors import ConfigError

HOW_TO_GET = {
    "SLACK_CLIENT_ID": "copy the Client ID from your Slack app's page “Basic Information”.",
    "SLACK_CLIENT_SECRET": "copy the Client Secret from your Slack app's page “Basic Information”.",
    "SLACKBOT_ENCRYPTION_KEY": f"make a key with `{MAKE_ENCRYPTION_KEY}`, and keep a copy of it.",
}
"""In the order in which the variables are asked for."""


WITH_INSTALLS = (
    "must not be set together with {variable}: each workspace that installs the app has a token of "
    "its own. Remove one of the two."
)


class OAuthSettings(EnvironmentSettings):
    """The app's own credentials, and the keys that encrypt the workspaces' tokens."""

    client_id: ClientId = Field(
        validation_alias="SLACK_CLIENT_ID",
        description="the app's client ID: with it, the bot serves every workspace that installs "
        "the app at `/slack/install`. See [For several workspaces]"
        "(install.md#for-several-workspaces)",
    )
    client_secret: Secret = Field(
        validation_alias="SLACK_CLIENT_SECRET",
        description="the app's client secret, needed with `SLACK_CLIENT_ID`",
    )
    encryption_keys: EncryptionKeys = Field(
        validation_alias="SLACKBOT_ENCRYPTION_KEY",
        description="with `SLACK_CLIENT_ID`: the key that encrypts the workspaces' tokens in the "
        "database. Several, separated by commas: the first encrypts, all decrypt",
    )

    @classmethod
    def read_if_set(cls, environment: Mapping[str, str], /) -> "OAuthSettings | None":
        """The settings if one of the variables is set.

        Raises ConfigError for one that lacks, and for the token of a single workspace.
        """
        known = without_empty(environment)
        missing = [variable for variable in HOW_TO_GET if variable not in known]
        if len(missing) == len(HOW_TO_GET):
            return None
        if "SLACK_BOT_TOKEN" in known:
            there = next(variable for variable in HOW_TO_GET if variable in known)
            raise ConfigError("SLACK_BOT_TOKEN", WITH_INSTALLS.format(variable=there))
        for variable in missing:
            raise ConfigError(variable, f"is not set: {HOW_TO_GET[variable]}")
        return cls.read(environment)
