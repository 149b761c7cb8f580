"""Needs from a file: figures of assessments, and what sites ask for on paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.sheets import Finding, Question, Row, Understood
from aidlog.core.text import N_, Message
from aidlog.db.commands import new_id
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.needs.assessments import Found, RecordAssessment, check_assessment, record_assessment
from aidlog.needs.models import Assessment, Confidence, Requisition, RequisitionLine
from aidlog.needs.needs_columns import ASKED, NEEDS_COLUMNS
from aidlog.needs.requisitions import AskedFor, AskForGoods, ask_for_goods, check_asked
from aidlog.registry.item_words import MEASURES
from aidlog.registry.looking_up import Items, KnownItem, Places
from aidlog.registry.models import PlaceKind

#: Quantities arrive in millionths.
_PARTS = 10**6
_NEEDED = frozenset({"kind", "quantity", "unit", "day", "source"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedLine:
    """One row: ``quantity`` base units of an item at a site, assessed or asked for."""

    row: int
    kind: str
    place_id: int
    item_id: int
    quantity: int
    day: date
    until: date | None
    source: str
    method: str
    confidence: Confidence | None
    reason: str
    paper: str

    @property
    def request(self) -> tuple[object, ...]:
        """Rows that agree in this are one request."""
        return self.place_id, self.day, self.until, self.source, self.reason, self.paper


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportNeeds(ImportRows):
    lines: tuple[NeedLine, ...]


class _Wrong(Exception):
    def __init__(self, field: str, what: Message) -> None:
        super().__init__(str(what))
        self.field, self.what = field, what


def understand_needs(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the needs that the rows hold; nothing is written."""
    for needed, what in (
        ({"site_code", "site_name"},
         N_("No row names a site. Say which column does, or say it once for all.")),
        ({"item_code", "item_name"},
         N_("No row names an item. Say which column holds its code or its name.")),
    ):  # fmt: skip
        if question.rows and not any(row.values.keys() & needed for row in question.rows):
            return Understood((), (Finding(row=0, field=min(needed), what=Message(what)),))
    sites = Places(session, actor, kinds=(PlaceKind.SITE,), permission=Permission.POPULATION_UPDATE)
    items = Items(session)
    lines: list[NeedLine] = []
    findings: list[Finding] = []
    first: dict[tuple[object, ...], int] = {}
    for row in question.rows:
        site = _named(row, "site", question, sites, findings)
        item = _named(row, "item", question, items, findings)
        if site is None or item is None or not row.values.keys() >= _NEEDED:
            continue
        try:
            line = _line(row, site.id, item)
            _check(actor, line)
            _once(line, first)
            _not_in_the_books(session, line)
        except _Wrong as wrong:
            findings.append(Finding(row=row.number, field=wrong.field, what=wrong.what))
        else:
            lines.append(line)
    return Understood(tuple(lines), tuple(findings))


def _named(row: Row, what: str, question: Question, known: Any, findings: list[Finding]) -> Any:
    """Return the site or item that a row names, by its code, else by its name."""
    field = f"{what}_code" if row.text(f"{what}_code") else f"{what}_name"
    if not row.text(field):
        missing = (
            N_("The row names no site. Write its code or its name.")
            if what == "site"
            else N_("The row names no item. Write its code or its name.")
        )
        findings.append(Finding(row=row.number, field=f"{what}_code", what=Message(missing)))
        return None
    return question.named(row, field, known, findings)


def _line(row: Row, place_id: int, item: KnownItem) -> NeedLine:
    if not item.active:
        what = N_("{code} is out of use. Put it back in use, or choose another item.")
        raise _Wrong("item_code", Message(what, {"code": item.code}))
    day = row.day("day")
    assert day is not None
    confidence = row.text("confidence")
    return NeedLine(
        row=row.number,
        kind=row.text("kind"),
        place_id=place_id,
        item_id=item.id,
        quantity=_quantity(row, item),
        day=day,
        until=row.day("until"),
        source=row.text("source"),
        method=row.text("method"),
        confidence=Confidence(confidence) if confidence else None,
        reason=row.text("reason"),
        paper=row.text("paper"),
    )


def _quantity(row: Row, item: KnownItem) -> int:
    """Return base units; a pack is of the one size that the item is packed in so."""
    number, unit = row.number_of("quantity") or 0, row.text("unit")
    if unit in MEASURES:
        counts, size = MEASURES[unit]
        if counts is not item.base_unit:
            raise _Wrong("unit", Message(
                N_("{code} is not counted in this unit. Write another unit."), {"code": item.code}
            ))  # fmt: skip
    else:
        sizes = {size for kind, size in item.packs if kind.value == unit}
        if len(sizes) != 1:
            raise _Wrong("unit", Message(
                N_("{code} has no pack of this kind, or several sizes of it. Write the quantity "
                   "in its own unit."),
                {"code": item.code},
            ))  # fmt: skip
        (size,) = sizes
    quantity, rest = divmod(number * size, _PARTS)
    if rest:
        raise _Wrong("quantity", Message(N_(
            "This is not a whole number of pieces, grams or millilitres. Write one that is."
        )))  # fmt: skip
    if quantity > LARGEST:
        raise _Wrong("quantity", Message(N_("Write how much.")))
    return quantity


def _check(actor: Actor, line: NeedLine) -> None:
    """Refuse a row that the action would refuse, on its own cell."""
    fields = {"asked_on": "day", "assessed_on": "day", "needed_by": "until",
              "valid_until": "until", "asked_by": "source"}  # fmt: skip
    if line.kind == ASKED and not actor.may(Permission.REQUISITION_MAKE, at=line.place_id):
        raise _Wrong("site_code", Message(N_("You may not ask for goods for this site.")))
    if line.kind == ASKED and not line.quantity:
        raise _Wrong("quantity", Message(N_("Write how much.")))
    if line.kind != ASKED and line.confidence is None:
        raise _Wrong("confidence", Message(N_("Counted, registered or estimated.")))
    try:
        if line.kind == ASKED:
            check_asked(_request([line], new_id()), line.day)
        else:
            check_assessment(_assessment(line, new_id()))
    except Refusal as refusal:
        field = refusal.field or ""
        raise _Wrong(fields.get(field, field), refusal.message) from refusal


def _once(line: NeedLine, first: dict[tuple[object, ...], int]) -> None:
    key = (line.kind, line.item_id, *(
        line.request if line.kind == ASKED else (line.place_id, line.day)
    ))  # fmt: skip
    same = first.setdefault(key, line.row)
    if same != line.row:
        raise _Wrong("item_code", Message(
            N_("This stands in row {row} too. Keep one of the two."), {"row": same}
        ))  # fmt: skip


def _not_in_the_books(session: Session, line: NeedLine) -> None:
    """Tell a row that is in the books: what was asked for once is not asked for twice."""
    if line.kind == ASKED:
        known = session.scalar(
            select(Requisition.id)
            .join(RequisitionLine, RequisitionLine.requisition_id == Requisition.id)
            .where(
                Requisition.site_id == line.place_id,
                Requisition.asked_on == line.day,
                Requisition.paper == line.paper,
                RequisitionLine.item_id == line.item_id,
                RequisitionLine.asked == line.quantity,
            )
            .limit(1)
        )
    else:
        known = session.scalar(
            select(Assessment.id)
            .where(
                Assessment.place_id == line.place_id,
                Assessment.item_id == line.item_id,
                Assessment.assessed_on == line.day,
                Assessment.quantity == line.quantity,
                Assessment.withdrawn_at.is_(None),
            )
            .limit(1)
        )
    if known is not None:
        raise _Wrong("item_code", Message(N_("This is in the books already. Delete the row.")))


def _request(lines: list[NeedLine], command_id: str) -> AskForGoods:
    one = lines[0]
    return AskForGoods(
        command_id=command_id,
        site_id=one.place_id,
        lines=tuple(AskedFor(item_id=line.item_id, quantity=line.quantity) for line in lines),
        reason=one.reason,
        needed_by=one.until,
        asked_on=one.day,
        asked_by=one.source,
        paper=one.paper,
    )


def _assessment(line: NeedLine, command_id: str) -> RecordAssessment:
    assert line.confidence is not None
    return RecordAssessment(
        command_id=command_id,
        place_id=line.place_id,
        assessed_on=line.day,
        valid_until=line.until,
        source=line.source,
        method=line.method,
        confidence=line.confidence,
        lines=(Found(item_id=line.item_id, quantity=line.quantity),),
    )


def _requests(lines: Iterable[NeedLine]) -> list[list[NeedLine]]:
    together: dict[tuple[object, ...], list[NeedLine]] = {}
    for line in lines:
        together.setdefault(line.request, []).append(line)
    return list(together.values())


def import_needs(session: Session, actor: Actor, command: ImportNeeds) -> dict[str, Any]:
    """Add what was assessed, and write what is asked for as requisitions; return how many."""
    for line in command.lines:
        if line.kind != ASKED:
            with in_row(line.row):
                record_assessment(session, actor, _assessment(line, command.command_id))
    numbers = []
    for lines in _requests(line for line in command.lines if line.kind == ASKED):
        with in_row(lines[0].row):
            asked = _request(lines, command.command_id)
            numbers.append(ask_for_goods(session, actor, asked)["requisition"])
    return {**counted(command.lines, 0, len(command.lines)), "requisitions": numbers}


NEEDS = Importer(
    NEEDS_COLUMNS, Permission.POPULATION_UPDATE, understand_needs, ImportNeeds, import_needs
)
