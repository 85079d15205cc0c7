"""A model that somebody else controls hides text in its answer, or leads people elsewhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from slackbot.conversation.deltas import TextDelta
from slackbot.conversation.draft import Draft
from slackbot.markdown.covert_text import REPLACEMENT
from slackbot.markdown.preview import to_preview
from slackbot.markdown.rendering import to_slack, to_slack_stream
from slackbot.playground.fake_openai.script import Script, says
from tests.harness import BotHarness

TAGS = "".join(chr(0xE0000 + ord(sign)) for sign in "password: hunter2")
BYTES = "".join(chr(0xE0100 + byte) for byte in b"password: hunter2")
BITS = "".join("\u200b" if bit == "0" else "\u200c" for bit in f"{int.from_bytes(b'pin'):b}")

BLOCKS = [
    "\n\n",
    "> ",
    "- ",
    "   ",
    "```\n",
    "~~~",
    "`",
    "word",
    "*",
    "| a |\n|-|\n",
    "[x]: ",
    "\\",
]

LABELS = [
    "[https://github.com/team](https://evil.example/?d=secret)",
    "[github.com](<https://evil.example>)",
    "![www.github.com](https://evil.example/a.png)",
    "[**github.com**, our `code`](https://evil.example)",
    "[https&#58;//github.com](https://evil.example)",
    "[https:\\/\\/github.com](https://evil.example)",
    "[see [https://github.com]](https://evil.example)",
    "[https://github.com](https://github.com@evil.example/)",
    "[https://github.com](https://github.com.evil.example/)",
    "[docs.github.com][1]\n\n[1]: https://evil.example",
    "[https://github.com]: https://evil.example",
    "<https://evil.example|https://github.com>",
]

HONEST = [
    "[our code](https://github.com/team)",
    "[https://github.com](https://github.com/team?a=b)",
    "[github.com](https://www.github.com/team)",
    "[www.github.com](https://github.com)",
    "[python.org](https://docs.python.org/3/)",
    "[README.md](https://github.com/team/README.md) and [socket.io](https://npmjs.com/socket.io)",
    "[ana@acme.com](mailto:ana@acme.com)",
    "<https://github.com>\n\n- [ ] see (https://acme.com) [1]: good",
    "```md\n[github.com](https://evil.example)\n<!-- a comment -->\n<https://a.b|https://c.d>\n```",
    "1. HTML:\n   ```html\n   <pre>a</pre>\n   <!-- a comment -->\n   ```",
    "a <!-- comment --> within a line, and `<pre>` in code",
]


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_invisible_text(harness: BotHarness, streaming: str) -> None:
    """What nobody sees in an answer reaches neither the channel nor the next turn: people see signs
    in its place.
    """
    hidden = f"{TAGS}{BYTES}{BITS}"
    harness.model.enqueue(Script(tuple({"content": each} for each in f"All is well.{hidden}")))
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        question, shown = await harness.ask("how are we?")
        await harness.ask("and now?", thread=question.ts)
    assert shown.count(REPLACEMENT) >= len(hidden) - 2
    assert shown == harness.history()[1][2]
    sent = [str(call.args) for call in harness.workspace.calls if call.method.startswith("chat.")]
    assert not [each for each in sent if any(part[:3] in each for part in (TAGS, BYTES, BITS))]


@pytest.mark.parametrize(
    "text",
    [
        "👩‍❤️‍💋‍👨 🏳️‍🌈 1️⃣ 👍🏽 ❤️",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f wins",
        "می‌خواهم، \u2067אבג\u2069\u200f, क्‍ष, 葛\U000e0100飾区",
        "a\r\nb\r\n\r\nc\n",
    ],
)
def test_scripts_and_emoji(text: str) -> None:
    """Emoji, flags, Persian, Hebrew, Hindi and Japanese names keep their invisible characters,
    however they arrive.
    """
    draft = Draft()
    for character in text:
        draft.add(TextDelta(character))
        assert REPLACEMENT not in draft.text
    assert draft.text == text


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_misleading_labels(harness: BotHarness, streaming: str) -> None:
    """A label that names another address is no link: people see both addresses."""
    harness.model.enqueue(Script(tuple({"content": each} for each in "\n\n".join(LABELS))))
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        _, shown = await harness.ask("where is it?")
    html = str(MarkdownIt().render(shown))
    assert not re.search(r"<img|<a [^>]*>(?:<[^>]*>|see )*\[?(?:https://|www.|docs.)?github", html)
    assert html.count("evil.example") >= len(LABELS)


@pytest.mark.parametrize("text", HONEST)
def test_honest_links(text: str) -> None:
    """Labels of words, names that look like addresses, and code stay as they are."""
    assert to_slack(text) == text


@given(st.lists(st.sampled_from([*LABELS, *HONEST, "[", "]", "(", "<", "!", "a.com", "\n", "`"])))
def test_a_growing_text_stays(pieces: list[str]) -> None:
    """What a stream has sent is the beginning of what the whole text becomes."""
    text, before = "".join(pieces), ""
    for end in range(len(text) + 1):
        sent = to_slack_stream(text[:end])
        assert sent.startswith(before)
        before = sent
    assert to_slack(text).startswith(before)


@given(
    st.lists(
        st.sampled_from(
            ["<!--", "<?", "<script>", "<pre>\n", "<![CDATA[", "<!D", "\r", "\u2028", "\n", *BLOCKS]
        ),
        max_size=8,
    )
)
def test_what_stands_below(pieces: list[str]) -> None:
    """Nothing in a text reaches into what the bot writes below it."""
    draft = Draft()
    draft.add(TextDelta("".join(pieces)))
    below = to_slack(f"{to_preview(draft.text)}\n\nA note of the bot's.")
    *_, opening, note, closing = MarkdownIt().parse(below)
    assert (opening.type, note.content, closing.level) == (
        "paragraph_open",
        "A note of the bot's.",
        0,
    )


async def test_an_answer_as_usual(harness: BotHarness) -> None:
    """A model that explains emoji, links and HTML is shown as it wrote."""
    answer = "Use `:warning:` for warnings.\n\n| a | b |\n|---|---|\n| 👍🏽 | [docs](https://a.b) |"
    harness.model.enqueue(says(answer.replace("`:warning:`", "`:tada:`")))
    async with harness.running():
        _, shown = await harness.ask("how?")
    assert shown == answer.replace("`:warning:`", "`:tada:`")
