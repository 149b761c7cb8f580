"""Stock takes, corrections that wait and reversals against a model, while goods come and go.

The model knows what stands in a warehouse and nothing of commands and rows. A count of the
model is an assertion: what was counted, less what the model held just then. Whatever moves
after it is added by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.errors import Conflict, NotAllowed, Refusal
from aidlog.db.commands import new_id, once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.registry.roles import Role
from aidlog.stock.adjusting import CorrectStock, correct_stock
from aidlog.stock.count_deciding import (
    ApproveCount,
    AskRecount,
    CountedBeforeACorrection,
    ExplainDifferences,
    Explanation,
    FinishCount,
    NotAllCounted,
    approve_count,
    ask_recount,
    explain_differences,
    finish_count,
    reasons_for,
)
from aidlog.stock.count_sheets import CannotCount, OpenCount, open_count
from aidlog.stock.counting import CountOfLine, RecordCounts, record_counts
from aidlog.stock.journal import StockBalance
from aidlog.stock.models import Correcting, Reason, StockTake, StockTakeLine, TakeScope
from aidlog.stock.posting import AlreadyReversed
from aidlog.stock.reversing import CannotReverse, ReverseDocument, reverse_document
from aidlog.stock.second_person import (
    ApproveAdjustment,
    RefuseAdjustment,
    approve_adjustment,
    refuse_adjustment,
)
from tests.booking import send
from tests.factories import make_actor, make_item, make_lot, make_place, make_warehouse
from tests.stock.limit import set_limit

#: One person may correct so many alone, a month: more waits.
ALONE = 3


class Store:
    """What all runs share: a database, its people, and a road to send goods on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        with writing(session):
            set_limit(session, packs=ALONE, permille=None)
            self.keeper = make_actor(session, Role.STOREKEEPER)
            self.planner = make_actor(session, Role.PLANNER)
            self.site = make_place(session)


@dataclass
class Counting:
    """An open stock take of the model: for each lot what its count found, None while open.

    ``moved``: goods moved since its count began. ``corrected``: since it was counted.
    """

    code: str
    lines: dict[int, int]
    found: dict[int, int | None] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    corrected: set[int] = field(default_factory=set)
    finished: bool = False


picks = st.integers(min_value=0, max_value=10_000)


class CountingMachine(RuleBasedStateMachine):
    """Random work in one warehouse: issues, counts, corrections, approvals, reversals."""

    store: Store

    @initialize(quantities=st.lists(st.integers(5, 40), min_size=2, max_size=3))
    def receive(self, quantities: list[int]) -> None:
        session = self.store.session
        with writing(session):
            self.warehouse = make_warehouse(session)
            item = make_item(session, pack=("bale", 1))
            self.item = item.id
            self.lots = [
                make_lot(session, warehouse=self.warehouse, item=item, quantity=n)
                for n in quantities
            ]
        self.held = {lot.id: n for lot, n in zip(self.lots, quantities, strict=True)}
        self.alone = 0
        self.take: Counting | None = None
        self.waiting: list[tuple[str, int, int]] = []
        self.booked: list[tuple[str, dict[int, int]]] = []
        self.undone: set[str] = set()

    # -- what can happen ------------------------------------------------------------------

    @rule(lot=picks, quantity=st.integers(1, 6))
    def issue(self, lot: int, quantity: int) -> None:
        """A truck takes some; a count that goes on meanwhile is uncertain."""
        chosen = self.lots[lot % len(self.lots)]
        with_enough = self.held[chosen.id] >= quantity
        session = self.store.session
        try:
            with writing(session):
                origin, site = self.warehouse, self.store.site
                send(session, self.store.keeper, chosen, quantity, origin, site)
        except Conflict:
            assert not with_enough
            return
        assert with_enough
        self._moves({chosen.id: -quantity})

    @rule(lot=picks, quantity=st.integers(1, 8), more=st.booleans())
    def correct(self, lot: int, quantity: int, more: bool) -> None:
        """Small corrections are booked, large ones wait."""
        chosen = self.lots[lot % len(self.lots)].id
        what = Correcting.ADD if more else Correcting.TAKE_OFF
        command = CorrectStock(
            command_id=new_id(),
            warehouse_id=self.warehouse.id,
            lot_id=chosen,
            what=what,
            quantity=quantity,
            reason=Reason.FOUND if more else Reason.LOST,
        )
        answer = self._do(self.store.keeper, command, correct_stock)
        if not more and self.held[chosen] < quantity:
            assert isinstance(answer, Conflict)
            return
        assert isinstance(answer, dict), answer
        signed = quantity if more else -quantity
        assert answer["waits"] is (self.alone + quantity > ALONE)
        if answer["waits"]:
            self.waiting.append((answer["document"], chosen, signed))
            return
        self.alone += quantity
        self._corrects(answer["document"], {chosen: signed})

    @precondition(lambda self: self.waiting)
    @rule(which=picks, yes=st.booleans())
    def decide(self, which: int, yes: bool) -> None:
        """A second person books what waits, or leaves it; once."""
        code, lot, signed = self.waiting.pop(which % len(self.waiting))
        if not yes:
            refusal = RefuseAdjustment(command_id=new_id(), code=code, answer="No")
            assert isinstance(self._do(self.store.planner, refusal, refuse_adjustment), dict)
            return
        command = ApproveAdjustment(command_id=new_id(), code=code)
        answer = self._do(self.store.planner, command, approve_adjustment)
        if self.held[lot] + signed < 0:
            assert isinstance(answer, Conflict)
            self.waiting.append((code, lot, signed))
            return
        assert isinstance(answer, dict), answer
        self._corrects(code, {lot: signed})

    @precondition(lambda self: self.booked)
    @rule(which=picks)
    def undo(self, which: int) -> None:
        """A document is reversed once, while its goods are there."""
        code, changes = self.booked[which % len(self.booked)]
        command = ReverseDocument(command_id=new_id(), code=code, why="Wrong")
        answer = self._do(self.store.planner, command, reverse_document, also=self.store.keeper)
        if code in self.undone:
            assert isinstance(answer, AlreadyReversed | CannotReverse)
            return
        if any(self.held[lot] < change for lot, change in changes.items()):
            assert isinstance(answer, Conflict), answer
            return
        assert isinstance(answer, dict), answer
        self.undone.add(code)
        self._corrects(None, {lot: -change for lot, change in changes.items()})

    @rule()
    def open(self) -> None:
        """A sheet is opened; a second one for the same lots is not."""
        command = OpenCount(
            command_id=new_id(),
            warehouse_id=self.warehouse.id,
            organisation_id=self.warehouse.organisation_id,
            scope=TakeScope.ALL,
        )
        answer = self._do(self.store.keeper, command, open_count)
        if self.take is not None or not any(self.held.values()):
            assert isinstance(answer, CannotCount)
            return
        assert isinstance(answer, dict), answer
        lines = self._lines(answer["take"])
        assert set(lines) == {lot for lot, quantity in self.held.items() if quantity}
        self.take = Counting(answer["take"], lines, dict.fromkeys(lines))

    @precondition(lambda self: self.take is not None and not self.take.finished)
    @rule(lot=picks, off=st.integers(-4, 4))
    def count(self, lot: int, off: int) -> None:
        """A lot is counted: what is there, or a few more or fewer."""
        take = self.take
        assert take is not None
        chosen = sorted(take.lines)[lot % len(take.lines)]
        seen = max(0, self.held[chosen] + off)
        answer = self._count(take, chosen, seen)
        line = take.lines[chosen]
        if chosen in take.moved:
            assert answer["moved"] == [line]
            take.found[chosen] = None
        else:
            assert answer["moved"] == []
            take.found[chosen] = seen - self.held[chosen]
        take.moved.discard(chosen)
        take.corrected.discard(chosen)

    @precondition(lambda self: self.take is not None and not self.take.finished)
    @rule(off=st.integers(-2, 2))
    def count_the_rest(self, off: int) -> None:
        """Somebody goes along all shelves that have no count yet, twice where goods moved."""
        take = self.take
        assert take is not None
        for _ in range(2):
            for number, lot in enumerate(sorted(take.lines)):
                if take.found[lot] is None:
                    self.count(number, off)
        self.finish()

    @precondition(lambda self: self.take is not None and not self.take.finished)
    @rule()
    def finish(self) -> None:
        """All lines counted, and all differences explained."""
        take = self.take
        assert take is not None
        command = FinishCount(command_id=new_id(), take=take.code)
        answer = self._do(self.store.keeper, command, finish_count)
        if None in take.found.values():
            assert isinstance(answer, NotAllCounted)
            return
        differing = {lot: found for lot, found in take.found.items() if found}
        assert answer == {"take": take.code, "differences": len(differing)}
        take.finished = True
        explanations = tuple(
            Explanation(line=take.lines[lot], reason=reasons_for(found)[0])
            for lot, found in differing.items()
        )
        explained = ExplainDifferences(
            command_id=new_id(), take=take.code, explanations=explanations
        )
        assert isinstance(self._do(self.store.keeper, explained, explain_differences), dict)

    @precondition(lambda self: self.take is not None and self.take.finished)
    @rule(which=picks)
    def send_back(self, which: int) -> None:
        """A line is counted again."""
        take = self.take
        assert take is not None
        lot = sorted(take.lines)[which % len(take.lines)]
        command = AskRecount(command_id=new_id(), take=take.code, lines=(take.lines[lot],))
        assert isinstance(self._do(self.store.planner, command, ask_recount), dict)
        take.found[lot], take.finished = None, False
        take.moved.discard(lot)
        take.corrected.discard(lot)

    @precondition(lambda self: self.take is not None and self.take.finished)
    @rule()
    def approve(self) -> None:
        """The differences are booked at the position of each count."""
        take = self.take
        assert take is not None
        command = ApproveCount(command_id=new_id(), take=take.code)
        answer = self._do(self.store.planner, command, approve_count)
        differing = {lot: found for lot, found in take.found.items() if found}
        if take.corrected & differing.keys():
            assert isinstance(answer, CountedBeforeACorrection), answer
            return
        if any(self.held[lot] + found < 0 for lot, found in differing.items()):
            assert isinstance(answer, Conflict), answer
            return
        assert answer == {"take": take.code, "lines": len(differing)}
        self.take = None
        if differing:
            self._corrects(take.code, differing)

    # -- the two agree --------------------------------------------------------------------

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        if not hasattr(self, "lots"):
            return
        session = self.store.session
        session.rollback()
        stored = dict(
            session.execute(
                select(StockBalance.lot_id, StockBalance.on_hand).where(
                    StockBalance.kind == AccountKind.WAREHOUSE,
                    StockBalance.key == self.warehouse.id,
                )
            ).all()
        )
        assert {lot: stored.get(lot, 0) for lot in self.held} == self.held
        session.rollback()

    # -- doing and telling ----------------------------------------------------------------

    def _do(self, actor: Any, command: Any, act: Any, *, also: Any = None) -> Any:
        """Return the answer, or the refusal; where ``actor`` may not, that to ``also``."""
        session = self.store.session
        try:
            with writing(session):
                return dict(once(session, actor, command, act))
        except Refusal as refusal:
            return refusal
        except NotAllowed:
            if also is None:
                raise
            return self._do(also, command, act)

    def _count(self, take: Counting, lot: int, quantity: int) -> dict[str, Any]:
        counts = (CountOfLine(line=take.lines[lot], quantity=quantity),)
        command = RecordCounts(command_id=new_id(), take=take.code, counts=counts)
        answer = self._do(self.store.keeper, command, record_counts)
        assert isinstance(answer, dict), answer
        return answer

    def _moves(self, changes: dict[int, int]) -> None:
        """Tell the model that goods moved: what is being counted has become uncertain."""
        for lot, change in changes.items():
            self.held[lot] += change
            if self.take is not None and lot in self.take.lines:
                self.take.moved.add(lot)

    def _corrects(self, code: str | None, changes: dict[int, int]) -> None:
        """Tell the model that the books were set right."""
        self._moves(changes)
        if self.take is not None:
            self.take.corrected |= changes.keys()
        if code is not None:
            self.booked.append((code, changes))

    def _lines(self, code: str) -> dict[int, int]:
        session = self.store.session
        rows = session.execute(
            select(StockTakeLine.lot_id, StockTakeLine.id)
            .join(StockTake, StockTake.id == StockTakeLine.take_id)
            .join(Document, Document.id == StockTake.document_id)
            .where(Document.code == code)
        ).all()
        session.rollback()
        return dict(rows)
