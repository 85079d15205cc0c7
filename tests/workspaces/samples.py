"""Installations that tests begin with."""

from dataclasses import replace
from functools import cache
from typing import Any

from slackbot.conversation.ids import EnterpriseId, TeamId, UserId
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import Installation, InstallationKey
from slackbot.workspaces.token_encryption import BotTokens, TokenEncryption
from tests.config import ENCRYPTION_KEY

ORGANISATION = EnterpriseId("E1")

ENCRYPTION = TokenEncryption(Encryption([ENCRYPTION_KEY]))


def key(team: str, enterprise: str = "") -> InstallationKey:
    return InstallationKey(TeamId(team), EnterpriseId(enterprise))


@cache
def installation(
    team: str = "T1", enterprise: str = "", *, tokens: BotTokens | None = None, **changes: Any
) -> Installation:
    """An installation with tokens of its own; the same one for the same arguments."""
    own = tokens or BotTokens(f"xoxb-{team or enterprise}")
    return replace(
        Installation(
            key(team, enterprise),
            team_name="Example",
            app="A1",
            bot_user=UserId("UBOT"),
            bot="BBOT",
            scopes=("chat:write", "commands"),
            installer=UserId("UANA"),
            installed_at=1_700_000_000,
            sealed_tokens=ENCRYPTION.seal(own, key(team, enterprise)),
        ),
        **changes,
    )
