"""The declarative base of every table, and the column types that all share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Enum,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from aidlog.core.errors import NotFound

#: Every constraint has a name, so that a batch migration on SQLite can carry it over.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite stores no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        assert value is None or value.tzinfo is not None, "moments carry a time zone"
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


#: Columns hold whole numbers of eight bytes.
_LIMIT = 2**63


class NoSuchNumber(NotFound, DontWrapMixin):
    """A number that no column can hold was asked for: no row has it."""


class StrictInt(TypeDecorator[int]):
    """A whole number and nothing that merely looks like one.

    PostgreSQL would round 1.5 to 2 without a word and SQLite would store it as it is. Numbers
    come out of addresses too, as long as somebody likes: too long a one is no row's.
    """

    impl = BigInteger().with_variant(Integer(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is not None and type(value) is not int:
            raise TypeError(f"a quantity is an int, not {type(value).__name__}")
        if value is not None and not -_LIMIT <= value < _LIMIT:
            raise NoSuchNumber("a number that no row has")
        return value


Id = Annotated[int, mapped_column(StrictInt, primary_key=True)]
Key = Annotated[int, mapped_column(StrictInt)]
Code = Annotated[str, mapped_column(String(40))]
Name = Annotated[str, mapped_column(String(200))]
Quantity = Annotated[int, mapped_column(StrictInt)]
LongText = Annotated[str, mapped_column(Text)]


def one_of(kinds: type[StrEnum], length: int = 20) -> Enum:
    """Return the column type of ``kinds``: short text, checked by name in the database."""
    return Enum(
        kinds,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


def table(model: type[Base]) -> Table:
    """Return the table of ``model``, for a statement that asks for rows and not for objects."""
    found = model.__table__
    assert isinstance(found, Table)
    return found


class Base(DeclarativeBase):
    """Every table of aidlog; its times are UTC and its whole numbers strict."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        date: Date,
        int: StrictInt,
    }
