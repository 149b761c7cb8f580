"""What a column takes and what it refuses, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from aidlog.core.errors import NotFound
from aidlog.db.transaction import writing
from aidlog.registry.models import Item, LoginAttempt
from tests.factories import make_item


@pytest.mark.parametrize(
    "quantity", [1.0, 1.5, True, "1", Decimal(1), np.int64(1), float("nan")], ids=repr
)
def test_a_quantity_is_an_int_and_nothing_that_looks_like_one(session, quantity):
    with pytest.raises(StatementError, match="a quantity is an int"), writing(session):
        make_item(session, weight_mg=quantity)


def test_a_quantity_larger_than_four_bytes_comes_back_exact(session):
    with writing(session):
        make_item(session, code="HEAVY", weight_mg=10**15 - 1)
    assert session.scalar(select(Item.weight_mg).where(Item.code == "HEAVY")) == 10**15 - 1


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
def test_a_number_longer_than_any_column_is_no_rows(session, number):
    with pytest.raises(NotFound):
        session.scalar(select(Item.id).where(Item.id < number))
    with pytest.raises(NotFound):
        session.get(Item, number)


def test_a_moment_without_a_zone_is_refused(session):
    naive = datetime(2026, 11, 20, 9, 0)  # noqa: DTZ001 - the very thing to refuse
    with pytest.raises(StatementError, match="moments carry a time zone"), writing(session):
        session.add(LoginAttempt(account_hash="a", address_hash="b", at=naive))


def test_a_moment_of_any_zone_comes_back_in_utc(session):
    kigali = timezone(timedelta(hours=2))
    with writing(session):
        session.add(
            LoginAttempt(
                account_hash="a",
                address_hash="b",
                at=datetime(2026, 11, 20, 1, 30, 0, 123456, tzinfo=kigali),
            )
        )
    at = session.scalar(select(LoginAttempt.at))
    assert at == datetime(2026, 11, 19, 23, 30, 0, 123456, tzinfo=UTC)
    assert at.utcoffset() == timedelta(0)
