"""One file on its way into the books: read, understood, and everything wrong with it named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.sheets import Finding, Question
from aidlog.core.spelling import bare
from aidlog.core.text import N_, Message
from aidlog.db.imports import Importer
from aidlog.reports.any_file import FileCells
from aidlog.reports.faults import FileFault
from aidlog.reports.importing.choices import Choices
from aidlog.reports.importing.reading import Reading, read_rows
from aidlog.reports.importing.tables import Found, Translate, find_table
from aidlog.reports.problem_tables import letter

#: So many spellings are asked about at once; whoever settled these is asked about the rest.
MOST_ASKED = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A spelling that names nothing known: in how many rows, and what it may mean."""

    field: str
    heading: str
    spelling: str
    rows: int
    suggestions: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The spelling as it is kept among the meanings."""
        return bare(self.spelling)


@dataclass(frozen=True)
class Checked:
    """What a file says, and what is in its way.

    ``lines`` are those of the command; with ``stopping`` findings there will be none.
    """

    importer: Importer
    found: Found
    reading: Reading
    lines: tuple[object, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def stopping(self) -> tuple[FileFault, ...]:
        """What has to be put right before anything is imported, from top to bottom."""
        return self._shown(f for f in self.findings if f.stops)

    @cached_property
    def unasked(self) -> tuple[FileFault, ...]:
        """What stops, without the words that can be settled once for the file."""
        return self._shown(f for f in self.findings if f.stops and not f.spelling)

    @cached_property
    def remarks(self) -> tuple[FileFault, ...]:
        """What is worth a look, and stops nothing."""
        return self._shown(f for f in self.findings if not f.stops)

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """The spellings that can be settled once for the file, most rows first."""
        rows: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings:
            if finding.spelling:
                rows.setdefault((finding.field, bare(finding.spelling)), []).append(finding)
        asked = [
            Asked(
                field=field,
                heading=self.importer.plan.column(field).heading,
                spelling=together[0].spelling,
                rows=len(together),
                suggestions=together[0].suggestions,
            )
            for (field, _), together in rows.items()
        ]
        return tuple(sorted(asked, key=lambda one: -one.rows)[:MOST_ASKED])

    @property
    def ready(self) -> bool:
        """True where the file can be imported as it is."""
        return bool(self.lines) and not self.stopping

    def _shown(self, findings: Iterable[Finding]) -> tuple[FileFault, ...]:
        """Return findings as faults, from top to bottom."""
        chosen = sorted(findings, key=lambda finding: (finding.row, self._place(finding)))
        return tuple(self._fault(finding) for finding in chosen)

    def _place(self, finding: Finding) -> int:
        return self.found.places.get(finding.field, -1)

    def _fault(self, finding: Finding) -> FileFault:
        place = self._place(finding)
        heading = ""
        if finding.field:
            heading = self.importer.plan.column(finding.field).heading
        return FileFault(
            sheet=self.found.cells.name,
            row=finding.row,
            column=letter(place) if place >= 0 else "",
            heading=next(
                (seen.heading for seen in self.found.columns
                 if seen.place == place and seen.heading), heading
            ),
            what=finding.what,
        )  # fmt: skip


def check_file(  # noqa: PLR0913, PLR0917 - who asks, what, and how it was settled
    session: Session,
    actor: Actor,
    importer: Importer,
    file: FileCells,
    organisation_id: int,
    choices: Choices,
    translations: Sequence[Translate] = (),
) -> Checked:
    """Read ``file`` as a list of ``importer``'s kind, and hold it against the books.

    Nothing is written. The statements are those of the slice; rows that could not be read
    are told and left out.

    Raises:
        NoTable: the list was not found in the file.
        NotAllowed, NotFound: the actor may not import this.
    """
    actor.must(importer.permission)
    actor.must_own(organisation_id)
    found = find_table(importer.plan, file, choices, translations)
    reading = read_rows(found, choices, translations)
    question = Question(reading.rows, organisation_id, choices.meanings)
    understood = importer.understand(session, actor, question)
    return Checked(
        importer,
        found,
        reading,
        understood.lines,
        (*reading.findings, *_left_out(found), *understood.findings),
    )


def _left_out(found: Found) -> list[Finding]:
    """Return remarks on the columns and sheets that are not read, and why."""
    remarks = []
    for seen in found.columns:
        if seen.field or not (seen.heading or seen.tag):
            continue
        name = seen.heading or seen.tag
        if seen.personal:
            template = N_("Column {column} “{heading}” looks like personal data and is left out.")
        elif seen.position:
            template = N_("Column {column} “{heading}” looks like positions and is left out; they "
                          "are entered at each site by whoever may know them.")  # fmt: skip
        elif seen.twin is not None:
            continue
        else:
            template = N_("Column {column} “{heading}” is not read.")
        remarks.append(Message(template, {"column": seen.letter, "heading": name[:60]}))
    remarks += [
        Message(N_("Sheet “{sheet}” is not read."), {"sheet": name}) for name in found.other_sheets
    ]
    return [Finding(row=0, what=what, stops=False) for what in remarks]
