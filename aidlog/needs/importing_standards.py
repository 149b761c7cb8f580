"""Standards of help from a file: what a person, household or site is due, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.quantity import BaseUnit
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
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.needs.models import Basis
from aidlog.needs.standards import LARGEST_RATION, LONGEST_CYCLE_DAYS, SetStandard, set_standard
from aidlog.registry.looking_up import Items, KnownItem

_BASES = (
    Choice(Basis.PERSON.value, N_("Person"), exact=("people", "personne", "mtu", "umuntu"),
           like=("pp", "per person", "individual", "capita")),
    Choice(Basis.HOUSEHOLD.value, N_("Household"), exact=("ménage", "kaya", "urugo"),
           like=("hh", "family", "famille", "per household")),
    Choice(Basis.TWO_PERSONS.value, N_("Two persons"), exact=("two people", "deux personnes"),
           like=("per 2 people", "2 persons", "pair of people")),
    Choice(Basis.SITE.value, N_("Site"), exact=("camp", "kituo"), like=("per site",)),
)  # fmt: skip
_UNITS = (
    Choice("piece", N_("Piece"), exact=("pieces", "pièce"), like=("pcs", "unit", "each")),
    Choice("gram", N_("Gram"), exact=("g", "grams"), like=("gr",)),
    Choice("kilogram", N_("Kilogram"), exact=("kg", "kilograms"), like=("kgs",)),
    Choice("millilitre", N_("Millilitre"), exact=("ml",)),
    Choice("litre", N_("Litre"), exact=("l", "litres"), like=("ltr",)),
)
#: Unit → what it counts, base units in a millionth of it times a million.
_FACTORS = {
    "piece": (BaseUnit.PIECE, 1),
    "gram": (BaseUnit.GRAM, 1),
    "kilogram": (BaseUnit.GRAM, 1_000),
    "millilitre": (BaseUnit.MILLILITRE, 1),
    "litre": (BaseUnit.MILLILITRE, 1_000),
}

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
            for_all=True, note=N_("Person, household, two persons or site."),
            also=("basis", "per", "base", "pour chaque"), example=("person", "person"),
        ),
        Column(
            field="quantity", heading=N_("Quantity"), kind=Kind.DECIMAL, places=6, required=True,
            also=("qty", "ration", "quantité", "idadi", "umubare"), example=(1, "0.4"),
        ),
        Column(
            field="unit", heading=N_("Unit"), kind=Kind.WORD, choices=_UNITS, required=True,
            for_all=True, also=("uom", "unité", "kipimo", "igipimo"), example=("piece", "kilogram"),
        ),
        Column(
            field="recurs_days", heading=N_("Every … days"), kind=Kind.WHOLE,
            note=N_("Empty for what is given once."),
            also=("every days", "recurs", "cycle days", "days", "tous les jours"), example=("", 1),
        ),
        Column(
            field="source", heading=N_("Source"), kind=Kind.TEXT, required=True, for_all=True,
            note=N_("The handbook, or the meeting that decided it."),
            also=("reference", "handbook", "chanzo"), example=("Food cluster", "Food cluster"),
        ),
        Column(field="edition", heading=N_("Edition"), kind=Kind.TEXT, for_all=True,
               also=("year", "version", "édition"), example=("2026", "2026")),
        Column(
            field="valid_from", heading=N_("Valid from"), kind=Kind.DATE, required=True,
            for_all=True, also=("from", "valid since", "date", "valable dès"),
            example=(date(2026, 11, 1), date(2026, 11, 1)),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardLine:
    row: int
    item_id: int
    basis: Basis
    quantity: int
    recurs_days: int | None
    source: str
    edition: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStandards(ImportRows):
    lines: tuple[StandardLine, ...]


_NEEDED = frozenset({"item", "basis", "quantity", "unit", "source", "valid_from"})


def understand_standards(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the standards that the rows set; nothing is written."""
    actor.must(Permission.STANDARD_EDIT)
    items = Items(session)
    lines: list[StandardLine] = []
    findings: list[Finding] = []
    for row in question.rows:
        text = row.text("item")
        item = items.find(question.meaning("item", text)) if text else None
        if text and (item is None or not item.active):
            findings.append(unknown_word(row.number, "item", text, items.suggestions(text)))
        elif item is not None and row.values.keys() >= _NEEDED:
            wrong = _wrong(row, item)
            findings += wrong
            lines += [] if wrong else [_line(row, item)]
    return Understood(tuple(lines), tuple(findings))


def _wrong(row: Row, item: KnownItem) -> list[Finding]:
    counted_in, factor = _FACTORS[row.text("unit")]
    amount = (row.number_of("quantity") or 0) * factor
    days = row.number_of("recurs_days")
    if counted_in is not item.base_unit:
        what = Message(N_("{code} is counted in another unit. Write the quantity in it."),
                       {"code": item.code})  # fmt: skip
        return [Finding(row=row.number, field="unit", what=what)]
    if amount % 10**6 or not 0 < amount // 10**6 <= LARGEST_RATION:
        what = Message(
            N_("The quantity is from 1 to {largest} base units."), {"largest": LARGEST_RATION}
        )
        return [Finding(row=row.number, field="quantity", what=what)]
    if days is not None and not 0 < days <= LONGEST_CYCLE_DAYS:
        what = Message(
            N_("“Every … days” is from 1 to {longest}. Leave it empty for what is given once."),
            {"longest": LONGEST_CYCLE_DAYS},
        )
        return [Finding(row=row.number, field="recurs_days", what=what)]
    return []


def _line(row: Row, item: KnownItem) -> StandardLine:
    valid_from = row.day("valid_from")
    assert valid_from is not None
    return StandardLine(
        row=row.number,
        item_id=item.id,
        basis=Basis(row.text("basis")),
        quantity=(row.number_of("quantity") or 0) * _FACTORS[row.text("unit")][1] // 10**6,
        recurs_days=row.number_of("recurs_days"),
        source=row.text("source"),
        edition=row.text("edition"),
        valid_from=valid_from,
    )


def import_standards(session: Session, actor: Actor, command: ImportStandards) -> dict[str, Any]:
    """Set the standards, each from its day on; older ones stay, so that old plans hold."""
    for line in command.lines:
        with in_row(line.row):
            standard = SetStandard(
                command_id=command.command_id,
                item_id=line.item_id,
                basis=line.basis,
                quantity=line.quantity,
                recurs_days=line.recurs_days,
                source=line.source,
                edition=line.edition,
                valid_from=line.valid_from,
            )
            set_standard(session, actor, standard)
    return dict(counted(command.lines, 0, len(command.lines)))


STANDARDS = Importer(
    STANDARD_COLUMNS,
    Permission.STANDARD_EDIT,
    understand_standards,
    ImportStandards,
    import_standards,
)
