"""Writes code into Markdown, in marks that are longer than those in the code itself.

https://spec.commonmark.org/0.31.2/#fenced-code-blocks
https://spec.commonmark.org/0.31.2/#code-spans
"""

import re

_BACKTICKS = re.compile("`+")


def code_block(code: str, language: str = "") -> str:
    mark = "`" * max(3, _longest_run(code) + 1)
    return f"{mark}{language}\n{code}\n{mark}"


def code_span(code: str) -> str:
    mark = "`" * (_longest_run(code) + 1)
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{mark}{space}{code}{space}{mark}"


def _longest_run(code: str) -> int:
    return max(map(len, _BACKTICKS.findall(code)), default=0)
