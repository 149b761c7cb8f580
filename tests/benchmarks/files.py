"""Lists taken out and lists taken in, each beside the bare way to do it."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.db.commands import new_id
from aidlog.db.transaction import prepare, writing
from aidlog.registry.models import PackKind
from aidlog.registry.roles import Role
from aidlog.reports.any_file import read_any
from aidlog.reports.importing.carrying_out import carry_out, for_the_record
from aidlog.reports.importing.checking import Checked, check_file
from aidlog.reports.importing.choices import Choices, Numbers
from aidlog.reports.importing.kinds import importer_of
from tests.benchmarks import floor
from tests.benchmarks.operation import make_operation
from tests.benchmarks.report import Line
from tests.conftest import TEST_KEY, migrate_up
from tests.factories import make_actor, make_item, make_organisation, make_place, make_warehouse

ROOT = Path(__file__).parents[2]
ROWS, COLUMNS = 50_000, 12
STOCK_ROWS, CATALOGUE, MISSPELT = 5_000, 12_000, 300

#: Each runs alone in a process and tells its CPU seconds and its memory at most. The kernel's
#: mark of this program is read: getrusage() would tell that of the process which began it.
MEASURED = """
import json, sys, time
from pathlib import Path
target = Path(sys.argv[1])
def most():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
{before}
start = most()
began = time.process_time()
{work}
print(json.dumps([time.process_time() - began, most() - start, most()]))
"""
MADE = """
from datetime import date
days = [date(2027, 1, 1 + n) for n in range(28)]
def made():
    for n in range({rows}):
        yield [f"ITEM{{n % 200:04d}}", f"Item number {{n}} as it is called", n, "W1", days[n % 28],
               f"L{{n:06d}}", n * 3, "Friends of the Lake", "bale", 10, days[n % 27], "received"]
"""
OURS = """
from aidlog.reports.exports.flat_file import Head, write_file
head = Head(title="Stock", headings=[f"Column {n}" for n in range(12)])
"""
RAW = """
from openpyxl import Workbook
def written(rows):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(target)
"""
#: openpyxl takes no moment with a zone; a day it is in our file too.
DAYS = """
from datetime import datetime
def days(rows):
    for row in rows:
        yield [cell.date() if isinstance(cell, datetime) else cell for cell in row]
"""
BOOKS = """
import os
from datetime import UTC, datetime
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from aidlog.reports.exports.kinds import KINDS, everything
from aidlog.reports.exports.rows import Asked
from aidlog.reports.words import speaker
engine = create_engine(os.environ["BOOKS"])
def read(session):
    asked = Asked(session=session, actor=everything(session), language="en", say=speaker("en"),
                  now=datetime.now(UTC), narrowed={})
    return KINDS["movements"].head(asked), KINDS["movements"].rows(asked)
"""


def costs(folder: Path) -> Iterator[Line]:
    """Measure targets 8 and 9: XLSX of 50,000 rows, imports of 5,000 and 12,000."""
    made = MADE.format(rows=ROWS)
    ours = _alone(folder, made + OURS, "write_file(target, head, made())")
    raw = _alone(folder, made + RAW, "written(made())")
    yield _xlsx(f"XLSX of {ROWS} rows × {COLUMNS}", ours, raw)
    yield _of_the_books(folder)
    yield from _imports(folder)


def _of_the_books(folder: Path) -> Line:
    """The movements of a warehouse's books from the database to the file, all in all."""
    home = folder / "books"
    home.mkdir()
    url = f"sqlite:///{home / 'aidlog.db'}"
    migrate_up(url, home)
    engine = create_engine(url)
    prepare(engine)
    audit.use_key(engine, TEST_KEY.encode())
    make_operation(engine, ROWS)
    engine.dispose()
    work = "with Session(engine) as session:\n    head, rows = read(session)\n    "
    ours = _alone(folder, BOOKS + OURS, work + "write_file(target, head, rows)", books=url)
    raw = _alone(folder, BOOKS + RAW + DAYS, work + "written(days(rows))", books=url)
    return _xlsx(f"list of {ROWS} movements as XLSX, from the database", ours, raw)


#: CPU-seconds; kilobytes that the work took; kilobytes at most.
Spent = tuple[float, float, float]
Found = TypeVar("Found")


def _xlsx(what: str, ours: Spent, raw: Spent) -> Line:
    cpu, memory = ours[0] / raw[0], ours[2] / raw[2]
    return Line(
        "8",
        what,
        f"{ours[0]:.1f} CPU-s = {cpu:.2f}×, {ours[2] / 1000:.0f} MB at most = {memory:.2f}×"
        f" (the work {ours[1] / 1000:.0f} MB)",
        f"{raw[0]:.1f} CPU-s, {raw[2] / 1000:.0f} MB, openpyxl write-only"
        f" (the work {raw[1] / 1000:.0f} MB)",
        "≤ 1.2× in time and in memory",
        cpu <= 1.2 and memory <= 1.2,
    )


def _alone(folder: Path, before: str, work: str, *, books: str = "") -> Spent:
    """Run ``work`` in a process of its own, the better of two."""
    told = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", MEASURED.format(before=before, work=work), folder / "a.xlsx"],
            env=os.environ | {"BOOKS": books},
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        told.append(tuple(json.loads(done.stdout)))
    return min(told)


def _imports(folder: Path) -> Iterator[Line]:
    desk = Desk(folder / "desk")
    file = _stock_list()
    ours, taken = _spent(lambda: desk.take("stock", file))
    assert taken["added"] == STOCK_ROWS
    bare, _ = _spent(lambda: _bare(folder / "bare.db", file))
    yield Line(
        "9",
        f"stock list of {STOCK_ROWS} rows: read, checked, booked, all or nothing",
        f"{ours:.1f} CPU-s = {ours / bare:.1f}×",
        f"{bare:.1f} CPU-s, csv and ORM objects unchecked",
        "≤ 5 CPU-s, ≤ 8×",
        ours / bare <= 8,
    )
    desk = Desk(folder / "catalogue")
    items = _catalogue()
    given = {"given": {"base_unit": "piece"}, "numbers": Numbers.EN}
    ours, taken = _spent(lambda: desk.take("items", items, **given))
    assert taken["added"] == CATALOGUE
    bare, _ = _spent(lambda: _bare_items(folder / "items.db", items))
    yield Line(
        "9",
        f"catalogue of {CATALOGUE} items",
        f"{ours:.1f} CPU-s = {ours / bare:.1f}×",
        f"{bare:.1f} CPU-s, csv and ORM objects unchecked",
        "≤ 20 CPU-s, ≤ 20×",
        ours / bare <= 20,
    )
    wrong = "\n".join(
        ["warehouse,item,quantity,unit"]
        + [f"W01,Thing nubmer {n} of store,1,piece" for n in range(MISSPELT)]
    ).encode()
    spent, checked = _spent(lambda: desk.check("stock", wrong, given={"counted_on": "2026-11-02"}))
    assert checked.asked
    assert all(one.suggestions for one in checked.asked)
    yield Line(
        "–",
        f"suggestions for {MISSPELT} misspelt names among {CATALOGUE}",
        f"{spent:.1f} CPU-s = {spent / ours:.2f}×",
        f"{ours:.1f} CPU-s, taking in that catalogue",
        "≤ 2×",
        spent / ours <= 2,
    )


def _spent(act: Callable[[], Found]) -> tuple[float, Found]:
    """Return the CPU-seconds of this process and its readers, and what ``act`` returned."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.process_time()
    found = act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - began
    spent += after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    return spent, found


class Desk:
    """Someone who checks and takes in files, in books of their own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        url = f"sqlite:///{folder / 'aidlog.db'}"
        migrate_up(url, folder)
        self._engine = create_engine(url)
        prepare(self._engine)
        audit.use_key(self._engine, TEST_KEY.encode())
        with Session(self._engine) as session, writing(session):
            self._organisation = make_organisation(session).id
            make_warehouse(session, code="W01", name="Lakeside store")
            make_place(session, code="S01")
            make_item(session, code="MAT", name="Plastic mat", pack=(PackKind.BALE, 20))
            self._actor = make_actor(session, Role.PLANNER, Role.STOREKEEPER, Role.ADMINISTRATOR)

    def check(self, kind: str, data: bytes, **choices: object) -> Checked:
        with Session(self._engine) as session:
            return self._checked(session, kind, data, replace(Choices(), **choices))  # type: ignore[arg-type]

    def take(self, kind: str, data: bytes, **choices: object) -> dict[str, object]:
        """Check and take in a file as the pages do, in one transaction."""
        decided = replace(Choices(), **choices)  # type: ignore[arg-type]
        with Session(self._engine) as session, writing(session):
            checked = self._checked(session, kind, data, decided)
            kept = for_the_record(
                self._actor,
                kind=kind,
                organisation_id=self._organisation,
                digest=read_any(data).digest,
            )
            return dict(
                carry_out(
                    session, self._actor, checked, kept, command_id=new_id(), again=decided.again
                )
            )

    def _checked(self, session: Session, kind: str, data: bytes, decided: Choices) -> Checked:
        file, importer = read_any(data), importer_of(kind)
        return check_file(session, self._actor, importer, file, self._organisation, decided)


def _stock_list() -> bytes:
    head = "Warehouse,Item code,Quantity,Unit,Lot number,Expiry date,Counted on"
    lines = [f"W01,MAT,{n + 1},piece,L{n},2027-06-01,2026-11-02" for n in range(STOCK_ROWS)]
    return "\n".join([head, *lines]).encode()


def _catalogue() -> bytes:
    lines = [
        f"CODE{n},Thing number {n} of the store,{n % 300 + 1},{n % 40 / 8}"
        for n in range(CATALOGUE)
    ]
    return "\n".join(["item code,item description,volume litre,weight kg", *lines]).encode()


def _bare(file: Path, data: bytes) -> None:
    """Take the same rows in without a question: an object a lot and one a movement."""
    engine = create_engine(f"sqlite:///{file}")
    prepare(engine)
    floor.Table.metadata.create_all(engine)
    with Session(engine) as session, writing(session):
        session.add(floor.Goods(code="MAT", name="Plastic mat"))
        session.flush()
        goods = session.scalars(select(floor.Goods.id)).one()
        for row in csv.DictReader(io.StringIO(data.decode())):
            batch = floor.Batch(
                store=1,
                goods_id=goods,
                number=row["Lot number"],
                expires_on=date.fromisoformat(row["Expiry date"]),
                quantity=int(row["Quantity"]),
            )
            session.add(batch)
            session.flush()
            session.add(
                floor.Move(
                    batch_id=batch.id,
                    quantity=batch.quantity,
                    moved_on=date.fromisoformat(row["Counted on"]),
                )
            )
    engine.dispose()


def _bare_items(file: Path, data: bytes) -> None:
    engine = create_engine(f"sqlite:///{file}")
    prepare(engine)
    floor.Table.metadata.create_all(engine)
    with Session(engine) as session, writing(session):
        session.add_all(
            floor.Goods(code=row["item code"], name=row["item description"])
            for row in csv.DictReader(io.StringIO(data.decode()))
        )
    engine.dispose()
