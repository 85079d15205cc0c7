"""Which workspaces a payload is for."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.slack.payload_workspaces import (
    Removal,
    added_workspaces_of,
    removals_of,
    workspaces_of_event,
    workspaces_of_interaction,
)
from slackbot.workspaces.installations import InstallationKey
from tests.workspaces.samples import key

Payload = Mapping[str, Any]


def authorized(
    team: str | None, enterprise: str | None = None, *, whole: bool = False
) -> dict[str, Any]:
    return {"team_id": team, "enterprise_id": enterprise, "is_enterprise_install": whole}


def event(*authorizations: Payload, channel: str = "C1", **fields: Any) -> Payload:
    return {
        "type": "event_callback",
        "authorizations": list(authorizations),
        "event": {"type": "message", "channel": channel},
        **fields,
    }


@pytest.mark.parametrize(
    ("payload", "keys"),
    [
        pytest.param(
            event(authorized("T1"), team_id="T1", context_team_id="T1"),
            [key("T1")],
            id="a workspace",
        ),
        pytest.param(
            event(authorized("T1", "E1"), team_id="T1", enterprise_id="E1"),
            [key("T1", "E1")],
            id="a workspace of an organisation",
        ),
        pytest.param(
            {"event": {"type": "message", "channel": "C1"}, "team_id": "T1"},
            [key("T1")],
            id="without authorizations",
        ),
        pytest.param(
            event(
                authorized("T1"),
                team_id="T2",
                context_team_id="T1",
                is_ext_shared_channel=True,
            ),
            [key("T1"), key("T2")],
            id="a shared channel: somebody of T2 writes where T1 has the app",
        ),
        pytest.param(
            event(
                authorized("T1"),
                channel="D1",
                team_id="T2",
                context_team_id="T1",
                is_ext_shared_channel=True,
            ),
            [key("T1")],
            id="a direct message of a person in T2 to the bot of T1",
        ),
        pytest.param(
            event(authorized("T1"), team_id="T2", context_team_id="T1"),
            [key("T1")],
            id="what is not shared is for the named one alone",
        ),
        pytest.param(
            event(
                authorized(None, "E1", whole=True),
                team_id="T1",
                context_team_id="T1",
                context_enterprise_id="E1",
            ),
            [key("T1", "E1")],
            id="an organisation-wide installation",
        ),
        pytest.param(
            event(authorized("E1", "E1", whole=True), team_id="T1", enterprise_id="E1"),
            [key("T1", "E1")],
            id="the organisation in place of a workspace",
        ),
        pytest.param(
            event(
                authorized("T9", "E1", whole=True),
                team_id="T2",
                enterprise_id="E2",
                context_team_id="T1",
                context_enterprise_id="E1",
                is_ext_shared_channel=True,
            ),
            [key("T1", "E1"), key("T2", "E2")],
            id="two organisations share a channel",
        ),
        pytest.param(event(), [], id="nobody is named"),
        pytest.param(event(authorized(None)), [], id="nobody at all"),
    ],
)
def test_events(payload: Payload, keys: list[InstallationKey]) -> None:
    """An event is for the workspaces that may have a part in it, and for no others."""
    assert list(workspaces_of_event(payload)) == keys


@pytest.mark.parametrize(
    ("payload", "keys"),
    [
        pytest.param(
            {"command": "/instructions", "team_id": "T1", "enterprise_id": "E1"},
            [key("T1", "E1")],
            id="a command",
        ),
        pytest.param(
            {
                "type": "view_submission",
                "team": {"id": "T2"},
                "view": {"app_installed_team_id": "T1", "team_id": "T2"},
                "user": {"id": "U1", "team_id": "T2"},
            },
            [key("T1")],
            id="a form that was opened from a shared channel",
        ),
        pytest.param(
            {
                "type": "view_submission",
                "team": {"id": "T1", "enterprise_id": "E1"},
                "view": {"team_id": "T1"},
                "user": {"id": "U1", "team_id": "T1"},
            },
            [key("T1", "E1")],
            id="a form of a workspace in an organisation",
        ),
        pytest.param(
            {
                "type": "view_submission",
                "team": None,
                "enterprise": {"id": "E1"},
                "view": {"app_installed_team_id": "E1", "team_id": "T1"},
                "user": {"id": "U1", "team_id": "T1"},
            },
            [key("T1", "E1")],
            id="a form of an organisation-wide installation",
        ),
        pytest.param(
            {
                "type": "block_actions",
                "team": None,
                "enterprise": {"id": "E1"},
                "is_enterprise_install": True,
                "user": {"id": "U1", "team_id": "T1"},
            },
            [key("T1", "E1")],
            id="an organisation-wide installation names no workspace but the person's",
        ),
        pytest.param(
            {
                "type": "block_actions",
                "team": {"id": "T2"},
                "message": {"team": "T1", "user": "UBOT"},
                "user": {"id": "U2", "team_id": "T2"},
            },
            [key("T1"), key("T2")],
            id="a press by a person of T2 under a message of T1's bot",
        ),
        pytest.param({"type": "shortcut", "team": {"id": "T1"}}, [key("T1")], id="a shortcut"),
        pytest.param({"type": "shortcut"}, [], id="nobody"),
    ],
)
def test_interactions(payload: Payload, keys: list[InstallationKey]) -> None:
    """The workspace that most probably has the app comes first."""
    assert list(workspaces_of_interaction(payload)) == keys


def removal(kind: str, **fields: Any) -> Payload:
    return {"type": "event_callback", "event": {"type": kind}, **fields}


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
@pytest.mark.parametrize(
    ("fields", "gone"),
    [
        ({"team_id": "T1"}, key("T1")),
        ({"team_id": "T1", "enterprise_id": "E1"}, key("T1", "E1")),
        ({"team_id": "E1", "enterprise_id": "E1"}, key("", "E1")),
        ({"team_id": None, "enterprise_id": "E1"}, key("", "E1")),
        ({"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": True}, key("", "E1")),
        ({"team_id": "T1", "authorizations": [authorized("T1", "E1", whole=True)]}, key("", "E1")),
    ],
)
def test_what_is_gone(kind: Any, fields: Payload, gone: InstallationKey) -> None:
    """A workspace, or a whole organisation."""
    assert removals_of(removal(kind, **fields)) == [Removal(kind, gone)]


@pytest.mark.parametrize("is_nested", [False, True])
def test_workspaces_that_an_organisation_takes_away(is_nested: bool) -> None:  # noqa: FBT001
    """Each of them, also in the form that Slack's page shows."""
    inner = {"type": "team_access_revoked", "team_ids": ["T1", "T2"]}
    outer = {"team_id": None, "enterprise_id": "E1", "api_app_id": "A1", "event": inner}
    payload = removal("team_access_revoked", enterprise_id="E1", team_id="T9")
    payload = {**payload, "event": outer if is_nested else inner}
    assert removals_of(payload) == [
        Removal("team_access_revoked", key("T1", "E1")),
        Removal("team_access_revoked", key("T2", "E1")),
    ]


@pytest.mark.parametrize("is_nested", [False, True])
def test_workspaces_that_an_organisation_adds(is_nested: bool) -> None:  # noqa: FBT001
    """The same the other way round."""
    inner = {"type": "team_access_granted", "team_ids": ["T1", "E2", "T2"]}
    outer = {"team_id": None, "enterprise_id": "E1", "api_app_id": "A1", "event": inner}
    payload = removal("team_access_granted", enterprise_id="E1", team_id=None)
    payload = {**payload, "event": outer if is_nested else inner}
    assert added_workspaces_of(payload) == [key("T1", "E1"), key("T2", "E1")]
    assert removals_of(payload) == []
    assert added_workspaces_of(removal("team_access_revoked", enterprise_id="E1")) == ()


def test_other_events_remove_nothing() -> None:
    """Whatever else they say."""
    assert removals_of(event(authorized("T1"), team_id="T1")) == []
    assert removals_of({"command": "/instructions", "team_id": "T1"}) == []


NAMES = [
    *("app_installed_team_id", "authorizations", "channel", "command", "context_enterprise_id"),
    *("context_team_id", "enterprise", "enterprise_id", "event", "id", "is_enterprise_install"),
    *("is_ext_shared_channel", "message", "team", "team_id", "team_ids", "type", "user", "view"),
]
VALUES = ["T1", "E1", "D1", "team_access_revoked", "app_uninstalled", "team_access_granted"]
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(VALUES)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
ODD = st.dictionaries(st.sampled_from(NAMES), JSON)


@given(ODD)
def test_odd_payloads(payload: Payload) -> None:
    """Whatever a payload holds, there is no error, and each workspace is named once, by its ID."""
    for keys in (workspaces_of_event(payload), workspaces_of_interaction(payload)):
        teams = [each.team for each in keys]
        assert len(teams) == len(set(teams))
        assert not any(team.startswith("E") or "/" in team or not team for team in teams)
    removals_of(payload)
    added_workspaces_of(payload)


TEAMS = st.sampled_from(["T1", "T2", "T3"])


CHANNELS = st.sampled_from(["shared", "direct", "own"])


@given(own=TEAMS, author=TEAMS, context=st.none() | TEAMS, channel=CHANNELS)
def test_who_is_named_gets_it(own: str, author: str, context: str | None, channel: str) -> None:
    """Whom Slack names comes first. Another workspace comes in only where the channel is shared."""
    payload = event(
        authorized(own),
        channel="D1" if channel == "direct" else "C1",
        team_id=author,
        context_team_id=context,
        is_ext_shared_channel=channel != "own",
    )
    teams = [each.team for each in workspaces_of_event(payload)]
    assert teams[0] == own
    assert set(teams) == ({own, author, context} - {None} if channel == "shared" else {own})
