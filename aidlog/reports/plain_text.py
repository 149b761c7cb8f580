"""Text that a cell of a spreadsheet can hold."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT = 32_000


def plain_text(text: str) -> str:
    """Return ``text`` without what a spreadsheet cannot hold, no longer than a cell may be."""
    return _FORBIDDEN.sub("", text)[:_LONGEST_TEXT]
