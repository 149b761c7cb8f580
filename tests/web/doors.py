"""Who may open what: every page and form × every role × whose the thing is.

``python -m tests.web.doors`` writes the table anew into tests/web/golden/doors.csv. Read the
difference before it is committed: each line says what a person gets.

A cell is the status of the answer; ``door`` is the way to sign in, ``away`` leads elsewhere.
Forms are sent with nothing in them but a command id: 422 means that the person was let in and
asked to fill in the form. 404 is the answer to whoever may not, and to what is not there.
"""

from __future__ import annotations

import csv
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule

from aidlog.extensions import db
from tests.web.estate import ACTORS, ANONYMOUS, OTHER_DONOR, OTHER_PLACE, OWN, WHOSE, Estate, settle

TABLE = Path(__file__).parent / "golden" / "doors.csv"

#: What stands in an address, by its beginning (one word, or two) or the endpoint, and the name
#: of the gap.
KINDS = {
    ("arrivals.kept", "number"): "disputed",
    ("arrivals.late", "number"): "disputed",
    ("plan_cases.remove", "number"): "case",
    ("plan_cases.stop", "number"): "case",
    ("plan_cases.take", "number"): "case",
    ("plan_deciding.approve", "code"): "submitted",
    ("plan_deciding.reject", "code"): "submitted",
    ("shopping.send", "number"): "shopping",
    ("shopping.show", "number"): "shopping",
    ("shopping.stop", "number"): "shopping",
    ("shopping.workbook", "number"): "shopping",
    ("waybill_making.cancel", "number"): "prepared",
    ("waybill_making.change", "number"): "prepared",
    ("waybill_making.dispatch", "code"): "approved",
    ("waybill_moving.late", "number"): "disputed",
    ("waybill_leaving.load", "number"): "prepared",
    ("corrections", "code"): "correction",
    ("count_deciding.approve", "code"): "counted",
    ("count_deciding.explain", "code"): "counted",
    ("count_deciding.recount", "code"): "counted",
    ("counts", "code"): "take",
    ("counts.report", "code"): "counted",
    ("documents", "code"): "document",
    ("exports", "job"): "export",
    ("exports/new", "kind"): "list",
    ("gifts", "reference"): "reference",
    ("kit_building.build", "item"): "kit",
    ("losses", "report"): "loss",
    ("lots", "lot_id"): "lot",
    ("photos", "photo_id"): "photo",
    ("recalls", "code"): "recall",
    ("plans", "code"): "plan",
    ("pledges", "code"): "pledge",
    ("offers", "number"): "offer",
    ("purchases", "number"): "order",
    ("receive", "code"): "pledge",
    ("receive/order", "code"): "order",
    ("receive/truck", "number"): "truck",
    ("s/in", "number"): "waybill",
    ("setup/carriers", "carrier_id"): "carrier",
    ("setup/import", "kind"): "list",
    ("setup/import", "token"): "file",
    ("setup/items", "code"): "item",
    ("setup/standards", "standard_id"): "standard",
    ("site_people.undo", "change_id"): "change",
    ("sites.undo", "change_id"): "change",
    ("setup/kits", "code"): "kit",
    ("setup/organisations", "code"): "organisation",
    ("setup/people", "grant_id"): "grant",
    ("setup/people", "person_id"): "person",
    ("setup/places", "code"): "site",
    ("setup/routes", "route_id"): "route",
    ("setup/vehicles", "vehicle_id"): "vehicle",
    ("sites", "code"): "site",
    ("stock", "item"): "item",
    ("stock", "warehouse"): "warehouse",
    ("t", "token"): "token",
    ("transfers", "number"): "request",
    ("requisitions", "number"): "requisition",
    ("requisitions", "what"): "ending",
    ("assessments", "assessment_id"): "assessment",
    ("voice", "feedback_id"): "feedback",
    ("w", "check"): "check",
    ("w", "number"): "waybill",
    ("w", "token"): "mark",
    ("warehouses", "warehouse"): "warehouse",
    ("waybills", "number"): "waybill",
}
#: Kinds of things that belong to nobody, to an organisation as a whole, or to a donor as well.
SHARED = frozenset({"ending", "export", "file", "list", "item", "kit", "standard"})
OF_NO_PLACE = frozenset({"carrier", "grant", "organisation", "person", "vehicle"})
OF_DONORS = frozenset({"pledge", "reference", "token"})
#: The one static file stands for all.
FILE = "app.css"

Key = tuple[str, str, str]
Row = dict[str, str]


class NoValue(LookupError):
    """A page has a gap in its address that the table does not know how to fill."""


class House:
    """The app on a database of its own, put back after every change."""

    def __init__(self, app: Flask, path: Path) -> None:
        self.app, self.path = app, path
        app.config.update(TESTING=False, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
        self.estate: Estate = settle(app)
        self._kept = path.with_suffix(".kept")
        self._close()
        shutil.copy(path, self._kept)

    def answer(self, actor: str, method: str, path: str) -> str:
        """Return what ``actor`` gets, in the words of the table."""
        client = self.app.test_client()
        if actor != ANONYMOUS:
            client.set_cookie("aidlog", self.estate.tokens[actor])
        data = {"command_id": str(UUID(int=1))} if method == "POST" else None
        answer = client.open(path, method=method, data=data)
        status, leads_to = answer.status_code, answer.headers.get("Location", "")
        answer.close()
        if method != "GET":
            self._put_back()
        if status in {302, 303, 308}:
            return "door" if leads_to.startswith("/login") else "away"
        return str(status)

    def _put_back(self) -> None:
        self._close()
        for extra in ("-wal", "-shm"):
            Path(f"{self.path}{extra}").unlink(missing_ok=True)
        shutil.copy(self._kept, self.path)

    def _close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        with sqlite3.connect(self.path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def rows(house: House) -> Iterator[tuple[Key, Row]]:
    """Walk every rule of the app, and yield who gets what."""
    for rule in sorted(house.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            for whose in whose_of(rule):
                path = address(house.app, house.estate, rule, whose)
                yield (
                    (rule.endpoint, method, whose),
                    {actor: house.answer(actor, method, path) for actor in ACTORS},
                )


def whose_of(rule: Rule) -> tuple[str, ...]:
    """Return the owners for whom the answers of ``rule`` can differ."""
    gaps = {kind_of(rule, gap) for gap in rule.arguments} - SHARED
    left_out = set()
    if gaps <= OF_NO_PLACE:
        left_out.add(OTHER_PLACE)
    if not gaps & OF_DONORS:
        left_out.add(OTHER_DONOR)
    return tuple(whose for whose in WHOSE if whose not in left_out) if gaps else (OWN,)


def address(app: Flask, estate: Estate, rule: Rule, whose: str) -> str:
    """Return the address of the thing of ``whose``."""
    values = {
        gap: FILE if rule.endpoint == "static" else estate.things[whose][kind_of(rule, gap)]
        for gap in rule.arguments
    }
    converted = {
        gap: int(value) if value.isdigit() and "id" in gap else value
        for gap, value in values.items()
    }
    built = app.url_map.bind("localhost").build(rule.endpoint, converted)
    return str(built)


def kind_of(rule: Rule, gap: str) -> str:
    """Return the kind of thing that fills ``gap``.

    Raises:
        NoValue: nobody said so yet: add it to KINDS, and to the estate.
    """
    if rule.endpoint == "static":
        return "item"
    words = rule.rule.strip("/").casefold().split("/")
    for beginning in (rule.endpoint, "/".join(words[:2]), words[0]):
        if (beginning, gap) in KINDS:
            return KINDS[beginning, gap]
    raise NoValue(f"{rule.rule}: say in KINDS what <{gap}> of {rule.endpoint} is")


def read() -> dict[Key, Row]:
    """Return the reviewed table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            (line["endpoint"], line["method"], line["whose"]): {a: line[a] for a in ACTORS}
            for line in csv.DictReader(file)
        }


def write(found: dict[Key, Row]) -> None:
    """Write the table anew."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["endpoint", "method", "whose", *ACTORS])
        for key, row in sorted(
            found.items(), key=lambda kept: (*kept[0][:2], WHOSE.index(kept[0][2]))
        ):
            table.writerow([*key, *(row[actor] for actor in ACTORS)])


def main() -> None:
    from aidlog.app import create_app
    from tests.conftest import migrate_up, settings_for

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "aidlog.db"
        url = f"sqlite:///{path}"
        migrate_up(url, Path(folder))
        write(
            dict(
                rows(House(create_app(settings_for(url, Path(folder), log_level="CRITICAL")), path))
            )
        )


if __name__ == "__main__":
    main()
