"""Document numbers: unique, without gaps, in the order of commits; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.db.numbering import Document, DocumentCounter, Series, new_document
from aidlog.db.transaction import writing
from tests.factories import make_organisation


def give(session, organisation, series=Series.WAYBILL) -> str:
    return new_document(
        session, series, organisation_id=organisation.id, organisation_code=organisation.code
    ).code


def give_and_fail(session, organisation) -> str:
    code = ""
    try:
        with writing(session):
            code = give(session, organisation)
            code[len(code)]  # a fault after the number was taken
    except IndexError:
        return code
    raise AssertionError("the write was meant to fail")


def test_each_organisation_and_series_counts_for_itself(session):
    with writing(session):
        one, other = make_organisation(session), make_organisation(session, code="AMN")
        given = [
            give(session, one),
            give(session, one),
            give(session, other),
            give(session, one, Series.GRN),
        ]
    assert [code[-4:] for code in given] == ["0001", "0002", "0001", "0001"]
    assert given[0].startswith("WB-KRB-")
    assert given[2].startswith("WB-AMN-")


def test_a_number_of_a_write_that_failed_is_given_again(session):
    with writing(session):
        organisation = make_organisation(session)
        first = give(session, organisation)
    lost = give_and_fail(session, organisation)
    with writing(session):
        second = give(session, organisation)
    assert second == lost
    assert second[-4:] == "0002"
    assert first[-4:] == "0001"


def test_eight_writers_at_once_leave_no_gap_and_no_double(engine, session):
    """One write in three fails after it took its number."""
    with writing(session):
        make_organisation(session)

    def writer(writer_number):
        for turn in range(12):
            with Session(engine) as own:
                organisation = make_organisation(own)
                if (writer_number + turn) % 3 == 0:
                    give_and_fail(own, organisation)
                else:
                    with writing(own):
                        give(own, organisation)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(writer, range(8)))
    numbers = session.scalars(select(Document.number).order_by(Document.id)).all()
    assert numbers == list(range(1, 65)), "in the order of commits, from 1, each once"
    assert session.scalars(select(DocumentCounter.last)).all() == [64]
