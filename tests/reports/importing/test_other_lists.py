"""Places, roads, trucks, people, counts and standards from files, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed
from aidlog.db.transaction import writing
from aidlog.needs.models import (
    Assessment,
    Basis,
    Climate,
    Group,
    Phase,
    PopulationCount,
    PopulationGroup,
    RequisitionLine,
    Standard,
)
from aidlog.registry.models import (
    Access,
    Person,
    Place,
    PlaceKind,
    RoleGrant,
    Route,
    Vehicle,
    VehicleClass,
)
from aidlog.registry.roles import Role
from aidlog.reports.importing.choices import Numbers
from aidlog.reports.importing.kinds import importer_of
from tests.factories import make_actor, make_item, make_organisation, make_place
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
        (("Code,Zone", f"S9,{'N' * 81}"), "80 is the most"),
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


def test_trucks_imported_again_are_as_before(desk, session):
    head = "Plate,Transporter,Type,Max kg,Max m3,Base"
    data = csv(head, "AB 123 C,Lakeside Haulage,Medium truck,8000,32,W01")
    desk.take("vehicles", data)
    answer = desk.take("vehicles", data, again=True)
    assert (answer["added"], answer["changed"], answer["unchanged"]) == (0, 0, 1)


def test_what_a_list_of_trucks_does_not_say_stays(desk, session):
    head = "Plate,Transporter,Type,Max kg,Max m3,Base"
    desk.take("vehicles", csv(head, "AB 123 C,Lakeside Haulage,Medium truck,8000,32,W01"))
    with writing(session):
        session.scalars(select(Vehicle)).one().active = False
    answer = desk.take("vehicles", csv("Plate,Max kg,Max m3", "AB 123 C,9000,32"))
    assert answer["changed"] == 1
    truck = session.scalars(select(Vehicle)).one()
    session.refresh(truck)
    assert (truck.max_grams, truck.vehicle_class) == (9_000_000, VehicleClass.MEDIUM_TRUCK)
    assert None not in {truck.carrier_id, truck.base_id}
    assert not truck.active


def test_a_truck_that_carries_nothing_is_told_before_anything_is_written(desk):
    checked = desk.check("vehicles", csv("Plate,Max kg,Max m3", "AB 1,0,32", "AB 2,8000,900"))
    assert "Row 2, column B “Max kg”: A truck carries from 1" in told(checked)
    assert "Row 3, column C “Max m3”: A truck holds from 1" in told(checked)


def test_a_list_of_roads_without_their_state_opens_none_and_lifts_no_limit(desk, session):
    head = "From,To,Km,Hours,Cost,Currency"
    desk.take("routes", csv(f"{head},Road,Closed from,Max kg",
                            "W01,S01,62,2,45,USD,closed,2026-11-01,5000"))  # fmt: skip
    desk.take("routes", csv(head, "W01,S01,70,2,45,USD"))
    route = session.scalars(select(Route)).one()
    assert (route.km, route.access, route.max_grams) == (70, Access.CLOSED, 5_000_000)
    assert route.closed_from == date(2026, 11, 1)


def test_a_cost_is_counted_in_the_smallest_unit_that_its_currency_has(desk, session):
    head = "From,To,Km,Hours,Cost,Currency"
    desk.take("routes", csv(head, "W01,S01,62,2,45000,RWF", "W01,S02,62,2,45,USD"))
    costs = {r.currency: r.cost_per_tonne for r in session.scalars(select(Route))}
    assert costs == {"RWF": 45_000, "USD": 4_500}
    checked = desk.check("routes", csv(head, "W01,S01,62,2,45000.5,RWF"), numbers=Numbers.EN)
    assert "RWF has no smaller unit" in told(checked)


@pytest.mark.parametrize(
    ("kind", "data", "longest"),
    [
        ("standards", "Item,For each,Qty,Unit,Source,Valid from\nMAT,person,1,piece,{},2026-01-01",
         200),
        ("standards", "Item,For each,Qty,Unit,Source,Edition,Valid from\n"
         "MAT,person,1,piece,Handbook,{},2026-01-01", 80),
        ("population", "Site,People,Source,Date,How sure\nS01,10,{},2026-01-01,counted", 200),
        ("people", "Login,Name,Role\ngrace,{},Planner", 200),
        ("items", "Code,Name,Unit,Category\nSOAP,Soap,piece,{}", 40),
        ("vehicles", "Plate,Carrier,Max kg,Max m3\nAB 1,{},10,10", 120),
        ("stock", "Warehouse,Item,Quantity,Unit,Donor,Counted on\nW01,MAT,1,piece,{},2026-11-01",
         120),
    ],
)  # fmt: skip
def test_a_text_longer_than_its_place_is_told_and_never_cut(desk, kind, data, longest):
    checked = desk.check(kind, data.format("x" * (longest + 1)).encode())
    assert f"{longest + 1} characters; {longest} is the most" in told(checked)
    assert desk.take(kind, data.format("x" * longest).encode())["added"] == 1


STANDARD = "Item,For each,Qty,Unit,Source,Valid from"


def test_standards_come_with_every_basis_and_condition(desk, session):
    data = csv(
        f"{STANDARD},Serves so many people,Phase,Climate,In force",
        "MAT,facility,2,piece,Handbook,2026-01-01,20,first weeks,cold,yes",
        "MAT,child under 5,1,piece,Other,2026-01-01,,,,no",
    )
    assert desk.take("standards", data)["added"] == 2
    latrine, child = session.scalars(select(Standard).order_by(Standard.id))
    assert (latrine.basis, latrine.per) == (Basis.FACILITY, 20)
    assert (latrine.phase, latrine.climate) == (Phase.FIRST_WEEKS, Climate.COLD)
    assert (child.basis, child.phase, child.climate) == (
        Basis.CHILD_UNDER_5, Phase.ANY, Climate.ANY
    )  # fmt: skip
    assert (latrine.in_force, child.in_force) == (True, False)


def test_the_import_knows_every_basis_phase_and_climate(desk):
    plan = importer_of("standards").plan
    for field, kind in (("basis", Basis), ("phase", Phase), ("climate", Climate)):
        assert {choice.value for choice in plan.column(field).choices} == set(kind)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("MAT,person,0,piece,Handbook,2026-01-01,", "Write how much"),
        ("MAT,person,100000001,piece,Handbook,2026-01-01,", "The most is"),
        ("MAT,person,0.5,piece,Handbook,2026-01-01,", "not a whole number of pieces"),
        ("MAT,person,1,kilogram,Handbook,2026-01-01,", "counted in another unit"),
        ("MAT,person,1,piece,Handbook,2026-01-01,20", "Only a facility serves many"),
        ("MAT,facility,1,piece,Handbook,2026-01-01,0", "Only a facility serves many"),
        ("MTA,person,1,piece,Handbook,2026-01-01,", "is not known here"),
    ],
)
def test_standards_that_cannot_be_are_told(desk, line, says):
    checked = desk.check("standards", csv(f"{STANDARD},Serves so many people", line))
    assert says in told(checked)


def test_two_standards_that_would_decide_the_same_name_each_other(desk):
    lines = ("MAT,person,1,piece,Handbook,2026-01-01,", "MAT,household,3,piece,Other,2026-01-01,")
    head = f"{STANDARD},In force"
    assert "Row 2 sets a standard" in told(desk.check("standards", csv(head, *lines)))
    assert desk.check("standards", csv(head, lines[0], f"{lines[1]}no")).ready


def test_groups_that_cannot_be_are_told_by_the_rule_of_the_page(desk):
    head = "Site,People,Girls 0–4,Boys 0–4,Infants"
    checked = desk.check("population", csv(head, "S01,100,60,50,"), **COUNTED)
    assert "add up to 110" in told(checked)
    checked = desk.check("population", csv(head, "S01,100,6,5,12"), **COUNTED)
    assert "12 are more than the 11" in told(checked)


def test_the_same_count_again_is_told_and_one_that_differs_is_added(desk, session):
    head = "Site,People,Households,Girls 0–4"
    desk.take("population", csv(head, "S01,100,20,6", "S02,50,,"), **COUNTED)
    again = desk.check("population", csv(head, "S01,100,20,6", "S02,50,,"), **COUNTED)
    assert told(again).count("in the books already") == 2
    assert not again.ready
    for other in ("S01,101,20,6", "S01,100,,6", "S01,100,20,7", "S01,100,20,"):
        assert desk.check("population", csv(head, other), **COUNTED).ready, other
    desk.take("population", csv(head, "S01,100,20,7"), **COUNTED)
    session.rollback()
    assert len(session.scalars(select(PopulationCount.id)).all()) == 3


def test_the_same_standard_again_is_told_and_a_later_version_is_added(desk, session):
    line = "MAT,Household,2,piece,Handbook,2026-01-01"
    desk.take("standards", csv(STANDARD, line))
    again = desk.check("standards", csv(STANDARD, line))
    assert "in the books already" in told(again)
    assert not again.ready
    desk.take("standards", csv(STANDARD, line.replace("2026-01-01", "2026-06-01")))
    session.rollback()
    assert len(session.scalars(select(Standard.id)).all()) == 2


_NEEDS = "Kind,Site code,Item code,Quantity,Unit,Day,Source,How sure,Reason,Request number"


def _sheet(*rows: str) -> bytes:
    return csv(_NEEDS, *rows)


def test_needs_are_assessed_figures_and_requests_one_for_each_paper(desk, session):
    with writing(session):
        make_place(session, code="S07")
        make_item(session, code="NET1")
        make_item(session, code="MAT1")
    answer = desk.take(
        "needs",
        _sheet(
            "Assessed,S07,NET1,310,piece,2026-11-02,Shelter team,Counted,,",
            "Asked for,S07,NET1,4,bale,2026-11-03,Committee,,Rain,14/26",
            "Asked for,S07,MAT1,40,piece,2026-11-03,Committee,,Rain,14/26",
        ),
    )
    assert (answer["added"], len(answer["requisitions"])) == (3, 1)
    session.rollback()
    assert session.scalars(select(Assessment.quantity)).all() == [310]
    asked = session.scalars(select(RequisitionLine.asked).order_by(RequisitionLine.asked)).all()
    assert asked == [40, 40]
    again = desk.check("needs", _sheet("Asked for,S07,MAT1,40,piece,2026-11-03,C,,Rain,14/26"))
    assert "in the books already" in told(again)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("Asked for,S07,NET1,4,bale,2026-11-03,Committee,,,", "why the site needs it"),
        ("Asked for,S07,NET1,4,bag,2026-11-03,Committee,,Rain,", "no pack of this kind"),
        ("Asked for,S07,NET1,4,kg,2026-11-03,Committee,,Rain,", "not counted in this unit"),
        ("Asked for,S07,NET1,1.5,piece,2026-11-03,Committee,,Rain,", "not a whole number"),
        ("Assessed,S07,NET1,4,bale,2026-11-03,Team,,,", "Counted, registered or estimated"),
        ("Assessed,S07,NET1,4,bale,{next_year}-12-31,Team,Counted,,", "in the future"),
    ],
)
def test_a_need_that_cannot_be_stops_the_file_on_its_cell(desk, session, row, what):
    with writing(session):
        make_place(session, code="S07")
        make_item(session, code="NET1")
    next_year = datetime.now(UTC).year + 1
    assert what in told(desk.check("needs", _sheet(row.format(next_year=next_year))))
