"""Sites, warehouses and collection points from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Refusal
from aidlog.core.sheets import Choice, Column, Finding, Kind, Question, Row, SheetPlan, Understood
from aidlog.core.spelling import bare
from aidlog.core.text import N_, Message
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.registry.models import Access, Place, PlaceKind
from aidlog.registry.places import AddPlace, EditPlace, add_place, edit_place
from aidlog.registry.scope import must_edit_everywhere, tidy_code, tidy_name

ACCESSES = (
    Choice(Access.OPEN.value, N_("Open"), exact=("ouvert", "ouverte", "wazi", "hafunguye"),
           like=("ok", "good", "accessible")),
    Choice(Access.DIFFICULT.value, N_("Difficult"), exact=("difficile", "vigumu", "bigoye"),
           like=("hard", "4x4 only", "rainy season", "limited")),
    Choice(Access.CLOSED.value, N_("Closed"), exact=("fermé", "fermée", "imefungwa", "hafunze"),
           like=("blocked", "cut", "impassable", "no access")),
)  # fmt: skip
_KINDS = (
    Choice(PlaceKind.WAREHOUSE.value, N_("Warehouse"),
           exact=("entrepôt", "ghala", "ububiko", "warehouse", "store"),
           like=("depot", "dépôt", "magasin", "storage", "hub")),
    Choice(PlaceKind.COLLECTION_POINT.value, N_("Collection point"),
           exact=("collection point", "point de collecte", "collection"),
           like=("drop off", "drop-off point", "church", "parish")),
)  # fmt: skip


def _code(example: tuple[str, ...]) -> Column:
    return Column(
        field="code", heading=N_("Code"), kind=Kind.CODE, required=True,
        note=N_("Short, for papers and lists. It never changes."),
        also=("site code", "place code", "warehouse code", "camp code", "location code", "pcode",
              "p code", "id", "site id", "code du site", "code site", "namba", "kode"),
        hxl=("#loc+code", "#loc+code+v_pcode"), example=example,
    )  # fmt: skip


def _area(example: tuple[str, ...]) -> Column:
    return Column(
        field="area", heading=N_("Zone"), kind=Kind.TEXT, required=True, for_all=True, longest=80,
        note=N_("The district or zone by which lists and maps group."),
        also=("area", "district", "region", "région", "province", "territory", "territoire", "l2",
              "admin1", "admin2", "eneo", "akarere", "city", "town", "ville", "zone"),
        hxl=("#adm2+name", "#adm2", "#adm1+name", "#adm1"), example=example,
    )  # fmt: skip


_ACCESS = Column(
    field="access", heading=N_("Access"), kind=Kind.WORD, choices=ACCESSES, for_all=True,
    note=N_("Open, difficult or closed. Empty is open."),
    also=("accès", "road access", "access status", "status"), hxl=("#access",),
    example=("open", "difficult"),
)  # fmt: skip

SITE_COLUMNS = SheetPlan(
    "sites",
    N_("Sites"),
    N_("Where people are who receive help. A site is protected unless the file says otherwise."),
    (
        _code(("S01", "S02")),
        Column(
            field="name", heading=N_("Name"), kind=Kind.TEXT,
            note=N_("A protected site needs none: lists and papers carry its code."),
            also=("site", "site name", "camp", "camp name", "settlement", "location", "place",
                  "nom", "nom du site", "jina", "jina la kituo", "izina", "kituo"),
            hxl=("#loc+name", "#loc"), example=("", "Tumaini"),
        ),
        _area(("North", "North")),
        Column(
            field="protected", heading=N_("Protected"), kind=Kind.YES_NO, for_all=True,
            note=N_("No: the site's name may stand in lists. Empty is yes."),
            also=("protected site", "protégé", "sensitive", "kinalindwa"), example=("yes", "no"),
        ),
        _ACCESS,
    ),
)  # fmt: skip
WAREHOUSE_COLUMNS = SheetPlan(
    "warehouses",
    N_("Warehouses and collection points"),
    N_("Where goods are received, stand and leave from."),
    (
        _code(("W01", "C01")),
        Column(
            field="name", heading=N_("Name"), kind=Kind.TEXT, required=True,
            note=N_("What people call it."),
            also=("warehouse", "warehouse name", "store", "collection point", "place", "nom",
                  "entrepôt", "nom de l'entrepôt", "jina", "ghala", "izina", "ububiko"),
            hxl=("#loc+name", "#loc"), example=("Lakeside store", "Hill chapel"),
        ),
        Column(
            field="kind", heading=N_("Kind"), kind=Kind.WORD, choices=_KINDS, for_all=True,
            note=N_("Warehouse or collection point. Empty is warehouse."),
            also=("type", "place type", "warehouse type"), hxl=("#loc+type",),
            example=("warehouse", "collection point"),
        ),
        _area(("North", "South")),
        _ACCESS,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine:
    """One place as a file says it; ``place_id`` where the code is known already.

    What the file does not say of a known place stays as it is (None, or "").
    """

    row: int
    place_id: int | None
    code: str
    name: str
    kind: PlaceKind
    area: str
    protected: bool | None
    access: Access | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlaces(ImportRows):
    lines: tuple[PlaceLine, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A place that has a code already. ``organisation_id`` says whose it is."""

    id: int
    kind: PlaceKind
    organisation_id: int


def understand_sites(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the sites that the rows describe; nothing is written."""
    return _understand(session, actor, question, PlaceKind.SITE)


def understand_warehouses(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the warehouses and collection points of the rows; nothing is written."""
    return _understand(session, actor, question, PlaceKind.WAREHOUSE)


def _understand(
    session: Session, actor: Actor, question: Question, otherwise: PlaceKind
) -> Understood:
    must_edit_everywhere(actor)
    known = {
        row[0]: _Known(row[1], row[2], row[3])
        for row in session.execute(select(Place.code, Place.id, Place.kind, Place.organisation_id))
    }
    lines: list[PlaceLine] = []
    findings: list[Finding] = []
    first: dict[str, int] = {}
    for row in question.rows:
        kind = PlaceKind(row.text("kind")) if row.text("kind") else otherwise
        wrong = list(_wrong(row, kind, known, first, question.organisation_id))
        findings += wrong
        if not wrong and "code" in row.values:
            lines.append(_line(row, kind, known))
    return Understood(tuple(lines), tuple(findings))


def _wrong(
    row: Row, kind: PlaceKind, known: Mapping[str, _Known], first: dict[str, int], owner: int
) -> list[Finding]:
    """Return what is wrong with a row; each code is noted in ``first`` with its row."""
    wrong: list[Finding] = []

    def blame(field: str, what: Message) -> None:
        wrong.append(Finding(row=row.number, field=field, what=what))

    if "code" not in row.values:
        if name := bare(row.text("name")).upper().replace(" ", "-")[:40]:
            wrong.append(
                Finding(row=row.number, field="code", stops=False,
                        what=Message(N_("A code for this place could be {code}."),
                                     {"code": name})))  # fmt: skip
        return wrong
    try:
        code = tidy_code(row.text("code"))
        if kind is not PlaceKind.SITE or row.text("name"):
            tidy_name(row.text("name"))
        elif row.flag("protected", otherwise=True) is False:
            blame("name", Message(N_("A site that is not protected has a name. Write it.")))
    except Refusal as refusal:
        blame(refusal.field or "", refusal.message)
        return wrong
    if code in first:
        blame("code", Message(N_("The code {code} stands in row {row} too. Keep one of the two."),
                              {"code": code, "row": first[code]}))  # fmt: skip
    first.setdefault(code, row.number)
    there = known.get(code)
    if there is not None and (there.organisation_id != owner or there.kind is not kind):
        blame("code", Message(N_("The code {code} is in use. Choose another one."),
                              {"code": code}))  # fmt: skip
    return wrong


def _line(row: Row, kind: PlaceKind, known: Mapping[str, _Known]) -> PlaceLine:
    code = tidy_code(row.text("code"))
    return PlaceLine(
        row=row.number,
        place_id=known[code].id if code in known else None,
        code=code,
        name=row.text("name"),
        kind=kind,
        area=row.text("area"),
        protected=row.flag("protected", otherwise=True) if "protected" in row.values else None,
        access=Access(row.text("access")) if row.text("access") else None,
    )


def import_places(session: Session, actor: Actor, command: ImportPlaces) -> dict[str, Any]:
    """Add the new places and say anew what the file says of known ones; count both."""
    must_edit_everywhere(actor)
    added = changed = 0
    for line in command.lines:
        with in_row(line.row):
            if line.place_id is None:
                add_place(session, actor, _new(command, line))
                added += 1
            else:
                changed += _change(session, actor, command, line)
    return dict(counted(command.lines, changed, added))


def _new(command: ImportPlaces, line: PlaceLine) -> AddPlace:
    return AddPlace(
        command_id=command.command_id,
        organisation_id=command.organisation_id,
        code=line.code,
        name=line.name,
        kind=line.kind,
        area=line.area,
        protected=line.protected is not False,
        access=line.access or Access.OPEN,
    )


def _change(session: Session, actor: Actor, command: ImportPlaces, line: PlaceLine) -> bool:
    place = session.get_one(Place, line.place_id)
    before = (place.name, place.area, place.protected, place.access)
    edit_place(
        session,
        actor,
        EditPlace(
            command_id=command.command_id,
            place_id=place.id,
            name=line.name or place.name,
            area=line.area or place.area,
            protected=place.protected if line.protected is None else line.protected,
            access=line.access or place.access,
        ),
    )
    return before != (place.name, place.area, place.protected, place.access)


SITES = Importer(
    SITE_COLUMNS, Permission.REGISTRY_EDIT, understand_sites, ImportPlaces, import_places
)
WAREHOUSES = Importer(
    WAREHOUSE_COLUMNS, Permission.REGISTRY_EDIT, understand_warehouses, ImportPlaces, import_places
)
