"""What Slack shows under a message."""

from typing import Any

import pytest

from slackbot.slack.message_text.attachments import (
    forwarded_files,
    is_unfurl,
    read_attachments,
)

Json = dict[str, Any]

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "from *blocks*"}}


@pytest.mark.parametrize(
    ("attachment", "text"),
    [
        (
            {
                "fallback": "never",
                "footer": "f",
                "fields": [{"title": "k", "value": "v"}, {"value": "w"}, {}],
                "text": "x",
                "title_link": "https://x.org",
                "title": "T",
                "author_name": "A",
                "author_subname": "a",
                "pretext": "p",
            },
            "p\nA a\nT (<https://x.org>)\nx\nk: v\nw\nf",
        ),
        ({"fallback": "all there is"}, "all there is"),
        ({"fallback": "[no preview available]"}, ""),
        ({"blocks": [SECTION], "fallback": "no"}, "from *blocks*"),
        ({"blocks": [SECTION], "text": "from blocks"}, "from *blocks*"),
        ({"blocks": [SECTION], "text": "more"}, "more\nfrom *blocks*"),
        (
            {
                "from_url": "https://x.org/",
                "title": "T",
                "title_link": "https://x.org/",
                "text": "x",
            },
            "[Preview of <https://x.org/>]\n&gt; T\n&gt; x",
        ),
        (
            {"from_url": "https://x.org/", "service_name": "X"},
            "[Preview of <https://x.org/>]\n&gt; X",
        ),
        ({"from_url": "https://x.org/"}, ""),
        ({"is_share": True, "text": "x\n\ny"}, "[Forwarded message]\n&gt; x\n&gt;\n&gt; y"),
        ({"is_share": True, "files": [{"id": "F1"}]}, "[Forwarded message]"),
        ({"is_share": True}, ""),
        ({"is_msg_unfurl": True, "private_channel_prompt": True, "text": "secret"}, ""),
        (
            {"is_share": True, "private_channel_prompt": True, "text": "shared"},
            "[Forwarded message]\n&gt; shared",
        ),
        (
            {
                "is_msg_unfurl": True,
                "author_id": "U1",
                "channel_id": "C1",
                "text": "x",
                "ts": "0.1",
            },
            "[Linked message from <@U1> (<#C1>, 1970-01-01 00:00 UTC)]\n&gt; x",
        ),
        (
            {
                "is_share": True,
                "is_msg_unfurl": True,
                "author_name": "Ben",
                "footer": "Thread in #ops",
                "channel_id": "C1",
                "from_url": "https://acme.slack.com/archives/C1/p1",
                "text": "from blocks",
                "fallback": "no",
                "message_blocks": [{"team": "T1", "message": {"blocks": [SECTION]}}],
            },
            (
                "[Forwarded message from Ben (Thread in #ops, "
                "<https://acme.slack.com/archives/C1/p1>)]\n&gt; from *blocks*"
            ),
        ),
        (
            {"is_share": True, "message_blocks": [SECTION]},
            "[Forwarded message]\n&gt; from *blocks*",
        ),
        (
            {
                "is_share": True,
                "text": "outer",
                "message_blocks": [{"message": {"attachments": [{"text": "inner"}]}}],
            },
            "[Forwarded message]\n&gt; outer\n&gt; inner",
        ),
    ],
)
def test_attachment(attachment: Json, text: str) -> None:
    """Its parts are read in the order in which people see them, and where it comes from first."""
    assert read_attachments([attachment]) == text


def test_several() -> None:
    """Attachments stand apart."""
    assert read_attachments([{"text": "a"}, {}, {"text": "b"}]) == "a\n\nb"


@pytest.mark.parametrize(
    ("attachment", "unfurled"),
    [
        ({"from_url": "https://x.org"}, True),
        ({"original_url": "https://x.org"}, True),
        ({"is_app_unfurl": True}, True),
        ({"is_msg_unfurl": True}, True),
        ({"is_msg_unfurl": True, "is_share": True, "from_url": "https://x.org"}, False),
        ({"title": "an alert", "title_link": "https://x.org"}, False),
        ({"blocks": []}, False),
    ],
)
def test_unfurls(attachment: Json, unfurled: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Slack adds previews by itself; what people forward and apps write is their own."""
    assert is_unfurl(attachment) is unfurled


def test_files() -> None:
    """Files come with forwarded and linked messages alone, each with the channel it was sent to."""
    files = [{"id": "F1"}, {"id": "F2"}, None]
    attachments: list[Json] = [
        {"is_share": True, "channel_id": "C1", "files": files},
        {"is_msg_unfurl": True, "files": [{"id": "F3"}]},
        {"from_url": "https://x.org", "files": [{"id": "F4"}]},
        {"is_msg_unfurl": True, "private_channel_prompt": True, "files": [{"id": "F0"}]},
        {"is_share": "yes", "files": [{"id": "F5"}]},
        {"is_share": True, "files": "F6"},
    ]
    found = [(file["id"], channel) for file, channel in forwarded_files(attachments)]
    assert found == [("F1", "C1"), ("F2", "C1"), ("F3", "")]
