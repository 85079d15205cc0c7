"""Which files of a thread are enclosed in a request."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.budget import (
    BULK,
    FILES_OF_A_REQUEST,
    MOST_BYTES,
    MOST_PAGES,
    chosen,
    light_enough,
    shared_out,
)
from slackbot.attachments.media_parts import FRAME, ImageContent, PdfContent, TextContent
from slackbot.conversation.attachment import FILES_OF_A_MESSAGE, Attachment
from slackbot.conversation.history import Turn, UserMessage

counts = st.lists(st.integers(0, 15), max_size=12)


def turns(files: list[int]) -> list[Turn]:
    return [
        Turn(
            (UserMessage("Ana", "look", files=tuple(Attachment(f"F{n}-{m}") for m in range(each))),)
        )
        for n, each in enumerate(files)
    ]


@given(counts)
def test_the_newest_are_chosen(files: list[int]) -> None:
    """All while they are few, and never fewer than the newest of those that may be."""
    readable = sum(min(each, FILES_OF_A_MESSAGE) for each in files)
    found = chosen(turns(files))
    assert len(found) <= FILES_OF_A_REQUEST
    assert len(found) >= min(readable, FILES_OF_A_REQUEST - BULK + 1)
    everything = [each for turn in turns(files) for each in turn.said[0].files]
    assert found == [each for each in everything if each in found]
    newest = [*range(min(files[-1], FILES_OF_A_MESSAGE))] if files else []
    assert [each.id for each in found if each.id.startswith(f"F{len(files) - 1}-")] == [
        f"F{len(files) - 1}-{m}" for m in newest
    ]


def test_they_leave_in_bulk() -> None:
    """With a picture in each turn, the first that is enclosed stays so for many turns."""
    firsts = [chosen(turns([1] * n))[0].id for n in range(1, 100)]
    changes = [n for n, (before, after) in enumerate(pairwise(firsts)) if before != after]
    assert len(changes) > 5
    assert min(after - before for before, after in pairwise(changes)) == BULK


heavy = st.builds(
    lambda size, text: PdfContent(bytes(size), TextContent("a.pdf", text, len(text)), 1),
    st.integers(0, 2 * MOST_BYTES),
    st.sampled_from(["", "a"]),
)


@given(st.lists(heavy, max_size=6))
def test_a_request_is_light_enough(sent: list[PdfContent]) -> None:
    """What is sent as it is takes no more bytes than that; what would is there as its text, and the
    newest comes first.
    """
    prepared = {str(number): pdf for number, pdf in enumerate(sent)}
    light = light_enough(prepared)
    whole = [name for name, it in light.items() if isinstance(it, PdfContent)]
    assert sum(len(prepared[name].content) for name in whole) <= MOST_BYTES
    assert light == {name: pdf if name in whole else pdf.extract for name, pdf in prepared.items()}
    if sent and len(sent[-1].content) <= MOST_BYTES:
        assert str(len(sent) - 1) in whole


extracts = st.integers(1, 4_000).map(lambda size: TextContent("a.txt", "a" * size, size))
pdfs = st.builds(PdfContent, st.just(b""), extracts, st.integers(1, 2 * MOST_PAGES))
pictures = st.just(ImageContent(b"", "image/png", 640, 480))


@given(st.lists(extracts | pdfs | pictures, max_size=8), st.integers(0, 20_000))
def test_a_turn_has_its_part_of_a_request(
    sent: list[TextContent | PdfContent | ImageContent], tokens: int
) -> None:
    """What is enclosed takes no more than that, but for the line that says that a text is there;
    PDFs that are too dear or too long are read as text, and only pictures are left out.
    """
    turn = turns([len(sent)])[0]
    prepared = dict(zip((file.id for file in turn.said[0].files), sent, strict=True))
    shared = shared_out(turn, prepared, tokens)
    lines = sum(TextContent("a.txt", "", 4_000).tokens for _ in shared)
    assert sum(each.tokens for each in shared.values()) <= tokens + lines
    assert all(isinstance(prepared[name], ImageContent) for name in prepared.keys() - shared.keys())
    for name, each in shared.items():
        assert isinstance(each, ImageContent) == isinstance(prepared[name], ImageContent)
        assert not isinstance(each, PdfContent) or each.pages <= MOST_PAGES
    if sum(each.tokens + FRAME for each in sent) <= tokens:
        assert all(
            shared[name] == each
            for name, each in prepared.items()
            if not isinstance(each, PdfContent)
        )
