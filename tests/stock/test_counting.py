"""A stock take: blind, while work goes on, by one person and approved by another."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event, select

from aidlog.core.actor import Permission
from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.registry.roles import Role
from aidlog.stock.adjusting import CorrectStock, correct_stock
from aidlog.stock.count_deciding import (
    ApproveCount,
    AskRecount,
    CountedBeforeACorrection,
    CountedYourself,
    ExplainDifferences,
    Explanation,
    FinishCount,
    NotAllCounted,
    NotExplained,
    NotFreeAnyMore,
    approve_count,
    ask_recount,
    explain_differences,
    finish_count,
)
from aidlog.stock.count_sheets import (
    AddFoundLot,
    CancelCount,
    CannotCount,
    WrongTakeState,
    add_found_lot,
    cancel_count,
)
from aidlog.stock.counting import (
    CountOfLine,
    KeepDraft,
    RecordCounts,
    TypedLine,
    keep_draft,
    record_counts,
)
from aidlog.stock.models import (
    Correcting,
    LotZone,
    Reason,
    Recount,
    StockTake,
    StockTakeCount,
    StockTakeDraft,
    StockTakeLine,
    TakeScope,
    TakeState,
)
from aidlog.stock.soundness import faults
from aidlog.stock.takes import differences, take_called
from tests.booking import promise, send
from tests.factories import (
    command_id,
    make_actor,
    make_item,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)
from tests.stock.counts import approved, counted, finished, line_of, make_store, opened
from tests.stock.test_correcting import held


@pytest.fixture
def store(session):
    with writing(session):
        return make_store(session, 100, 50)


def usable(session, store, lot):
    return held(session, lot, store.warehouse)[0]


def issue(session, store, lot, quantity):
    with writing(session):
        send(session, store.keeper, lot, quantity, store.warehouse, make_place(session))


def state_of(session, take):
    return session.scalars(
        select(StockTake.state)
        .join(Document, Document.id == StockTake.document_id)
        .where(Document.code == take)
    ).one()


def test_what_is_missing_is_taken_off_and_what_is_found_is_added(session, store):
    one, two = store.lots
    take = opened(session, store)
    assert take.startswith("ST-KRB-")
    counted(session, store, take, {one: 95, two: 53})
    assert usable(session, store, one) == 100, "nothing is booked before it is approved"
    finished(session, store, take)
    assert usable(session, store, one) == 100
    assert approved(session, store, take) == {"take": take, "lines": 2}
    assert (usable(session, store, one), usable(session, store, two)) == (95, 53)
    assert state_of(session, take) is TakeState.APPROVED
    assert list(faults(session)) == []


def test_what_leaves_after_the_count_is_added_to_it(session, store):
    """Counted 95 where the books said 100; ten leave; 85 are left."""
    one, two = store.lots
    take = opened(session, store)
    counted(session, store, take, {one: 95, two: 50})
    issue(session, store, one, 10)
    finished(session, store, take)
    issue(session, store, one, 5)
    approved(session, store, take)
    assert usable(session, store, one) == 80
    assert list(faults(session)) == []


def test_a_lot_that_moves_while_it_is_counted_is_counted_again(session, store):
    one, two = store.lots
    take = opened(session, store)
    issue(session, store, one, 10)
    answer = counted(session, store, take, {one: 90, two: 50})
    line = line_of(session, take, one)
    assert answer["moved"] == [line.id]
    assert (line.counted, line.recount, line.round) == (None, Recount.MOVED, 2)
    kept = session.scalars(select(StockTakeCount).filter_by(line_id=line.id)).one()
    assert (kept.quantity, kept.moved) == (90, True), "what was counted is kept"
    with pytest.raises(NotAllCounted):
        finished(session, store, take)
    assert counted(session, store, take, {one: 90})["moved"] == []
    finished(session, store, take)
    assert approved(session, store, take)["lines"] == 0
    assert usable(session, store, one) == 90


def test_two_people_who_count_differently_count_again(session, store):
    one, two = store.lots
    take = opened(session, store)
    counted(session, store, take, {one: 95, two: 50})
    assert counted(session, store, take, {two: 50}, by=store.other)["differ"] == []
    answer = counted(session, store, take, {one: 96}, by=store.other)
    assert answer["differ"] == [line_of(session, take, one).id]
    assert line_of(session, take, one).recount is Recount.DIFFERS
    assert counted(session, store, take, {one: 96})["differ"] == []
    finished(session, store, take)
    approved(session, store, take)
    assert usable(session, store, one) == 96


def test_one_may_correct_the_count_of_ones_own(session, store):
    one, two = store.lots
    take = opened(session, store)
    counted(session, store, take, {one: 59, two: 50})
    assert counted(session, store, take, {one: 95})["differ"] == []
    assert line_of(session, take, one).counted == 95


def test_who_counted_does_not_approve(session, store):
    with writing(session):
        both = make_actor(session, Role.STOREKEEPER, Role.PLANNER)
    take = opened(session, store)
    counted(session, store, take, {store.lots[0]: 95}, by=both)
    counted(session, store, take, {store.lots[1]: 50})
    finished(session, store, take)
    with pytest.raises(CountedYourself):
        approved(session, store, take, by=both)
    with pytest.raises(NotAllowed):
        approved(session, store, take, by=store.other)
    approved(session, store, take)


def test_who_closed_the_count_does_not_approve(session, store):
    with writing(session):
        both = make_actor(session, Role.STOREKEEPER, Role.PLANNER)
    take = opened(session, store)
    counted(session, store, take, dict(zip(store.lots, (100, 50), strict=True)))
    with writing(session):
        once(session, both, FinishCount(command_id=command_id(), take=take), finish_count)
    with pytest.raises(CountedYourself):
        approved(session, store, take, by=both)


def test_it_is_approved_once(session, store):
    take = opened(session, store)
    counted(session, store, take, dict(zip(store.lots, (95, 50), strict=True)))
    finished(session, store, take)
    command = ApproveCount(command_id=command_id(), take=take)
    answers = []
    for _ in range(2):
        with writing(session):
            answers.append(once(session, store.planner, command, approve_count))
    assert answers[0] == answers[1]
    with pytest.raises(WrongTakeState):
        approved(session, store, take)
    assert usable(session, store, store.lots[0]) == 95


def test_every_difference_has_a_reason_that_explains_it(session, store):
    one, two = store.lots
    take = opened(session, store)
    counted(session, store, take, {one: 95, two: 50})
    with writing(session):
        once(session, store.keeper, FinishCount(command_id=command_id(), take=take), finish_count)
    with pytest.raises(NotExplained):
        approved(session, store, take)

    def explain(lot, reason, remark=""):
        command = ExplainDifferences(
            command_id=command_id(),
            take=take,
            explanations=(
                Explanation(line=line_of(session, take, lot).id, reason=reason, remark=remark),
            ),
        )
        with writing(session):
            return once(session, store.keeper, command, explain_differences)

    for reason, remark, field in (
        (Reason.FOUND, "", "reason"),
        (Reason.UNKNOWN, " ", "remark"),
    ):
        with pytest.raises(NotExplained) as refused:
            explain(one, reason, remark)
        assert refused.value.field.startswith(field)
    with pytest.raises(NotFound):
        explain(two, Reason.LOST)
    assert explain(one, Reason.DAMAGED)["open"] == 0
    approved(session, store, take)


def test_lines_are_sent_back_to_be_counted_again(session, store):
    one, two = store.lots
    take = opened(session, store)
    counted(session, store, take, {one: 95, two: 50})
    finished(session, store, take)
    line = line_of(session, take, one)
    with writing(session):
        command = AskRecount(command_id=command_id(), take=take, lines=(line.id,))
        once(session, store.planner, command, ask_recount)
    assert state_of(session, take) is TakeState.RECOUNT
    with pytest.raises(WrongTakeState):
        approved(session, store, take)
    counted(session, store, take, {one: 98})
    finished(session, store, take)
    approved(session, store, take)
    assert usable(session, store, one) == 98


def test_a_correction_of_the_books_after_the_count_makes_it_void(session, store):
    """Five are missing, counted, and taken off by hand as well: they are not taken off twice."""
    one, two = store.lots
    take = opened(session, store)
    counted(session, store, take, {one: 95, two: 50})
    with writing(session):
        command = CorrectStock(
            command_id=command_id(),
            warehouse_id=store.warehouse.id,
            lot_id=one.id,
            what=Correcting.TAKE_OFF,
            quantity=5,
            reason=Reason.LOST,
        )
        once(session, store.keeper, command, correct_stock)
    finished(session, store, take)
    with pytest.raises(CountedBeforeACorrection):
        approved(session, store, take)
    assert usable(session, store, one) == 95


def test_what_is_missing_and_promised_names_the_promise(session, store):
    one, two = store.lots
    take = opened(session, store)
    counted(session, store, take, {one: 95, two: 50})
    finished(session, store, take)
    with writing(session):
        promise(session, store.keeper, one, 98, store.warehouse, make_place(session))
    with pytest.raises(NotFreeAnyMore) as refused:
        approved(session, store, take)
    assert "P-KRB-" in str(refused.value)
    assert state_of(session, take) is TakeState.COUNTED
    assert usable(session, store, one) == 100


def test_what_is_held_back_is_counted_by_itself(session):
    with writing(session):
        store = make_store(session)
        lot = make_lot(session, warehouse=store.warehouse, quantity=40, damaged=6)
    take = opened(session, store)
    kept = line_of(session, take, lot, AccountKind.QUARANTINE)
    with writing(session):
        command = RecordCounts(
            command_id=command_id(), take=take, counts=(CountOfLine(line=kept.id, quantity=4),)
        )
        once(session, store.keeper, command, record_counts)
    counted(session, store, take, {lot: 40})
    finished(session, store, take)
    approved(session, store, take)
    assert held(session, lot, store.warehouse) == (40, 4)
    assert list(faults(session)) == []


def test_a_lot_is_on_one_open_sheet_only(session, store):
    opened(session, store)
    with pytest.raises(CannotCount) as refused:
        opened(session, store, scope=TakeScope.ITEMS, items=(store.lots[0].item_id,))
    assert "ST-KRB-" in str(refused.value)


def test_a_zone_is_counted_and_the_rest_is_not(session, store):
    one, _two = store.lots
    with writing(session):
        session.add(LotZone(lot_id=one.id, place_id=store.warehouse.id, zone="Row C"))
    take = opened(session, store, scope=TakeScope.ZONE, zone="Row C")
    assert session.scalars(select(StockTakeLine.lot_id)).all() == [one.id]
    opened(session, store, scope=TakeScope.ZONE, zone="")
    with pytest.raises(CannotCount):
        opened(session, store, scope=TakeScope.ZONE, zone="Row D")
    assert take


def test_a_found_lot_that_no_book_knows_is_added_and_counted(session, store):
    take = opened(session, store)
    with writing(session):
        item = make_item(session)
        command = AddFoundLot(
            command_id=command_id(),
            take=take,
            item_id=item.id,
            number="X-9",
            expires_on=date(2028, 1, 31),
        )
        line = once(session, store.keeper, command, add_found_lot)["line"]
    with pytest.raises(CannotCount), writing(session):
        once(
            session,
            store.keeper,
            AddFoundLot(command_id=command_id(), take=take, item_id=item.id, number="X-9"),
            add_found_lot,
        )
    with writing(session):
        command = RecordCounts(
            command_id=command_id(), take=take, counts=(CountOfLine(line=line, quantity=7),)
        )
        once(session, store.keeper, command, record_counts)
    counted(session, store, take, dict(zip(store.lots, (100, 50), strict=True)))
    finished(session, store, take)
    approved(session, store, take)
    lot_id = session.scalars(select(StockTakeLine.lot_id).filter_by(id=line)).one()
    lot = session.get(type(store.lots[0]), lot_id)
    assert usable(session, store, lot) == 7
    assert list(faults(session)) == []


def test_a_draft_is_kept_as_it_was_typed(session, store):
    take = opened(session, store)
    line = line_of(session, take, store.lots[0])
    for packs in ("1o", "10"):
        with writing(session):
            command = KeepDraft(
                command_id=command_id(),
                take=take,
                lines=(TypedLine(line=line.id, packs=packs, loose=" "),),
            )
            once(session, store.keeper, command, keep_draft)
    draft = session.scalars(select(StockTakeDraft)).one()
    assert (draft.packs, draft.person_id) == ("10", store.keeper.user_id)
    counted(session, store, take, {store.lots[0]: 100})
    assert session.scalars(select(StockTakeDraft)).all() == []


def test_a_cancelled_stock_take_books_nothing_and_keeps_its_number(session, store):
    take = opened(session, store)
    counted(session, store, take, {store.lots[0]: 95})
    with pytest.raises(Refusal), writing(session):
        once(
            session,
            store.keeper,
            CancelCount(command_id=command_id(), take=take, why=" "),
            cancel_count,
        )
    with writing(session):
        command = CancelCount(command_id=command_id(), take=take, why="Rain came in")
        once(session, store.planner, command, cancel_count)
    assert state_of(session, take) is TakeState.CANCELLED
    with pytest.raises(WrongTakeState):
        counted(session, store, take, {store.lots[0]: 95})
    assert usable(session, store, store.lots[0]) == 100
    assert opened(session, store).endswith("0002")


def test_who_counts_elsewhere_and_approves_here_sends_lines_back_and_gives_it_up(session, store):
    with writing(session):
        everywhere = make_actor(session, Role.PLANNER, Role.STOREKEEPER)
    here, elsewhere = frozenset({store.warehouse.id}), frozenset({store.warehouse.id + 1000})
    rights = {Permission.STOCK_APPROVE: here, Permission.STOCK_ADJUST: elsewhere}
    decider = replace(everywhere, grants=rights)
    take = opened(session, store)
    counted(session, store, take, {store.lots[0]: 95, store.lots[1]: 50})
    finished(session, store, take)
    line = line_of(session, take, store.lots[0]).id
    with writing(session):
        once(
            session,
            decider,
            AskRecount(command_id=command_id(), take=take, lines=(line,)),
            ask_recount,
        )
    assert state_of(session, take) is TakeState.RECOUNT
    with writing(session):
        command = CancelCount(command_id=command_id(), take=take, why="Rain came in")
        once(session, decider, command, cancel_count)
    assert state_of(session, take) is TakeState.CANCELLED


def test_differences_of_many_lots_cost_as_many_statements_as_of_one(session):
    def asked(*quantities):
        with writing(session):
            place = make_store(session, *quantities)
        code = opened(session, place)
        counted(session, place, code, dict.fromkeys(place.lots, 1))
        finished(session, place, code)
        take = take_called(session, place.planner, code).take
        statements = []

        def note(*heard):
            statements.append(heard[2])

        event.listen(session.get_bind(), "before_cursor_execute", note)
        assert len(differences(session, take)) == len(quantities)
        event.remove(session.get_bind(), "before_cursor_execute", note)
        return len(statements)

    assert asked(10, 20, 30, 40) == asked(10)


def test_another_organisations_stock_take_is_not_there(session, store):
    take = opened(session, store)
    with writing(session):
        stranger = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
        elsewhere = make_actor(session, Role.STOREKEEPER, place=make_warehouse(session))
    with pytest.raises(NotFound):
        counted(session, store, take, {store.lots[0]: 1}, by=stranger)
    with pytest.raises(NotAllowed):
        counted(session, store, take, {store.lots[0]: 1}, by=elsewhere)
