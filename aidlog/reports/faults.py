"""Where in a file something is wrong, in the words of the person who filled it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message

#: So many faults are listed; the rest are counted. A person fixes one kind and tries again.
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class FileFault:
    """One fault. ``row`` counts from 1 as the spreadsheet does; 0 means the whole sheet.

    ``sheet`` is "" where the file has no sheets, as a text file has none.
    """

    sheet: str
    row: int
    column: str
    heading: str
    what: Message

    def sentence(self) -> Message:
        """Return the fault as one sentence: where it is, what it is, what to do."""
        values = {
            "sheet": self.sheet, "row": self.row, "column": self.column,
            "heading": self.heading, "what": self.what,
        }  # fmt: skip
        if not self.sheet:
            return self._without_sheet(values)
        if self.row and self.column:
            return Message(N_("{sheet}, row {row}, column {column} “{heading}”: {what}"), values)
        if self.row and self.heading:
            return Message(N_("{sheet}, row {row}, “{heading}”: {what}"), values)
        if self.row:
            return Message(N_("{sheet}, row {row}: {what}"), values)
        return Message(N_("{sheet}: {what}"), values)

    def _without_sheet(self, values: dict[str, object]) -> Message:
        if self.row and self.column:
            return Message(N_("Row {row}, column {column} “{heading}”: {what}"), values)
        if self.row and self.heading:
            return Message(N_("Row {row}, “{heading}”: {what}"), values)
        return Message(N_("Row {row}: {what}"), values) if self.row else self.what


class FileRefused(Refusal):
    """The file was read and cannot be used; ``faults`` holds everything that is wrong."""

    def __init__(self, faults: Sequence[FileFault]) -> None:
        assert faults, "a refusal says what is wrong"
        super().__init__(
            Message(
                N_("The file was not used. {count} thing must be put right:"),
                {"count": len(faults)},
                plural=N_("The file was not used. {count} things must be put right:"),
                count=len(faults),
            )
        )
        self.faults = tuple(faults)

    def sentences(self) -> tuple[Message, ...]:
        """Return the sentences to show: at most :data:`MOST_SHOWN`, then how many more."""
        shown = tuple(fault.sentence() for fault in self.faults[:MOST_SHOWN])
        more = len(self.faults) - len(shown)
        return (*shown, Message(N_("and {more} more."), {"more": more})) if more else shown
