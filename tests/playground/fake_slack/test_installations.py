from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.ids import IdGenerator
from slackbot.playground.fake_slack.installations import (
    MAX_ACTIVE_TOKENS,
    TOKEN_LIFETIME_SECONDS,
    AppInstallation,
    AppInstallations,
    IssuedToken,
)
from slackbot.playground.fake_slack.members import Organisation, Team

TEAM = Team("T1", "First", "first")


def installed(installations: AppInstallations) -> IssuedToken:
    return installations.add(AppInstallation("U1", TEAM, None, {"chat:write"}))


@given(st.lists(st.sampled_from([0, 1, TOKEN_LIFETIME_SECONDS // 2, TOKEN_LIFETIME_SECONDS])))
def test_tokens_that_work(pauses: Sequence[int]) -> None:
    """However often tokens are refreshed, the newest works until its end, and two at most do."""
    now = [0.0]
    installations = AppInstallations(IdGenerator(), lambda: now[0])
    installations.rotates_tokens = True
    token = installed(installations)
    for pause in pauses:
        now[0] += pause
        works = pause < TOKEN_LIFETIME_SECONDS
        assert installations.error(token) == ("" if works else "token_expired")
        token = installations.refresh(token.refresh_token)
        active = [each for each in token.installation.tokens if not installations.error(each)]
        assert token in active
        assert len(active) <= MAX_ACTIVE_TOKENS


def test_a_workspace_and_its_organisation() -> None:
    """An installation for an organisation is another than that in one of its workspaces."""
    installations = AppInstallations(IdGenerator(), lambda: 0.0)
    acme = Organisation("E1", "Acme", "U2")
    token = installed(installations)
    whole = installations.add(AppInstallation("U2", None, acme, set()))
    assert installations.of(TEAM) is token.installation
    assert installations.of(acme) is whole.installation
    whole.installation.is_uninstalled = True
    assert installations.of(acme) is None
    assert [*installations] == [token.installation]


def test_a_refresh_token_ends_with_its_installation() -> None:
    """After a removal nothing can be refreshed, and a new installation does not change that."""
    installations = AppInstallations(IdGenerator(), lambda: 0.0)
    installations.rotates_tokens = True
    token = installed(installations)
    token.installation.error, token.installation.is_uninstalled = "account_inactive", True
    assert installations.error(installed(installations)) == ""
    with pytest.raises(RefusedError, match="invalid_refresh_token"):
        installations.refresh(token.refresh_token)
    with pytest.raises(RefusedError, match="invalid_refresh_token"):
        installations.refresh("xoxe-1-unknown")
