"""Document numbers: per organisation, series and year, unique, without gaps, in commit order."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, insert, update
from sqlalchemy.orm import Mapped, Session, make_transient_to_detached, mapped_column
from sqlalchemy.orm.util import identity_key

from aidlog.db.base import Base, Id, one_of, table
from aidlog.db.upsert import insert_missing


class Series(StrEnum):
    """The kinds of numbered documents, by the letters that stand before the number."""

    PLEDGE = "PL"
    CONSIGNMENT = "CN"
    GRN = "GRN"
    PLAN = "P"
    WAYBILL = "WB"
    RECEIPT = "R"
    LOSS = "LR"
    HANDOUT = "D"
    ADJUSTMENT = "ADJ"
    COUNT = "ST"
    REVERSAL = "RV"
    REQUISITION = "RQ"
    TRANSFER = "TR"
    REPACK = "RP"
    KIT = "KT"
    HOLD = "HD"
    DISPOSAL = "DD"
    SENT_BACK = "RT"
    RECALL = "RC"
    HANDOVER = "HO"
    PURCHASE = "PO"


class Document(Base):
    """Whatever has a number. What it is about stands in the table of its own kind."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("organisation_id", "series", "year", "number"),
        UniqueConstraint("code"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    series: Mapped[Series] = mapped_column(one_of(Series, 4))
    year: Mapped[int]
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]


class DocumentCounter(Base):
    """The last number given; its row is locked until the number is committed."""

    __tablename__ = "document_counter"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    series: Mapped[Series] = mapped_column(one_of(Series, 4), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


_COUNTER = table(DocumentCounter)
#: Count a series up and tell the number; built once, since every document asks it.
_COUNT_UP = (
    update(_COUNTER)
    .where(
        _COUNTER.c.organisation_id == bindparam("its_organisation_id"),
        _COUNTER.c.series == bindparam("its_series"),
        _COUNTER.c.year == bindparam("its_year"),
    )
    .values(last=_COUNTER.c.last + 1)
    .returning(_COUNTER.c.last)
)
_WRITE = insert(table(Document)).returning(table(Document).c.id)


def new_document(
    session: Session, series: Series, *, organisation_id: int, organisation_code: str
) -> Document:
    """Give the next number of ``series``; it reads WB-KRB-26-0017.

    The counter's row stays locked until the transaction ends: a sequence would leave gaps,
    and MAX + 1 would give one number twice.
    """
    session.flush()  # what was added before the number was given is written before it
    now = datetime.now(UTC)
    key = {"organisation_id": organisation_id, "series": series, "year": now.year}
    counter = {f"its_{name}": value for name, value in key.items()}
    number = session.scalar(_COUNT_UP, counter)
    if number is None:  # the first of this series and year
        insert_missing(session, DocumentCounter, [{**key, "last": 0}])
        number = session.scalars(_COUNT_UP, counter).one()
    row = {
        **key,
        "number": number,
        "code": f"{series}-{organisation_code}-{now.year % 100:02d}-{number:04d}",
        "created_at": now,
    }
    document = Document(**row, id=session.scalars(_WRITE, row).one())
    # It is written and never changes: the session need not write it a second time.
    make_transient_to_detached(document)
    # SQLite gives an id again whose document a refusal undid: what is left of that one goes.
    undone = session.identity_map.get(identity_key(instance=document))
    if undone is not None:
        session.expunge(undone)
    session.add(document)
    return document
