"""People are added, given roles and passwords and switched off, within one's organisation."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from aidlog.db.audit import AuditEntry
from aidlog.db.commands import CommandRecord, new_id
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import LoginSession, Organisation, Person, RoleGrant
from aidlog.registry.roles import Role, actor_for
from tests.factories import make_organisation, make_person, make_place
from tests.signing import sign_in
from tests.web.conftest import Browser, add_someone


@pytest.fixture
def administrator(app):
    return add_someone(app, "boss@example.org", Role.ADMINISTRATOR)


@pytest.fixture
def office(app, administrator):
    return sign_in(app.test_client(), administrator)


def scalar(app, statement):
    with app.app_context():
        value = db.session.scalar(statement)
        db.session.remove()
    return value


def add(office, app, **changes):
    organisation = scalar(app, select(Organisation.id).where(Organisation.code == "KRB"))
    fields = {
        "command_id": new_id(),
        "login": "New@Example.org",
        "name": "Noor  Ba",
        "language": "fr",
        "organisation_id": organisation,
        "role": "planner",
        "place_id": 0,
    }
    return office.post("/setup/people/new", data=fields | changes)


def words_on(page):
    return re.search(r'<dd class="mono">([a-z2-9-]{19})</dd>', page.text)[1]


def test_someone_added_signs_in_with_the_words_shown_once(app, office):
    added = add(office, app)
    assert added.status_code == 303
    sheet = added.headers["Location"]
    assert "@" not in sheet
    words = words_on(office.post(f"{sheet}/password", data={"command_id": new_id()}))
    app.config["WTF_CSRF_ENABLED"] = True
    newcomer = Browser(app.test_client())
    assert newcomer.sign_in("new@example.org", words).status_code == 303
    assert newcomer.client.get("/today").headers["Location"] == "/password"
    assert '<html lang="fr"' in newcomer.client.get("/password").text


def test_a_form_sent_twice_adds_one_person(app, office):
    once_id = new_id()
    first, second = (add(office, app, command_id=once_id) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert scalar(app, select(func.count()).where(Person.login == "new@example.org")) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"login": "boss@example.org"}, "Someone signs in as boss@example.org already."),
        ({"login": "two words"}, "cannot be a sign-in name"),
        ({"login": "<script>"}, "cannot be a sign-in name"),
        ({"name": " "}, "Write the name that others see"),
        ({"role": "site_lead"}, "Choose the site."),
        ({"role": "emperor"}, "Choose one from the list."),
        ({"place_id": "999"}, "Choose one from the list."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(app, office, changes, said):
    answer = add(office, app, **changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="fr"' in answer.text
    assert scalar(app, select(func.count()).select_from(Person)) == 1


def test_a_new_password_and_a_new_role_sign_the_person_out(app, office):
    person = add_someone(app)
    theirs = sign_in(app.test_client(), person)
    office.post(f"/setup/people/{person}/password", data={"command_id": new_id()})
    assert theirs.get("/today").status_code == 302
    sign_in(theirs, person)
    organisation = scalar(app, select(Person.organisation_id).where(Person.id == person))
    office.post(
        f"/setup/people/{person}/roles",
        data={
            "command_id": new_id(),
            "organisation_id": organisation,
            "role": "auditor",
            "place_id": 0,
        },
    )
    assert theirs.get("/today").status_code == 302
    assert scalar(app, select(func.count()).where(LoginSession.revoked_at.is_not(None))) == 2
    with app.app_context():
        assert actor_for(db.session(), person).may("audit:view")
        db.session.remove()


def test_a_role_withdrawn_is_gone_with_the_sessions(app, office):
    person = add_someone(app)
    theirs = sign_in(app.test_client(), person)
    grant = scalar(app, select(RoleGrant.id).where(RoleGrant.person_id == person))
    answer = office.post(
        f"/setup/people/{person}/roles/{grant}/withdraw", data={"command_id": new_id()}
    )
    assert answer.status_code == 303
    assert theirs.get("/today").status_code == 302
    assert scalar(app, select(func.count()).where(RoleGrant.person_id == person)) == 0


def test_someone_switched_off_is_out_at_once_and_back_when_switched_on(app, office):
    person = add_someone(app)
    theirs = sign_in(app.test_client(), person)
    office.post(f"/setup/people/{person}/switch", data={"command_id": new_id(), "active": "no"})
    assert theirs.get("/today").status_code == 302
    office.post(f"/setup/people/{person}/switch", data={"command_id": new_id(), "active": "yes"})
    assert sign_in(theirs, person).get("/today").status_code == 200


def test_an_administrator_cannot_shut_themselves_out(app, office, administrator):
    answer = office.post(
        f"/setup/people/{administrator}/switch", data={"command_id": new_id(), "active": "no"}
    )
    assert answer.status_code == 422
    grant = scalar(app, select(RoleGrant.id).where(RoleGrant.person_id == administrator))
    answer = office.post(
        f"/setup/people/{administrator}/roles/{grant}/withdraw", data={"command_id": new_id()}
    )
    assert answer.status_code == 422
    assert office.get("/setup/people").status_code == 200


@pytest.fixture
def strangers(app, office):
    """A person and a place of another organisation: the ids of both, and of the grant."""
    with app.app_context():
        with writing(db.session()) as session:
            other = make_organisation(session, code="OTH", name="Other")
            person = make_person(session, Role.PLANNER, organisation=other, login="far@example.org")
            place = make_place(session, organisation=other, protected=False, name="Far valley")
            grant = session.scalar(select(RoleGrant.id).where(RoleGrant.person_id == person.id))
            ids = (person.id, place.id, grant, other.id)
        db.session.remove()
    return ids


def test_people_of_another_organisation_are_nobody(app, office, strangers):
    person, place, grant, organisation = strangers
    assert "far@example.org" not in office.get("/setup/people").text
    assert office.get(f"/setup/people/{person}").status_code == 404
    own = add_someone(app)
    for path in (
        f"/setup/people/{person}/password",
        f"/setup/people/{person}/switch",
        f"/setup/people/{person}/roles",
        f"/setup/people/{person}/roles/{grant}/withdraw",
        f"/setup/people/{own}/roles/{grant}/withdraw",
    ):
        assert office.post(path, data={"command_id": new_id()}).status_code == 404
    assert add(office, app, organisation_id=organisation).status_code == 422
    assert add(office, app, role="site_lead", place_id=place).status_code == 422


def test_no_password_stands_in_commands_or_audit(app, office):
    person = add_someone(app)
    command = new_id()
    page = office.post(f"/setup/people/{person}/password", data={"command_id": command})
    words = words_on(page)
    with app.app_context():
        record = db.session.get(CommandRecord, command)
        assert words not in record.answer
        stored = db.session.get(Person, person).password_hash
        assert stored not in record.answer
        assert stored.rpartition("$")[2] not in record.answer
        db.session.remove()


def test_a_password_page_sent_twice_does_not_show_words_that_do_not_count(app, office):
    person = add_someone(app)
    command = new_id()
    first = office.post(f"/setup/people/{person}/password", data={"command_id": command})
    again = office.post(f"/setup/people/{person}/password", data={"command_id": command})
    assert words_on(first)
    assert "The password shown then is the one that counts" in again.text
    assert not re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", again.text.split("<main")[1])


def test_long_lists_come_in_pages_and_none_is_left_out(app, office, monkeypatch):
    monkeypatch.setattr("aidlog.registry.lists.PAGE", 3)
    for number in range(6):
        add_someone(app, f"p{number}@example.org")
    seen, url = [], "/setup/people?sort=login"
    while url:
        page = office.get(url).text
        seen += re.findall(r'data-l="Sign-in name">([^<]+)', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = following and following[1].replace("&amp;", "&")
        assert "example.org" not in (url or ""), "nobody's name stands in an address"
    assert seen == ["boss@example.org", *(f"p{number}@example.org" for number in range(6))]


def test_the_audit_shows_what_was_done_here_and_that_the_chain_holds(app, office, strangers):
    add(office, app)
    page = office.get("/audit").text
    assert "AddPerson:done" in page
    assert "before it: 1." in office.get("/audit/chain").text


def test_the_audit_hides_what_others_did(app, office, strangers):
    with app.app_context():
        with writing(db.session()) as session:
            from aidlog.db import audit

            audit.record(session, actor_id=strangers[0], verb="FarAway:done", subject="x")
        db.session.remove()
    assert "FarAway" not in office.get("/audit").text
    assert scalar(app, select(func.count()).select_from(AuditEntry)) == 1


def test_a_chain_that_was_tampered_with_is_told(app, office):
    add(office, app)
    with app.app_context():
        with db.engine.begin() as connection:
            triggers = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"
            ).scalars()
            for name in list(triggers):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("UPDATE audit_entry SET verb = 'Nothing:done'")
        db.session.remove()
    page = office.get("/audit/chain").text
    assert "The chain is broken." in page
    assert "changed since it was sealed" in page


def test_only_administrators_reach_people_and_only_auditors_the_audit(app):
    for role in Role:
        client = sign_in(app.test_client(), add_someone(app, f"{role}@example.org", role))
        people = 200 if role is Role.ADMINISTRATOR else 404
        audit = 200 if role in {Role.ADMINISTRATOR, Role.AUDITOR} else 404
        assert client.get("/setup/people").status_code == people
        assert client.get("/audit").status_code == audit


def test_a_name_that_is_searched_for_stands_in_no_address(app, office, monkeypatch):
    monkeypatch.setattr("aidlog.registry.lists.PAGE", 3)
    for number in range(5):
        add_someone(app, f"p{number}@example.org")
    found = office.post("/setup/people", data={"q": "example"}).text
    seen = re.findall(r'data-l="Sign-in name">([^<]+)', found)
    assert len(seen) == 3
    following = re.search(r'name="after" value="([0-9]+)"', found)
    rest = office.post("/setup/people", data={"q": "example", "after": following[1]}).text
    seen += re.findall(r'data-l="Sign-in name">([^<]+)', rest)
    assert sorted(seen) == ["boss@example.org", *(f"p{number}@example.org" for number in range(5))]
    assert "q=" not in "".join(re.findall(r'href="([^"]*)"', found))
    assert "boss@example.org" in office.get("/setup/people?q=p3&sort=login").text
    assert "boss@example.org" not in office.post("/setup/people", data={"q": "p3"}).text
