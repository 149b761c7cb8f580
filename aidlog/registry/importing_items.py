"""The catalogue from a file: new items are added, known ones get what the file says anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Refusal
from aidlog.core.quantity import BaseUnit
from aidlog.core.sheets import Finding, Question, Row, Understood
from aidlog.core.spelling import bare
from aidlog.core.text import N_, Message
from aidlog.db.imports import Importer, ImportRows, counted
from aidlog.registry.item_columns import ITEM_COLUMNS
from aidlog.registry.item_words import MEASURES
from aidlog.registry.items import Facts, Names, Pack, check_packs, describe, tidy_item_code
from aidlog.registry.kits import follow
from aidlog.registry.models import Item, ItemPack, PackKind
from aidlog.registry.scope import must_edit_everywhere

#: mg of one piece from millionths of a kg; of one gram or millilitre from those of a kg or litre.
_SCALE = {BaseUnit.PIECE: 1, BaseUnit.GRAM: 1_000, BaseUnit.MILLILITRE: 1_000}
#: Lead has 11 kg a litre; a figure above this is a slip in one of the two.
HEAVIEST_KG_A_LITRE = 20
#: Sides and volume that differ by more than this belong to two things.
WIDEST_APART = 2
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One item as a file says it; what it does not say is None or "", and stays as it is."""

    code: str
    base_unit: BaseUnit
    names: Names
    category: str = ""
    tier: int | None = None
    weight_mg: int | None = None
    volume_mm3: int | None = None
    source: str = ""
    packs: tuple[Pack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportItems(ImportRows):
    lines: tuple[ItemLine, ...]


def understand_items(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the items that the rows describe; nothing is written."""
    must_edit_everywhere(actor)
    units = session.execute(select(Item.code, Item.base_unit))
    reader = _Rows({code: unit for code, unit in units})  # noqa: C416 - rows are no pairs to mypy
    lines = tuple(filter(None, (reader.line(row) for row in question.rows)))
    return Understood(lines, (*reader.summary(), *reader.findings))


class _Rows:
    def __init__(self, known: Mapping[str, BaseUnit]) -> None:
        self.known = known
        self.findings: list[Finding] = []
        self.first: dict[str, int] = {}
        self.unsized = self.single = 0

    def line(self, row: Row) -> ItemLine | None:
        if not {"code", "name_en", "base_unit"} <= row.values.keys():
            return None  # told already
        before = len(self.findings)
        unit, _ = MEASURES[row.text("base_unit")]
        code = self._code(row, unit)
        packs = tuple(self._packs(row, unit, code))
        scale = _SCALE[unit]
        line = ItemLine(
            code=code,
            base_unit=unit,
            names=Names(**{
                tongue: row.text(f"name_{tongue}") for tongue in ("en", "fr", "sw", "rw")
            }),
            category=row.text("category"),
            tier=int(row.text("tier")) if row.text("tier") else None,
            weight_mg=_known(row.number_of("weight_kg"), scale),
            volume_mm3=_known(row.number_of("volume_l"), scale)
            or _known(row.number_of("volume_m3"), scale),
            source=row.text("source"),
            packs=packs,
        )  # fmt: skip
        self._check(row, line)
        self._doubts(row, line)
        stopped = any(finding.stops for finding in self.findings[before:])
        return None if stopped else line

    def _code(self, row: Row, unit: BaseUnit) -> str:
        try:
            code = tidy_item_code(row.text("code"))
        except Refusal as refusal:
            self._blame(row, "code", refusal.message)
            return ""
        if code in self.first:
            self._blame(
                row, "code",
                Message(N_("The code {code} stands in row {row} too. Keep one of the two."),
                        {"code": code, "row": self.first[code]}),
            )  # fmt: skip
        self.first.setdefault(code, row.number)
        if self.known.get(code, unit) is not unit:
            self._blame(
                row, "base_unit",
                Message(
                    N_("{code} is counted in another unit already, and stays so. Correct the unit "
                       "or choose another code."),
                    {"code": code},
                ),
            )  # fmt: skip
        return code

    def _packs(self, row: Row, unit: BaseUnit, code: str) -> Iterator[Pack]:
        """Yield the packs of a row; pieces without one are given out singly."""
        for name, issue in (("pack", True), ("pack2", False)):
            kind, size = row.text(f"{name}_kind"), row.number_of(f"{name}_size")
            if kind and size is None and kind == PackKind.PIECE and unit is BaseUnit.PIECE:
                size = 10**6
            if bool(kind) != (size is not None):
                self._blame(
                    row, f"{name}_{'size' if kind else 'kind'}",
                    Message(N_("A pack has a kind and a size. Fill in both, or none of them.")),
                )  # fmt: skip
            elif kind and size is not None:
                whole, rest = divmod(size, 10**6 if unit is BaseUnit.PIECE else 10**3)
                if rest or not whole:
                    what = Message(N_("A pack holds whole pieces, grams or millilitres."))
                    self._blame(row, f"{name}_size", what)
                else:
                    yield Pack(kind=PackKind(kind), size=whole, issue=issue)
        if not row.text("pack_kind") and code not in self.known:
            if unit is BaseUnit.PIECE:
                self.single += 1
                yield Pack(kind=PackKind.PIECE, size=1, issue=True)
            elif row.number_of("pack_size") is None:
                self._blame(row, "pack_kind",
                            Message(N_("Say which is the smallest pack that leaves a warehouse, "
                                       "and how much is in it.")))  # fmt: skip

    def _check(self, row: Row, line: ItemLine) -> None:
        """Hold a line against the rules that the catalogue itself keeps."""
        try:
            describe(Item(code=line.code, base_unit=line.base_unit), line.names, _facts(line))
            if line.packs:
                check_packs(line.packs)
        except Refusal as refusal:
            columns = {"weight": "weight_kg", "volume": "volume_l", "packs": "pack_kind"}
            field = refusal.field or ""
            self._blame(row, columns.get(field, field), refusal.message)

    def _doubts(self, row: Row, line: ItemLine) -> None:
        """Tell figures that can hardly be, without changing them: they may be another's slip."""
        if line.weight_mg is None and line.volume_mm3 is None:
            self.unsized += 1
        weighed = line.base_unit is BaseUnit.PIECE and line.weight_mg and line.volume_mm3
        if weighed and (line.weight_mg or 0) > HEAVIEST_KG_A_LITRE * (line.volume_mm3 or 0):
            self._doubt(row, "weight_kg",
                        Message(N_("This is heavier than lead for its volume. Check weight and "
                                   "volume.")))  # fmt: skip
        sides = [row.number_of(f"{side}_cm") for side in ("length", "width", "height")]
        if line.base_unit is BaseUnit.PIECE and line.volume_mm3 and all(sides):
            box = 1
            for side in sides:
                box *= side or 1
            box_mm3 = box // 10**9  # 10**-4 cm, cubed, are 10**-9 mm³
            if not line.volume_mm3 / WIDEST_APART <= box_mm3 <= line.volume_mm3 * WIDEST_APART:
                self._doubt(row, "volume_l",
                            Message(N_("Length, width and height give {litres} litres. Check them "
                                       "and the volume."),
                                    {"litres": max(1, round(box_mm3 / 10**6))}))  # fmt: skip
        if line.base_unit is BaseUnit.PIECE and _sold_by_weight(line.names.en):
            self._doubt(row, "base_unit",
                        Message(N_("The name speaks of one kilogram or litre, and the item would "
                                   "be counted in pieces. Check the unit.")))  # fmt: skip

    def summary(self) -> Iterator[Finding]:
        if self.unsized:
            yield Finding(
                row=0, stops=False,
                what=Message(
                    N_("The weight and volume of {count} item are not known. That is not zero: it "
                       "is asked for before a truck is planned."),
                    {"count": self.unsized},
                    plural=N_("The weight and volume of {count} items are not known. That is not "
                              "zero: it is asked for before a truck is planned."),
                    count=self.unsized,
                ),
            )  # fmt: skip
        if self.single:
            yield Finding(
                row=0, stops=False,
                what=Message(
                    N_("{count} item has no pack in the file and would leave the warehouse piece "
                       "by piece."),
                    {"count": self.single},
                    plural=N_("{count} items have no pack in the file and would leave the "
                              "warehouse piece by piece."),
                    count=self.single,
                ),
            )  # fmt: skip

    def _blame(self, row: Row, name: str, what: Message) -> None:
        self.findings.append(Finding(row=row.number, field=name, what=what))

    def _doubt(self, row: Row, name: str, what: Message) -> None:
        self.findings.append(Finding(row=row.number, field=name, what=what, stops=False))


def _known(figure: int | None, scale: int) -> int | None:
    """Return a figure of one base unit; 0 in a catalogue means that nobody knows it."""
    return (figure + scale // 2) // scale or None if figure else None


def _sold_by_weight(name: str) -> bool:
    words = f" {bare(name)} "
    return any(f" {word} " in words for word in ("per kg", "per kilo", "per litre", "per l"))


def _facts(line: ItemLine) -> Facts:
    return Facts(
        category=line.category,
        tier=line.tier or 2,
        weight_mg=line.weight_mg,
        volume_mm3=line.volume_mm3,
        source=line.source,
    )


def import_items(session: Session, actor: Actor, command: ImportItems) -> dict[str, Any]:
    """Add the new items and say anew what the file says of known ones; count both.

    A figure or name that the file leaves empty stays as it is.
    """
    must_edit_everywhere(actor)
    known = _known_items(session, [line.code for line in command.lines])
    new = [line for line in command.lines if line.code not in known]
    _add(session, new)
    packs = _packs_of(session, [item.id for item in known.values()])
    changed = 0
    for line in command.lines:
        if line.code in known:
            item = known[line.code]
            if _change(session, item, line, packs.get(item.id, [])):
                follow(session, item.id)
                changed += 1
    session.flush()
    return dict(counted(command.lines, changed, len(new)))


def _known_items(session: Session, codes: Sequence[str]) -> dict[str, Item]:
    return {
        item.code: item
        for some in _chunks(codes)
        for item in session.scalars(select(Item).where(Item.code.in_(some)))
    }


def _packs_of(session: Session, ids: Sequence[int]) -> dict[int, list[ItemPack]]:
    packs: dict[int, list[ItemPack]] = {}
    for some in _chunks(ids):
        for pack in session.scalars(select(ItemPack).where(ItemPack.item_id.in_(some))):
            packs.setdefault(pack.item_id, []).append(pack)
    return packs


def _chunks(things: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (things[start : start + _CHUNK] for start in range(0, len(things), _CHUNK))


def _add(session: Session, lines: Sequence[ItemLine]) -> None:
    items = []
    for line in lines:
        item = Item(code=line.code, base_unit=line.base_unit)
        describe(item, line.names, _facts(line))
        check_packs(line.packs)
        items.append(item)
    session.add_all(items)
    session.flush()
    session.add_all(
        ItemPack(item_id=item.id, kind=pack.kind, size=pack.size, issue=pack.issue)
        for item, line in zip(items, lines, strict=True)
        for pack in line.packs
    )
    session.flush()


def _change(session: Session, item: Item, line: ItemLine, packs: Sequence[ItemPack]) -> bool:
    """Say anew what a line says; return whether anything is different from before."""
    names = Names(
        en=line.names.en,
        fr=line.names.fr or item.name_fr,
        sw=line.names.sw or item.name_sw,
        rw=line.names.rw or item.name_rw,
    )
    facts = replace(
        _facts(line),
        category=line.category or item.category,
        tier=line.tier or item.tier,
        weight_mg=line.weight_mg or item.weight_mg,
        volume_mm3=line.volume_mm3 or item.volume_mm3,
        source=line.source or item.source,
        active=item.active,
    )
    describe(item, names, facts)
    return session.is_modified(item) | _change_packs(session, item, line.packs, packs)


def _change_packs(
    session: Session, item: Item, said: Sequence[Pack], packs: Sequence[ItemPack]
) -> bool:
    """Switch to the packs that were said; one of another size is another row."""
    in_use = {(pack.kind, pack.size, pack.issue) for pack in packs if pack.active}
    if not said or {(pack.kind, pack.size, pack.issue) for pack in said} <= in_use:
        return False
    check_packs(said)
    known = {(pack.kind, pack.size): pack for pack in packs}
    for row in packs:
        row.issue = False
    session.flush()  # the old issue pack steps down before the new one steps up
    for pack in said:
        row = known.get((pack.kind, pack.size)) or ItemPack(
            item_id=item.id, kind=pack.kind, size=pack.size
        )
        row.active, row.issue = True, pack.issue
        session.add(row)
    return True


ITEMS = Importer(
    ITEM_COLUMNS, Permission.REGISTRY_EDIT, understand_items, ImportItems, import_items
)
