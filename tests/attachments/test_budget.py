from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.budget import (
    FILES_DROPPED_AT_ONCE,
    MAX_FILES_PER_REQUEST,
    MAX_PDF_PAGES,
    MAX_REQUEST_BYTES,
    limit_bytes,
    select_attachments,
    share_tokens,
)
from slackbot.attachments.media_parts import (
    TEXT_WRAPPER_BYTES,
    ImageContent,
    PdfContent,
    TextContent,
)
from slackbot.conversation.attachment import MAX_FILES_PER_MESSAGE, Attachment
from slackbot.conversation.history import Turn, UserMessage

counts = st.lists(st.integers(0, 15), max_size=12)


def turns_with(files: list[int]) -> list[Turn]:
    return [
        Turn(
            (UserMessage("Ana", "look", files=tuple(Attachment(f"F{n}-{m}") for m in range(each))),)
        )
        for n, each in enumerate(files)
    ]


@given(counts)
def test_newest_are_selected(files: list[int]) -> None:
    """The newest files are selected, up to the limit and in their order."""
    readable = sum(min(each, MAX_FILES_PER_MESSAGE) for each in files)
    found = select_attachments(turns_with(files))
    assert len(found) <= MAX_FILES_PER_REQUEST
    assert len(found) >= min(readable, MAX_FILES_PER_REQUEST - FILES_DROPPED_AT_ONCE + 1)
    everything = [each for turn in turns_with(files) for each in turn.messages[0].files]
    assert found == [each for each in everything if each in found]
    newest = [*range(min(files[-1], MAX_FILES_PER_MESSAGE))] if files else []
    assert [each.id for each in found if each.id.startswith(f"F{len(files) - 1}-")] == [
        f"F{len(files) - 1}-{m}" for m in newest
    ]


def test_older_ones_leave_in_groups() -> None:
    """With a picture in each turn, the oldest selected one stays the same for many turns."""
    firsts = [select_attachments(turns_with([1] * n))[0].id for n in range(1, 100)]
    changes = [n for n, (before, after) in enumerate(pairwise(firsts)) if before != after]
    assert len(changes) > 5
    assert min(after - before for before, after in pairwise(changes)) == FILES_DROPPED_AT_ONCE


large_pdfs = st.builds(
    lambda size, text: PdfContent(bytes(size), TextContent("a.pdf", text, len(text)), 1),
    st.integers(0, 2 * MAX_REQUEST_BYTES),
    st.sampled_from(["", "a"]),
)


@given(st.lists(large_pdfs, max_size=6))
def test_limit_bytes(sent: list[PdfContent]) -> None:
    """The newest files that fit are sent whole, and older PDFs as their text."""
    prepared = {str(number): pdf for number, pdf in enumerate(sent)}
    kept = limit_bytes(prepared)
    whole = [name for name, it in kept.items() if isinstance(it, PdfContent)]
    assert sum(len(prepared[name].content) for name in whole) <= MAX_REQUEST_BYTES
    assert kept == {name: pdf if name in whole else pdf.extract for name, pdf in prepared.items()}
    if sent and len(sent[-1].content) <= MAX_REQUEST_BYTES:
        assert str(len(sent) - 1) in whole


extracts = st.integers(1, 4_000).map(lambda size: TextContent("a.txt", "a" * size, size))
pdfs = st.builds(PdfContent, st.just(b""), extracts, st.integers(1, 2 * MAX_PDF_PAGES))
pictures = st.just(ImageContent(b"", "image/png", 640, 480))


@given(st.lists(extracts | pdfs | pictures, max_size=8), st.integers(0, 20_000))
def test_share_tokens(sent: list[TextContent | PdfContent | ImageContent], tokens: int) -> None:
    """A turn's files take no more tokens than they may, except for the tags around a text; PDFs
    that are too long become text, and only pictures are left out.
    """
    turn = turns_with([len(sent)])[0]
    prepared = dict(zip((file.id for file in turn.messages[0].files), sent, strict=True))
    shared = share_tokens(turn, prepared, tokens)
    lines = sum(TextContent("a.txt", "", 4_000).tokens for _ in shared)
    assert sum(each.tokens for each in shared.values()) <= tokens + lines
    assert all(isinstance(prepared[name], ImageContent) for name in prepared.keys() - shared.keys())
    for name, each in shared.items():
        assert isinstance(each, ImageContent) == isinstance(prepared[name], ImageContent)
        assert not isinstance(each, PdfContent) or each.pages <= MAX_PDF_PAGES
    if sum(each.tokens + TEXT_WRAPPER_BYTES for each in sent) <= tokens:
        assert all(
            shared[name] == each
            for name, each in prepared.items()
            if not isinstance(each, PdfContent)
        )
