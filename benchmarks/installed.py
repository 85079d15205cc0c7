"""An app that many workspaces have installed, for benchmarks of several replicas."""

from collections.abc import Mapping

from slackbot.conversation.ids import EnterpriseId, TeamId, UserId
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.store import open_store
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import Installation, InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.token_encryption import BotTokens, TokenEncryption

ENCRYPTION_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def installed_environment(platform: SlackPlatform, model: ModelServer) -> Mapping[str, str]:
    """The settings of a bot with Socket Mode for all workspaces of the platform."""
    return {
        "SLACK_APP_TOKEN": platform.app.app_token,
        "SLACK_CLIENT_ID": platform.app.client_id,
        "SLACK_CLIENT_SECRET": platform.app.client_secret,
        "SLACK_SIGNING_SECRET": platform.app.signing_secret,
        "SLACKBOT_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "SLACK_API_URL": platform.url,
        "OPENAI_API_KEY": "sk-benchmark",
        "OPENAI_BASE_URL": model.url,
        "PORT": "0",
        "LOG_LEVEL": "ERROR",
    }


async def install(platform: SlackPlatform, database: str) -> None:
    """Installs the app in all workspaces, as its pages do."""
    store = await open_store(database)
    installed = InstalledWorkspaces(store, TokenEncryption(Encryption([ENCRYPTION_KEY])))
    for workspace in platform.workspaces:
        there = platform.install(workspace)
        key = InstallationKey(TeamId(workspace.team.team_id), EnterpriseId(""))
        await installed.save(
            Installation(
                key,
                team_name=workspace.team.name,
                bot_user=UserId(workspace.bot.id),
                bot=workspace.bot.bot_id,
                scopes=tuple(there.scopes),
            ),
            BotTokens(there.tokens[-1].value, ""),
        )
    await store.close()
