"""Measures how long it takes to read a small file of each kind, and the CPU time of its process.

    uv run python -m benchmarks.files [--runs 15]

Each file is read by a process of its own, which isolates itself first. The kinds take turns, so
that other work on the machine slows them down alike; the first turn does not count.
"""

import argparse
import asyncio
import resource
import time
from statistics import median

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.conversation.attachment import Attachment
from tests import sample_files

RUNS = 15
TEXT_BYTES = 10**6

EMAIL = b"From: Ana <ana@example.com>\r\nSubject: Hello\r\n\r\nHow are you?\r\n"

FILES = {
    "a text": ("text/plain", b"hello\n"),
    "a canvas": ("application/vnd.slack-docs", b"<html><body><h1>Plan</h1></body></html>"),
    "an email": ("message/rfc822", EMAIL),
    "a picture": ("image/png", sample_files.picture()),
    "a PDF": ("application/pdf", sample_files.pdf("hello")),
    "a Word document": ("", sample_files.docx("hello", "you")),
    "slides": ("", sample_files.pptx()),
    "a spreadsheet": ("", sample_files.xlsx()),
    "a recording": ("audio/mp4", sample_files.recording()),
}
"""The MIME type and the content of each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how often to read each file")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.runs))
    print("| file | time | CPU |\n| --- | --- | --- |")
    for name, taken in figures.items():
        seconds, cpu_seconds = map(median, zip(*taken[1:], strict=True))
        print(f"| {name} | {seconds * 1000:.0f} ms | {cpu_seconds * 1000:.0f} ms |")


async def measure(runs: int) -> dict[str, list[tuple[float, float]]]:
    """The seconds, and the CPU seconds, of each run; the first one is in addition."""
    sandbox = ExtractionSandbox()
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in FILES}
    for _ in range(1 + runs):
        for name, (mimetype, content) in FILES.items():
            began, cpu_began = time.perf_counter(), _cpu_seconds_of_children()
            await sandbox.extract(Attachment("F1", name, mimetype), content, TEXT_BYTES)
            taken = time.perf_counter() - began, _cpu_seconds_of_children() - cpu_began
            figures[name].append(taken)
    return figures


def _cpu_seconds_of_children() -> float:
    """The user and system time of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
