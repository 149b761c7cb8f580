"""One line a target: what was measured, the floor beside it, and whether the target is met."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """``target`` in words; ``met`` says whether ``measured`` (and its ratio) keeps it."""

    number: str
    what: str
    measured: str
    floor: str
    target: str
    met: bool


@dataclass(slots=True)
class Report:
    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        self.lines.append(line)

    def all_met(self) -> bool:
        return all(line.met for line in self.lines)

    def show(self) -> None:
        """Print a Markdown table, ready for performance notes."""
        sys.stdout.write(
            "| # | what | aidlog | floor | target | met |\n|---|---|---|---|---|---|\n"
        )
        for line in self.lines:
            cells = (line.number, line.what, line.measured, line.floor, line.target)
            sys.stdout.write(f"| {' | '.join(cells)} | {'yes' if line.met else 'NO'} |\n")
        missed = sum(not line.met for line in self.lines)
        sys.stdout.write(f"\n{len(self.lines) - missed} passed, {missed} failed\n")
