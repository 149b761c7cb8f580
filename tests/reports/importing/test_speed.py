"""What large files may cost: CPU seconds of this process and its readers, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aidlog.reports.importing.choices import Numbers
from tests.reports.importing.conftest import Desk
from tests.reports.importing.malformed import HEAD, row

pytestmark = pytest.mark.slow

STOCK_ROWS, CATALOGUE = 5_000, 12_000


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    resource = pytest.importorskip("resource")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.process_time()
    yield
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - began
    spent += after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    assert spent < seconds


def catalogue() -> bytes:
    lines = [
        f"CODE{n},Thing number {n} of the store,{n % 300 + 1},{n % 40 / 8}"
        for n in range(CATALOGUE)
    ]
    return "\n".join(["item code,item description,volume litre,weight kg", *lines]).encode()


def test_a_stock_list_of_5000_rows_is_checked_and_booked_in_5_seconds(desk: Desk) -> None:
    lines = [",".join(map(str, row(Lot_number=f"L{n}", Quantity=n + 1))) for n in range(STOCK_ROWS)]
    data = "\n".join([",".join(HEAD), *lines]).encode()
    with at_most(5):
        assert desk.take("stock", data)["added"] == STOCK_ROWS


def test_a_catalogue_of_12000_items_is_taken_in_20_seconds(desk: Desk) -> None:
    given = {"given": {"base_unit": "piece"}, "numbers": Numbers.EN}
    with at_most(20):
        assert desk.take("items", catalogue(), **given)["added"] == CATALOGUE


def test_misspelt_names_in_a_large_catalogue_are_suggested_soon(desk: Desk) -> None:
    given = {"given": {"base_unit": "piece"}, "numbers": Numbers.EN}
    desk.take("items", catalogue(), **given)
    lines = [f"W01,Thing nubmer {n} of store,1,piece" for n in range(300)]
    data = "\n".join(["warehouse,item,quantity,unit", *lines]).encode()
    with at_most(10):
        checked = desk.check("stock", data, given={"counted_on": "2026-11-02"})
    assert all(one.suggestions for one in checked.asked)
