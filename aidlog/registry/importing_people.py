"""People who sign in, from a file: added with a first role, without a password.

Names of those who receive help are none of this: see reports/importing/personal.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotAllowed
from aidlog.core.sheets import (
    Choice,
    Column,
    Finding,
    Kind,
    Question,
    Row,
    SheetPlan,
    Understood,
)
from aidlog.core.text import N_, Message
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.registry.looking_up import Places
from aidlog.registry.models import Person
from aidlog.registry.people import AT_ONE_PLACE, AddPerson, add_person
from aidlog.registry.queries import PlaceRow
from aidlog.registry.roles import Role

_ROLES = (
    Choice(Role.PLANNER.value, N_("Planner"), exact=("planificateur", "mpangaji"),
           like=("logistician", "logistics", "logistics officer")),
    Choice(Role.STOREKEEPER.value, N_("Storekeeper"),
           exact=("magasinier", "mtunza ghala", "ushinzwe ububiko"),
           like=("warehouse keeper", "store keeper", "warehouse manager")),
    Choice(Role.SITE_LEAD.value, N_("Site lead"),
           exact=("responsable de site", "msimamizi wa kituo"),
           like=("camp manager", "site manager")),
    Choice(Role.DONOR.value, N_("Donor"), exact=("donateur", "mfadhili", "umuterankunga")),
    Choice(Role.COORDINATOR.value, N_("Coordinator"), exact=("coordinateur", "mratibu")),
    Choice(Role.PROTECTION.value, N_("Protection officer"), like=("protection", "protection lead")),
    Choice(Role.AUDITOR.value, N_("Auditor"), exact=("auditeur",), like=("finance", "controller")),
    Choice(Role.ADMINISTRATOR.value, N_("Administrator"), exact=("administrateur",),
           like=("admin", "it")),
)  # fmt: skip
_LANGUAGES = (
    Choice("en", N_("English"), exact=("english", "anglais", "kiingereza", "icyongereza")),
    Choice("fr", N_("French"), exact=("français", "french", "kifaransa", "igifaransa")),
    Choice("sw", N_("Swahili"), exact=("kiswahili", "swahili", "igiswahili")),
    Choice("rw", N_("Kinyarwanda"), exact=("ikinyarwanda", "kinyarwanda")),
)

PEOPLE_COLUMNS = SheetPlan(
    "people",
    N_("People and roles"),
    N_("People of your organisation who sign in. Nobody who receives help is listed here."),
    (
        Column(
            field="login", heading=N_("Sign-in name"), kind=Kind.CODE, required=True,
            note=N_("An e-mail address, or one word."),
            also=("login", "email", "e-mail", "e-mail address", "user", "username", "courriel",
                  "barua pepe"),
            example=("grace@example.org",),
        ),
        Column(
            field="name", heading=N_("Name"), kind=Kind.TEXT, required=True, longest=200,
            note=N_("As it stands on documents."),
            also=("full name", "nom", "nom complet", "jina", "amazina"), example=("G. Mugisha",),
        ),
        Column(
            field="role", heading=N_("Role"), kind=Kind.WORD, choices=_ROLES, required=True,
            for_all=True, also=("rôle", "function", "fonction", "position", "jukumu", "inshingano"),
            example=("Storekeeper",),
        ),
        Column(
            field="place", heading=N_("Place"), kind=Kind.TEXT, for_all=True,
            note=N_("Where the role holds: a code or name. Empty is everywhere."),
            also=("site", "warehouse", "place code", "lieu", "mahali", "ahantu"), example=("W01",),
        ),
        Column(
            field="language", heading=N_("Language"), kind=Kind.WORD, choices=_LANGUAGES,
            for_all=True, also=("langue", "lugha", "ururimi"), example=("English",),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    row: int
    login: str
    name: str
    role: Role
    place_id: int | None
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPeople(ImportRows):
    lines: tuple[PersonLine, ...]


def understand_people(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the people that the rows name; nothing is written."""
    if actor.places(Permission.PEOPLE_MANAGE) is not None:
        raise NotAllowed(Permission.PEOPLE_MANAGE)
    places = Places(session, actor, permission=Permission.PEOPLE_MANAGE)
    taken = {login: 0 for login in session.scalars(select(Person.login))}  # noqa: C420 - rows later
    lines: list[PersonLine] = []
    findings: list[Finding] = []
    for row in question.rows:
        place = question.named(row, "place", places, findings)
        if row.text("place") and place is None:
            continue
        wrong = _wrong(row, place, taken)
        if wrong is not None:
            findings.append(wrong)
        elif {"login", "name", "role"} <= row.values.keys():
            lines.append(_line(row, place))
    return Understood(tuple(lines), tuple(findings))


def _wrong(row: Row, place: PlaceRow | None, taken: dict[str, int]) -> Finding | None:
    login = row.text("login").casefold()
    role = row.text("role")
    if role and Role(role) in AT_ONE_PLACE and place is None:
        what = Message(N_("A site lead answers for one site. Choose the site."))
        return Finding(row=row.number, field="place", what=what)
    if login and taken.get(login, row.number) != row.number:
        if taken[login]:
            what = Message(N_("{login} stands in row {row} too. Keep one of the two."),
                           {"login": login, "row": taken[login]})  # fmt: skip
        else:
            what = Message(
                N_("Someone signs in as {login} already. Choose another name."), {"login": login}
            )
        return Finding(row=row.number, field="login", what=what)
    taken.setdefault(login, row.number)
    return None


def _line(row: Row, place: PlaceRow | None) -> PersonLine:
    return PersonLine(
        row=row.number,
        login=row.text("login"),
        name=row.text("name"),
        role=Role(row.text("role")),
        place_id=place.id if place else None,
        language=row.text("language") or "en",
    )


def import_people(session: Session, actor: Actor, command: ImportPeople) -> dict[str, Any]:
    """Add the people, each with a first role; they sign in once a password is set."""
    for line in command.lines:
        with in_row(line.row):
            add = AddPerson(
                command_id=command.command_id,
                login=line.login,
                name=line.name,
                organisation_id=command.organisation_id,
                role=line.role,
                place_id=line.place_id,
                language=line.language,
            )
            add_person(session, actor, add)
    return dict(counted(command.lines, 0, len(command.lines)))


PEOPLE = Importer(
    PEOPLE_COLUMNS, Permission.PEOPLE_MANAGE, understand_people, ImportPeople, import_people
)
