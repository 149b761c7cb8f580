"""Counts of people from a file: one row a site and day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
)
from aidlog.core.text import N_, Message
from aidlog.db.commands import new_id
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.needs.groups import BY_AGE_AND_SEX, GroupCount, check_groups, field_of
from aidlog.needs.models import Confidence, Group, PopulationCount, PopulationGroup
from aidlog.needs.populations import RecordPopulation, check_count, record_population
from aidlog.registry.looking_up import Places
from aidlog.registry.models import PlaceKind
from aidlog.registry.queries import PlaceRow

CONFIDENCES = (
    Choice(Confidence.COUNTED.value, N_("Counted"),
           exact=("compté", "dénombré", "zimehesabiwa", "byabazwe"), like=("headcount", "census")),
    Choice(Confidence.REGISTERED.value, N_("Registered"),
           exact=("enregistré", "imesajiliwa", "byanditswe"),
           like=("registration", "registered list")),
    Choice(Confidence.ESTIMATED.value, N_("Estimated"),
           exact=("estimé", "makadirio", "byagereranyijwe"), like=("estimate", "approx", "about")),
)  # fmt: skip

#: Group → (its heading, other headings, HXL tags).
_GROUPS: dict[Group, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    Group.GIRLS_0_4: (N_("Girls 0–4"), ("female 0 4", "f 0 4", "filles 0 4"),
                      ("#population+f+age0_4",)),
    Group.BOYS_0_4: (N_("Boys 0–4"), ("male 0 4", "m 0 4", "garçons 0 4"),
                     ("#population+m+age0_4",)),
    Group.GIRLS_5_11: (N_("Girls 5–11"), ("female 5 11", "f 5 11", "filles 5 11"),
                       ("#population+f+age5_11",)),
    Group.BOYS_5_11: (N_("Boys 5–11"), ("male 5 11", "m 5 11", "garçons 5 11"),
                      ("#population+m+age5_11",)),
    Group.GIRLS_12_17: (N_("Girls 12–17"), ("female 12 17", "f 12 17", "filles 12 17"),
                        ("#population+f+age12_17",)),
    Group.BOYS_12_17: (N_("Boys 12–17"), ("male 12 17", "m 12 17", "garçons 12 17"),
                       ("#population+m+age12_17",)),
    Group.WOMEN_18_59: (N_("Women 18–59"), ("female 18 59", "f 18 59", "femmes 18 59"),
                        ("#population+f+age18_59",)),
    Group.MEN_18_59: (N_("Men 18–59"), ("male 18 59", "m 18 59", "hommes 18 59"),
                      ("#population+m+age18_59",)),
    Group.WOMEN_60: (N_("Women 60 and over"), ("female 60", "f 60", "femmes 60", "female 60+"),
                     ("#population+f+elderly",)),
    Group.MEN_60: (N_("Men 60 and over"), ("male 60", "m 60", "hommes 60", "male 60+"),
                   ("#population+m+elderly",)),
    Group.INFANTS: (N_("Infants"), ("infants under 1", "nourrissons", "watoto wachanga", "impinja"),
                    ("#population+infants",)),
    Group.MENSTRUATING: (N_("People who menstruate"), ("menstruating", "women 15 49"), ()),
    Group.HOUSEHOLDS_WITH_INFANT: (N_("Households with an infant"), ("hh with infant",), ()),
}  # fmt: skip


def _group_columns() -> Iterator[Column]:
    for group, (heading, also, hxl) in _GROUPS.items():
        yield Column(
            field=field_of(group), heading=heading, kind=Kind.WHOLE, also=also, hxl=hxl,
            note=N_("Empty where it was not counted. That is not zero."), example=("", ""),
        )  # fmt: skip


POPULATION_COLUMNS = SheetPlan(
    "population",
    N_("Counts of people"),
    N_("How many people and households a site had on a day. Earlier counts stay."),
    (
        Column(
            field="site_code", heading=N_("Site code"), kind=Kind.TEXT, for_all=True,
            note=N_("A name will do where there is no code and the site is not protected."),
            also=("code", "camp code", "location code", "pcode", "place code", "code du site"),
            hxl=("#loc+code",), example=("S01", "S02"),
        ),
        Column(
            field="site_name", heading=N_("Site"), kind=Kind.TEXT,
            note=N_("For reading along, or where there is no code."),
            also=("site name", "camp", "camp name", "location", "location name", "place", "lieu",
                  "settlement", "kituo", "ahantu", "nom du site", "jina la kituo"),
            hxl=("#loc+name", "#loc"), example=("", "Tumaini"),
        ),
        Column(
            field="counted_on", heading=N_("Counted on"), kind=Kind.DATE, required=True,
            for_all=True, note=N_("The day of the count, such as 2026-11-02."),
            also=("date", "date counted", "as of", "date of count", "date du comptage", "tarehe",
                  "itariki"),
            hxl=("#date", "#date+reported", "#date+occurred"),
            example=(date(2026, 11, 2), date(2026, 11, 3)),
        ),
        Column(
            field="people", heading=N_("People"), kind=Kind.WHOLE, required=True,
            note=N_("Everyone at the site."),
            also=("population", "persons", "individuals", "number of people", "total people",
                  "total", "total population", "ind", "personnes", "nombre de personnes",
                  "individus", "watu", "idadi ya watu", "abantu", "umubare w'abantu"),
            hxl=("#population", "#population+ind", "#population+total", "#affected+ind"),
            example=(3_120, 980),
        ),
        Column(
            field="households", heading=N_("Households"), kind=Kind.WHOLE,
            note=N_("Counted, not worked out. Empty where it was not counted."),
            also=("hh", "families", "number of households", "ménages", "nombre de ménages",
                  "familles", "kaya", "ingo"),
            hxl=("#population+hh",), example=(702, ""),
        ),
        Column(
            field="confidence", heading=N_("How sure"), kind=Kind.WORD, choices=CONFIDENCES,
            required=True, for_all=True, note=N_("Counted, registered or estimated."),
            also=("confidence", "quality", "method", "méthode", "fiabilité"),
            example=("Counted", "Estimated"),
        ),
        Column(
            field="source", heading=N_("Source"), kind=Kind.TEXT, required=True, for_all=True,
            longest=200, note=N_("Who counted, or which list it is."),
            also=("counted by", "reference", "provenance", "chanzo", "inkomoko"),
            hxl=("#meta+source",), example=("Site committee", "Site committee"),
        ),
        *_group_columns(),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationLine:
    row: int
    place_id: int
    counted_on: date
    people: int
    households: int | None
    confidence: Confidence
    source: str
    groups: tuple[GroupCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPopulation(ImportRows):
    lines: tuple[PopulationLine, ...]


_NEEDED = frozenset({"counted_on", "people", "confidence", "source"})


def understand_population(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the counts that the rows hold; nothing is written."""
    sites = Places(session, actor, kinds=(PlaceKind.SITE,), permission=Permission.POPULATION_UPDATE)
    lines: list[PopulationLine] = []
    findings: list[Finding] = []
    if question.rows and not any(
        row.values.keys() & {"site_code", "site_name"} for row in question.rows
    ):
        what = Message(N_("No row names a site. Say which column does, or say it once for all."))
        return Understood((), (Finding(row=0, field="site_code", what=what),))
    first: dict[tuple[int, date], int] = {}
    for row in question.rows:
        site = _site(row, question, sites, findings)
        if site is None or not row.values.keys() >= _NEEDED:
            continue
        line = _line(row, site.id)
        wrong = _wrong(line, first) or _in_the_books(session, line)
        if wrong is None:
            lines.append(line)
        else:
            findings.append(wrong)
    return Understood(tuple(lines), (*_unknown_groups(question.rows), *findings))


def _site(row: Row, question: Question, sites: Places, findings: list[Finding]) -> PlaceRow | None:
    """Return the site that a row names, by its code, else by its name."""
    field = "site_code" if row.text("site_code") else "site_name"
    if not row.text(field):
        what = Message(N_("The row names no site. Write its code or its name."))
        findings.append(Finding(row=row.number, field="site_code", what=what))
        return None
    return question.named(row, field, sites, findings)


def _line(row: Row, place_id: int) -> PopulationLine:
    counted_on = row.day("counted_on")
    assert counted_on is not None
    people = row.number_of("people") or 0
    return PopulationLine(
        row=row.number,
        place_id=place_id,
        counted_on=counted_on,
        people=people,
        households=row.number_of("households"),
        confidence=Confidence(row.text("confidence")),
        source=row.text("source"),
        groups=tuple(_groups(row, people)),
    )


def _groups(row: Row, people: int) -> Iterator[GroupCount]:
    """Yield the groups that are known: where people were counted and every bracket is 0, none."""
    left_out = BY_AGE_AND_SEX if people and _only_noughts(row) else ()
    for group in Group:
        number = row.number_of(field_of(group))
        if number is not None and group not in left_out:
            yield GroupCount(group=group, number=number)


def _only_noughts(row: Row) -> bool:
    """Say whether the groups by age and sex that are stated are all 0."""
    stated = [row.number_of(field_of(group)) for group in BY_AGE_AND_SEX]
    return 0 in stated and not any(stated)


def _unknown_groups(rows: Iterable[Row]) -> Iterator[Finding]:
    """Tell of rows with people and zero in each bracket: that is unknown, not zero."""
    count = sum(bool(row.number_of("people")) and _only_noughts(row) for row in rows)
    if count:
        yield Finding(
            row=0,
            stops=False,
            what=Message(
                N_("{count} row has people and 0 in every group by age and sex. The groups are "
                   "kept as unknown."),
                {"count": count},
                plural=N_("{count} rows have people and 0 in every group by age and sex. The "
                          "groups are kept as unknown."),
                count=count,
            ),
        )  # fmt: skip


def _wrong(line: PopulationLine, first: dict[tuple[int, date], int]) -> Finding | None:
    same = first.setdefault((line.place_id, line.counted_on), line.row)
    if same != line.row:
        what = Message(N_("This site and day stand in row {row} too. Keep one of the two."),
                       {"row": same})  # fmt: skip
        return Finding(row=line.row, field="site_code", what=what)
    try:
        check_count(_command(new_id(), line))
        check_groups(line.people, line.households, line.groups)
    except Refusal as refusal:
        return Finding(row=line.row, field=refusal.field or "", what=refusal.message)
    return None


def _in_the_books(session: Session, line: PopulationLine) -> Finding | None:
    """Tell a count that was recorded before: a list sent twice is no second count.

    A figure of the same day that differs in anything corrects the earlier one, and is added.
    """
    alike = session.scalars(
        select(PopulationCount.id).where(
            PopulationCount.place_id == line.place_id,
            PopulationCount.counted_on == line.counted_on,
            PopulationCount.people == line.people,
            PopulationCount.households.is_not_distinct_from(line.households),
            PopulationCount.confidence == line.confidence,
            PopulationCount.source == line.source.strip(),
        )
    ).all()
    groups = {part.group: part.number for part in line.groups}
    if not any(_groups_of(session, count_id) == groups for count_id in alike):
        return None
    what = Message(N_("This is in the books already. Delete the row."))
    return Finding(row=line.row, field="site_code", what=what)


def _groups_of(session: Session, count_id: int) -> dict[Group, int]:
    rows = session.execute(
        select(PopulationGroup.group, PopulationGroup.number).where(
            PopulationGroup.count_id == count_id
        )
    )
    return {row[0]: row[1] for row in rows}


def _command(command_id: str, line: PopulationLine) -> RecordPopulation:
    return RecordPopulation(
        command_id=command_id,
        place_id=line.place_id,
        counted_on=line.counted_on,
        people=line.people,
        households=line.households,
        confidence=line.confidence,
        source=line.source,
        groups=line.groups,
    )


def import_population(session: Session, actor: Actor, command: ImportPopulation) -> dict[str, Any]:
    """Add the counts, oldest day first; return how many."""
    for line in sorted(command.lines, key=lambda line: (line.counted_on, line.row)):
        with in_row(line.row):
            record_population(session, actor, _command(command.command_id, line))
    return dict(counted(command.lines, 0, len(command.lines)))


POPULATION = Importer(
    POPULATION_COLUMNS,
    Permission.POPULATION_UPDATE,
    understand_population,
    ImportPopulation,
    import_population,
)
