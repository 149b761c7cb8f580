"""Days are read as they are written, and asked about where they are two."""

from __future__ import annotations

from datetime import date

import pytest

from aidlog.core.errors import Refusal
from aidlog.reports.cells import OtherCell
from aidlog.reports.importing.choices import DayOrder
from aidlog.reports.importing.dates import order_of, read_day

DMY, MDY = DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST


def read(cell, chosen=None):
    return read_day(cell, order_of([cell] if isinstance(cell, str) else [], chosen))


@pytest.mark.parametrize(
    "written",
    ["2027-04-03", "2027/4/3", "3 April 2027", "3 avril 2027", "3 Aprili 2027", "3rd Apr 2027",
     "April 3, 2027", "3 Mata 2027", "2027-04-03 00:00", OtherCell("2027-04-03 10:30:00"),
     date(2027, 4, 3)],
)  # fmt: skip
def test_a_day_that_can_be_only_one_is_read(written):
    assert read(written) == date(2027, 4, 3)


@pytest.mark.parametrize(("written", "day"), [("25/12/2026", date(2026, 12, 25)),
                                              ("12/25/2026", date(2026, 12, 25)),
                                              ("03/03/2027", date(2027, 3, 3))])  # fmt: skip
def test_a_day_above_twelve_leaves_no_doubt(written, day):
    assert read(written) == day
    assert not order_of([written], None).open


def test_a_day_that_can_be_two_is_asked_about_and_then_read():
    assert order_of(["03/04/2027"], None).open
    with pytest.raises(Refusal, match="2027-04-03 in one country and 2027-03-04"):
        read("03/04/2027")
    assert read("03/04/2027", DMY) == date(2027, 4, 3)
    assert read("03/04/2027", MDY) == date(2027, 3, 4)


def test_a_year_of_two_digits_is_read_only_by_an_order_that_somebody_named():
    with pytest.raises(Refusal, match="two digits"):
        read("17/03/12")
    assert read("03/17/12", MDY) == date(2012, 3, 17)


@pytest.mark.parametrize(
    ("written", "says"),
    [("05/2027", "no day"), ("2027-05", "no day"), ("Mai 2027", "no day"),
     ("31/02/2027", "calendar"),
     ("2027-13-01", "calendar"), ("soon", "not read as a date"), ("2001", "not read"),
     (46_000.0, "2025-12-09"), ("46000", "2025-12-09"), ("0207-05-01", "not a year"),
     ("3 jui 2027", "not read")],
)  # fmt: skip
def test_what_is_no_whole_day_is_refused_with_what_to_write(written, says):
    with pytest.raises(Refusal, match=says):
        read(written)
