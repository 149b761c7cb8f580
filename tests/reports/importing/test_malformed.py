"""Every file as it should not be: the verdict that it has to get, soon, in little memory."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.stock.models import Lot
from tests.reports.importing import malformed
from tests.reports.importing.conftest import Desk, told
from tests.reports.importing.malformed import ALL, READS, REFUSED, STOPS, Malformed


@pytest.fixture
def database(sqlite_url: str) -> str:
    """What a file is read as does not depend on the database; what writes is tested on both."""
    return sqlite_url


#: A reader that hangs: none takes a second, and a busy machine is no fault of the file.
MOST_SECONDS = 60
MOST_MEGABYTES = 300
#: Reads every file and tells the kilobytes of the largest reader.
READ_ALL = """
import resource
from aidlog.core.errors import Refusal
from aidlog.reports.any_file import read_any
from tests.reports.importing.malformed import ALL

for case in ALL:
    try:
        read_any(case.make())
    except Refusal:
        pass
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_the_plan_of_forty_is_whole() -> None:
    numbers = {case.number.rstrip("abcdef") for case in ALL}
    assert numbers >= {str(number) for number in range(1, 41)}


@pytest.mark.parametrize("case", ALL, ids=str)
def test_each_malformed_file_gets_its_verdict(case: Malformed, desk: Desk) -> None:
    data = case.make()
    began = time.monotonic()
    try:
        checked = desk.check("stock", data)
    except Refusal as refusal:
        verdict, words = REFUSED, str(refusal)
    else:
        verdict = STOPS if checked.stopping else READS
        words = told(checked, stops=verdict == STOPS)
    assert (verdict, time.monotonic() - began < MOST_SECONDS) == (case.verdict, True), words
    assert case.says in words


@pytest.mark.parametrize(
    "case", [case for case in ALL if case.verdict != READS], ids=str
)  # fmt: skip
def test_what_does_not_hold_writes_nothing(case: Malformed, desk: Desk, session: Session) -> None:
    with pytest.raises(Refusal):
        desk.take("stock", case.make())
    assert session.scalar(select(func.count(Lot.id))) == 0


@pytest.mark.parametrize("case", [case for case in ALL if case.verdict == READS], ids=str)
def test_what_holds_is_counted_in_as_written(case: Malformed, desk: Desk, session: Session) -> None:
    desk.take("stock", case.make())
    lot = session.scalars(select(Lot).order_by(Lot.id)).first()
    assert lot is not None
    assert str(lot.expires_on) == "2030-05-31"


def test_readers_stay_within_their_memory() -> None:
    """Counted in a process of its own: other tests of this one have larger children."""
    pytest.importorskip("resource")
    counted = subprocess.run(
        [sys.executable, "-c", READ_ALL], capture_output=True, text=True, check=True
    )
    assert int(counted.stdout) / 1024 < MOST_MEGABYTES


def test_nothing_is_written_outside_by_an_entry_that_climbs_out(desk: Desk, tmp_path) -> None:
    case = next(case for case in malformed.ALL if case.number == "13")
    desk.check("stock", case.make())
    assert not list(tmp_path.rglob("outside.xml"))
