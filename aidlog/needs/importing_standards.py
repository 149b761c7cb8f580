"""Standards of help from a file: what a person, household or site is due, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Refusal
from aidlog.core.sheets import (
    Choice,
    Column,
    Finding,
    Kind,
    Question,
    Row,
    SheetPlan,
    Understood,
    unknown_word,
)
from aidlog.core.text import N_, Message
from aidlog.db.commands import new_id
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.needs.models import Basis, Climate, Phase, Standard
from aidlog.needs.standards import SetStandard, check_standard, set_standard
from aidlog.registry.item_words import COUNTED_IN, MEASURES
from aidlog.registry.looking_up import Items, KnownItem

_BASES = (
    Choice(Basis.PERSON.value, N_("Person"), exact=("people", "personne", "mtu", "umuntu"),
           like=("pp", "per person", "individual", "capita")),
    Choice(Basis.HOUSEHOLD.value, N_("Household"), exact=("ménage", "kaya", "urugo"),
           like=("hh", "family", "famille", "per household")),
    Choice(Basis.TWO_PERSONS.value, N_("Two persons"), exact=("two people", "deux personnes"),
           like=("per 2 people", "2 persons", "pair of people")),
    Choice(Basis.CHILD_UNDER_5.value, N_("Child under 5"), exact=("enfant de moins de 5 ans",),
           like=("under 5", "u5", "children under five", "child")),
    Choice(Basis.INFANT.value, N_("Infant under 1"), exact=("infant", "nourrisson"),
           like=("baby", "under 1", "child")),
    Choice(Basis.MENSTRUATING.value, N_("Person who menstruates"),
           exact=("people who menstruate",), like=("woman", "women and girls", "femme", "girl")),
    Choice(Basis.OLDER_PERSON.value, N_("Person of 60 or older"),
           exact=("older person", "personne âgée"), like=("elderly", "over 60", "60+")),
    Choice(Basis.HOUSEHOLD_WITH_INFANT.value, N_("Household with an infant"),
           like=("hh with infant", "household with baby")),
    Choice(Basis.FACILITY.value, N_("Facility"), exact=("installation",),
           like=("latrine", "tap", "water point", "health post")),
    Choice(Basis.SITE.value, N_("Site"), exact=("camp", "kituo"), like=("per site",)),
)  # fmt: skip
_PHASES = (
    Choice(Phase.ANY.value, N_("In every phase"), exact=("all",)),
    Choice(Phase.FIRST_WEEKS.value, N_("First weeks"), like=("emergency", "acute", "urgence")),
    Choice(Phase.STABLE.value, N_("Stable"), like=("care and maintenance", "protracted")),
)
_CLIMATES = (
    Choice(Climate.ANY.value, N_("In every climate"), exact=("all",)),
    Choice(Climate.COLD.value, N_("Cold"), exact=("froid",), like=("winter", "hiver")),
    Choice(Climate.MILD.value, N_("Mild"), exact=("tempéré",), like=("temperate",)),
    Choice(Climate.HOT.value, N_("Hot"), exact=("chaud",), like=("tropical", "warm")),
)

STANDARD_COLUMNS = SheetPlan(
    "standards",
    N_("Standards"),
    N_("What each person, household or site is due, with the source that says so."),
    (
        Column(
            field="item", heading=N_("Item"), kind=Kind.TEXT, required=True,
            note=N_("Code or name, as in the catalogue."),
            also=("item code", "code", "item name", "article", "bidhaa", "ikintu"),
            hxl=("#item+code", "#item+name", "#item"), example=("MATPLA1", "RICE25"),
        ),
        Column(
            field="basis", heading=N_("For each"), kind=Kind.WORD, choices=_BASES, required=True,
            for_all=True, note=N_("Person, household, child under 5, facility, site …"),
            also=("basis", "per", "base", "pour chaque"), example=("person", "person"),
        ),
        Column(
            field="serves", heading=N_("Serves so many people"), kind=Kind.WHOLE,
            note=N_("Only for a facility: 20 where one latrine is for 20 people."),
            also=("people per facility", "people served"), example=("", ""),
        ),
        Column(
            field="quantity", heading=N_("Quantity"), kind=Kind.DECIMAL, places=6, required=True,
            also=("qty", "ration", "quantité", "idadi", "umubare"), example=(1, "0.4"),
        ),
        Column(
            field="unit", heading=N_("Unit"), kind=Kind.WORD, choices=COUNTED_IN, required=True,
            for_all=True, also=("uom", "unité", "kipimo", "igipimo"), example=("piece", "kilogram"),
        ),
        Column(
            field="recurs_days", heading=N_("Every … days"), kind=Kind.WHOLE,
            note=N_("Empty for what is given once."),
            also=("every days", "recurs", "cycle days", "days", "tous les jours"), example=("", 1),
        ),
        Column(
            field="source", heading=N_("Source"), kind=Kind.TEXT, required=True, for_all=True,
            longest=200, note=N_("The handbook, or the meeting that decided it."),
            also=("reference", "handbook", "chanzo"), example=("Food cluster", "Food cluster"),
        ),
        Column(field="edition", heading=N_("Edition"), kind=Kind.TEXT, for_all=True,
               longest=80, also=("year", "version", "édition"), example=("2026", "2026")),
        Column(
            field="valid_from", heading=N_("Valid from"), kind=Kind.DATE, required=True,
            for_all=True, also=("from", "valid since", "date", "valable dès"),
            example=(date(2026, 11, 1), date(2026, 11, 1)),
        ),
        Column(
            field="phase", heading=N_("Phase"), kind=Kind.WORD, choices=_PHASES, for_all=True,
            note=N_("Empty is in every phase."), example=("", ""),
        ),
        Column(
            field="climate", heading=N_("Climate"), kind=Kind.WORD, choices=_CLIMATES,
            for_all=True, note=N_("Empty is in every climate."), also=("climat",),
            example=("", ""),
        ),
        Column(
            field="in_force", heading=N_("In force"), kind=Kind.YES_NO, for_all=True,
            note=N_("No: it stands beside the others, to be compared. Empty is yes."),
            also=("holds", "en vigueur"), example=("", ""),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardLine:
    """One standard as a file says it; ``quantity`` base units, as in SetStandard."""

    row: int
    item_id: int
    basis: Basis
    quantity: int
    per: int
    recurs_days: int | None
    phase: Phase
    climate: Climate
    in_force: bool
    source: str
    edition: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStandards(ImportRows):
    lines: tuple[StandardLine, ...]


_NEEDED = frozenset({"item", "basis", "quantity", "unit", "source", "valid_from"})
#: Quantities arrive in millionths.
_PARTS = 10**6
#: What one standard in force decides: an item, in a phase and climate, from a day on.
_Decided = tuple[int, Phase, Climate, date]


def understand_standards(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the standards that the rows set; nothing is written."""
    actor.must(Permission.STANDARD_EDIT)
    items = Items(session)
    lines: list[StandardLine] = []
    findings: list[Finding] = []
    first: dict[_Decided, int] = {}
    for row in question.rows:
        item = question.named(row, "item", items, findings)
        if item is None:
            continue
        if not item.active:
            text = row.text("item")
            findings.append(unknown_word(row.number, "item", text, items.suggestions(text)))
        elif row.values.keys() >= _NEEDED:
            line, wrong = _line(row, item)
            wrong = wrong or _twin(line, first) or _in_the_books(session, line)
            findings += wrong
            lines += [] if wrong else [line]
    return Understood(tuple(lines), tuple(findings))


def _line(row: Row, item: KnownItem) -> tuple[StandardLine, list[Finding]]:
    """Return what a row says, and what of it cannot be."""
    valid_from = row.day("valid_from")
    assert valid_from is not None
    counted_in, factor = MEASURES[row.text("unit")]
    quantity, rest = divmod((row.number_of("quantity") or 0) * factor, _PARTS)
    serves = row.number_of("serves")
    line = StandardLine(
        row=row.number,
        item_id=item.id,
        basis=Basis(row.text("basis")),
        quantity=quantity,
        per=1 if serves is None else serves,
        recurs_days=row.number_of("recurs_days"),
        phase=Phase(row.text("phase") or Phase.ANY),
        climate=Climate(row.text("climate") or Climate.ANY),
        in_force=row.flag("in_force", otherwise=True),
        source=row.text("source"),
        edition=row.text("edition"),
        valid_from=valid_from,
    )
    if counted_in is not item.base_unit:
        what = Message(N_("{code} is counted in another unit. Write the quantity in it."),
                       {"code": item.code})  # fmt: skip
        return line, [Finding(row=row.number, field="unit", what=what)]
    if rest:
        what = Message(N_("This is not a whole number of pieces, grams or millilitres. Write one "
                          "that is."))  # fmt: skip
        return line, [Finding(row=row.number, field="quantity", what=what)]
    try:
        check_standard(_command(new_id(), line), item.base_unit)
    except Refusal as refusal:
        field = "serves" if refusal.field == "per" else refusal.field or ""
        return line, [Finding(row=row.number, field=field, what=refusal.message)]
    return line, []


def _twin(line: StandardLine, first: dict[_Decided, int]) -> list[Finding]:
    """Tell two rows that would decide the same: one of them would never hold."""
    if not line.in_force:
        return []
    same = first.setdefault((line.item_id, line.phase, line.climate, line.valid_from), line.row)
    if same == line.row:
        return []
    what = Message(N_("Row {row} sets a standard for this item from the same day on. Keep one of "
                      "the two, or write that one is not in force."), {"row": same})  # fmt: skip
    return [Finding(row=line.row, field="item", what=what)]


def _in_the_books(session: Session, line: StandardLine) -> list[Finding]:
    """Tell a standard that was set before, from the same day on: a list sent twice adds none."""
    known = session.scalar(
        select(Standard.id)
        .where(
            Standard.item_id == line.item_id,
            Standard.basis == line.basis,
            Standard.quantity == line.quantity,
            Standard.per == line.per,
            Standard.phase == line.phase,
            Standard.climate == line.climate,
            Standard.in_force == line.in_force,
            Standard.recurs_days.is_not_distinct_from(line.recurs_days),
            Standard.source == line.source.strip(),
            Standard.edition == line.edition.strip(),
            Standard.valid_from == line.valid_from,
        )
        .limit(1)
    )
    if known is None:
        return []
    what = Message(N_("This is in the books already. Delete the row."))
    return [Finding(row=line.row, field="item", what=what)]


def _command(command_id: str, line: StandardLine) -> SetStandard:
    return SetStandard(
        command_id=command_id,
        item_id=line.item_id,
        basis=line.basis,
        quantity=line.quantity,
        per=line.per,
        recurs_days=line.recurs_days,
        phase=line.phase,
        climate=line.climate,
        in_force=line.in_force,
        source=line.source,
        edition=line.edition,
        valid_from=line.valid_from,
    )


def import_standards(session: Session, actor: Actor, command: ImportStandards) -> dict[str, Any]:
    """Set the standards, each from its day on; older ones stay, so that old plans hold."""
    for line in command.lines:
        with in_row(line.row):
            set_standard(session, actor, _command(command.command_id, line))
    return dict(counted(command.lines, 0, len(command.lines)))


STANDARDS = Importer(
    STANDARD_COLUMNS,
    Permission.STANDARD_EDIT,
    understand_standards,
    ImportStandards,
    import_standards,
)
