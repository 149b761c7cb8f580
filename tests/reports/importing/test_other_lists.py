"""Places, roads, trucks, people, counts and standards from files, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed
from aidlog.db.transaction import writing
from aidlog.needs.models import Group, PopulationCount, PopulationGroup, Standard
from aidlog.registry.models import Access, Person, Place, PlaceKind, RoleGrant, Route, Vehicle
from aidlog.registry.roles import Role
from aidlog.reports.importing.choices import Numbers
from tests.factories import make_actor, make_organisation, make_place
from tests.reports.importing.conftest import told


def csv(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def place(session, code):
    session.rollback()
    return session.scalars(select(Place).where(Place.code == code)).one()


def test_a_site_is_protected_unless_the_file_says_otherwise(desk, session):
    desk.take(
        "sites", csv("Code,Site,Zone,Protected", "S07,Secret hill,North,", "S08,Amani,South,no")
    )
    assert (place(session, "S07").protected, place(session, "S08").protected) == (True, False)
    assert place(session, "S07").shown_as == "S07"


def test_a_protected_site_needs_no_name_and_an_open_one_does(desk, session):
    desk.take("sites", csv("Code,Zone", "S07,North"))
    assert place(session, "S07").name == "S07"
    assert "Write it" in told(desk.check("sites", csv("Code,Zone,Protected", "S09,North,no")))


def test_positions_of_sites_are_left_out_and_told(desk):
    checked = desk.check("sites", csv("Code,Zone,Latitude,GPS lon", "S07,North,-1.5,29.2"))
    assert told(checked, stops=False).count("looks like positions") == 2
    assert checked.ready


def test_a_place_is_known_by_its_code_and_changed_by_what_the_file_says(desk, session):
    data = csv(
        "Code,Name,Type,District,Access",
        "W01,Lakeside store,,North,difficult",
        "C05,Chapel,collection point,North,",
    )
    answer = desk.take("warehouses", data)
    assert (answer["added"], answer["changed"]) == (1, 1)
    store = place(session, "W01")
    assert (store.name, store.access) == ("Lakeside store", Access.DIFFICULT)
    assert place(session, "C05").kind is PlaceKind.COLLECTION_POINT


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("Code,Zone", "W01,North"), "The code W01 is in use"),
        (("Code,Zone", "S9,North", "s9,South"), "stands in row 2 too"),
        (("Code,Zone", f"S9,{'N' * 81}"), "at most 80"),
        (("Code,Zone", "S 9,North"), "Write a code"),
        (("Code,Site", "S9,Amani"), "No column is “Zone”"),
        (("Code,Zone,Access", "S9,North,passable"), "“passable” is not known"),
    ],
)
def test_places_that_cannot_be_are_told(desk, lines, says):
    assert says in told(desk.check("sites", csv(*lines)))


def test_a_code_of_another_organisation_is_in_use_and_no_more_is_told(desk, session):
    with writing(session):
        make_place(session, code="X01", name="Hidden", organisation=make_organisation(
            session, code="OTH", name="Other hands"))  # fmt: skip
    words = told(desk.check("sites", csv("Code,Zone", "X01,North")))
    assert "in use" in words
    assert "Hidden" not in words


def test_a_place_without_a_code_gets_a_suggestion(desk):
    checked = desk.check("warehouses", csv("Name,Zone,Kind", "Hill store,North,warehouse"))
    assert "HILL-STORE" in told(checked, stops=False)
    assert not checked.ready


def test_a_road_is_added_once_and_then_changed(desk, session):
    head = "From,To,Km,Hours,Cost,Currency,Road"
    desk.take("routes", csv(head, "Lakeside store,S01,62,2.5,45,usd,open"), numbers=Numbers.EN)
    answer = desk.take("routes", csv(head, "W01,S01,62,3.5,45,USD,difficult"), numbers=Numbers.EN)
    assert answer["changed"] == 1
    route = session.scalars(select(Route)).one()
    assert (route.km, route.minutes, route.cost_per_tonne) == (62, 210, 4_500)
    assert (route.currency, route.access) == ("USD", Access.DIFFICULT)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("S01,W01,62,2,45,USD", "starts at a warehouse"),
        ("W01,W01,62,2,45,USD", "from one place to another"),
        ("W01,Tumainy,62,2,45,USD", "Did you mean “S02” (Tumaini)"),
        ("W01,S01,0,2,45,USD", "from 1 to"),
    ],
)
def test_roads_that_cannot_be_are_told_with_their_row(desk, line, says):
    data = csv("From,To,Km,Hours,Cost,Currency", line)
    checked = desk.check("routes", data)
    if checked.ready:
        with pytest.raises(Exception, match=f"Row 2: .*{says}"):
            desk.take("routes", data)
    else:
        assert says in told(checked)


def test_trucks_come_with_their_carrier(desk, session):
    head = "Plate,Transporter,Type,Max kg,Max m3,Base"
    data = csv(head, "ab 123 c,Lakeside Haulage,Medium truck,8000,32,W01")
    assert desk.take("vehicles", data)["added"] == 1
    truck = session.scalars(select(Vehicle)).one()
    assert (truck.plate, truck.max_grams, truck.max_litres) == ("AB 123 C", 8_000_000, 32_000)
    assert "stands in row 2 too" in told(
        desk.check("vehicles", csv(head, "AB 1,X,,1,1,", "ab  1,X,,1,1,"))
    )


def test_people_come_with_a_role_and_without_a_password(desk, session):
    data = csv("Email,Full name,Function,Site", "grace@example.org,G. Mugisha,Site lead,S02")
    desk.take("people", data)
    person = session.scalars(select(Person).where(Person.login == "grace@example.org")).one()
    grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id)).one()
    assert (person.password_hash, grant.role) == (None, Role.SITE_LEAD)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("grace@example.org,G.,Site lead,", "Choose the site"),
        ("grace@example.org,G.,Logistics officer,", "Did you mean “planner”"),
        ("a b,G.,Planner,", "cannot be a sign-in name"),
    ],
)
def test_people_that_cannot_be_are_told(desk, line, says):
    data = csv("Login,Name,Role,Place", line)
    checked = desk.check("people", data)
    if checked.ready:
        with pytest.raises(Exception, match=says):
            desk.take("people", data)
    else:
        assert says in told(checked)


def test_only_who_manages_people_imports_them(desk, session):
    with writing(session):
        desk.actor = make_actor(session, Role.PLANNER)
    with pytest.raises(NotAllowed):
        desk.check("people", csv("Login,Name,Role", "x,Y,Planner"))


COUNTED = {"given": {"confidence": "registered", "source": "List", "counted_on": "2026-11-02"}}


def test_counts_of_people_add_to_those_that_are_there(desk, session):
    data = csv("Camp,Date,Population,HH", "S01,2026-10-01,900,", "S01,2026-11-01,980,210",
               "Tumaini,2026-11-01,120,")  # fmt: skip
    desk.take("population", data, **COUNTED)
    counts = session.scalars(select(PopulationCount).order_by(PopulationCount.id)).all()
    assert [(c.counted_on, c.people, c.households) for c in counts] == [
        (date(2026, 10, 1), 900, None),
        (date(2026, 11, 1), 980, 210),
        (date(2026, 11, 1), 120, None),
    ]  # fmt: skip


def test_zero_in_every_bracket_is_unknown(desk, session):
    head = "location,Female_0_4,Male_0_4,Female_5_11,Male_5_11,Female_12_17,Male_12_17,"
    head += "Female_18_59,Male_18_59,Female_60,Male_60,Total"
    data = csv(head, "S01,0,0,0,0,0,0,0,0,0,0,500", "S02,1,1,1,1,1,1,1,1,1,1,10")
    assert "kept as unknown" in told(desk.check("population", data, **COUNTED), stops=False)
    desk.take("population", data, **COUNTED)
    groups = session.scalars(select(PopulationGroup)).all()
    assert len(groups) == 10
    assert {group.number for group in groups} == {1}
    assert {group.group for group in groups} <= set(Group)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("S01,100,101", "cannot be made of 100 people"),
        ("S01,-5,", "below zero"),
        ("S01,<5,", "not an exact number"),
        ("S77,100,", "is not known here"),
        ("S01,1e+99,", "outside 0 to"),
    ],
)
def test_counts_that_cannot_be_are_told(desk, line, says):
    checked = desk.check("population", csv("Site,People,Households", line), **COUNTED)
    assert says in told(checked)


def test_one_site_and_day_twice_names_both_rows(desk):
    checked = desk.check("population", csv("Site,People", "S01,100", "s01,101"), **COUNTED)
    assert "stand in row 2 too" in told(checked)


def test_a_site_lead_imports_counts_of_the_own_site_only(desk, session):
    with writing(session):
        site = session.scalars(select(Place).where(Place.code == "S01")).one()
        desk.actor = make_actor(session, Role.SITE_LEAD, place=site)
    checked = desk.check("population", csv("Site,People", "S01,100", "S02,50"), **COUNTED)
    assert "Row 3, column A “Site”: “S02” is not known here" in told(checked)


def test_a_standard_is_set_with_its_source(desk, session):
    data = csv("Item,Per,Qty,Unit,Every days,Source,Valid from",
               "Plastic mat,person,1,piece,,Handbook,2026-01-01")  # fmt: skip
    desk.take("standards", data)
    standard = session.scalars(select(Standard)).one()
    assert (standard.quantity, standard.recurs_days, standard.source) == (1, None, "Handbook")


def test_a_site_is_named_by_its_code_with_the_name_beside_it(desk, session):
    data = csv("Site code,Site,People", "S01,Somewhere,100", ",Tumaini,50")
    assert desk.take("population", data, **COUNTED)["added"] == 2


def test_a_list_of_counts_without_sites_is_told_once(desk):
    checked = desk.check("population", csv("Year,People", "1,100", "2,50"), header_row=1, **COUNTED)
    assert "No row names a site" in told(checked)
    assert len(checked.stopping) == 1
