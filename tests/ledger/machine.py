"""The ledger against its model: whatever is done, in whatever order, the two agree.

The model is aidlog/ledger/rules.py, balances in and balances out. The database is reached in
two ways: through post() and reserve(), which ask the same rules first, and *barely*, by rows
as a careless program would insert them, so that the triggers have to refuse by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import Refusal
from aidlog.db.commands import Command, IdReused, new_id, once
from aidlog.db.numbering import Document, Series, new_document
from aidlog.db.transaction import writing
from aidlog.ledger import rules
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.ledger.rules import Balance, NotEnoughStock
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from aidlog.stock.journal import Reservation, ReservationState, StockBalance, StockMovement
from aidlog.stock.models import Lot, StockTotal
from aidlog.stock.posting import AlreadyReversed, post, reversal_of
from aidlog.stock.reserving import Hold, consume, release, reserve
from tests.factories import make_actor, make_item, make_organisation, make_place, make_warehouse

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)

DONOR = Account(AccountKind.DONOR)
FOUND = Account(AccountKind.FOUND)
LOSS = Account(AccountKind.LOSS)

Line = tuple[str, int, int, str, int, str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(Command):
    """What a step asks of the ledger. ``lines`` are movements as plain data."""

    lines: tuple[Line, ...] = ()
    hold: tuple[int, ...] = ()
    consumes: tuple[int, ...] = ()
    releases: tuple[int, ...] = ()
    reverses: int = 0
    barely: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended: done, refused by a rule, refused by the database, or its id reused."""

    how: str
    detail: tuple[Any, ...] = ()


DATABASE_SAID_NO = Outcome("database")


@dataclass(slots=True)
class Booked:
    """A document of the model: its movements, and whether it was undone or undoes another."""

    id: int
    moves: tuple[Movement, ...]
    undone: bool = False
    undoes: bool = False


class World:
    """What all runs share: a database, one organisation with a warehouse and a site."""

    def __init__(self, session: Session) -> None:
        self.session = session
        with writing(session):
            self.organisation = make_organisation(session)
            self.actor: Actor = make_actor(session, Role.STOREKEEPER)
            warehouse, site = make_warehouse(session).id, make_place(session).id
        self.organisation_id = self.organisation.id
        self.site_id = site
        self.warehouse = Account(AccountKind.WAREHOUSE, warehouse)
        self.held = Account(AccountKind.QUARANTINE, warehouse)
        self.other = Account(AccountKind.WAREHOUSE, warehouse + 1_000_000)
        self.road = Account(AccountKind.TRANSIT, 1_000_000 + warehouse)
        self.site = Account(AccountKind.SITE, site)
        self.people = Account(AccountKind.PEOPLE, site)

    def ways(self) -> list[tuple[MovementKind, Account, Account]]:
        """Return how goods can move, as the slices above move them."""
        return [
            (MovementKind.RECEIVED, DONOR, self.warehouse),
            (MovementKind.ADJUSTED_UP, FOUND, self.warehouse),
            (MovementKind.HELD, self.warehouse, self.held),
            (MovementKind.RELEASED, self.held, self.warehouse),
            (MovementKind.ADJUSTED_DOWN, self.held, LOSS),
            (MovementKind.ADJUSTED_DOWN, self.warehouse, LOSS),
            (MovementKind.LOADED, self.warehouse, self.road),
            (MovementKind.LOADED, self.other, self.road),
            (MovementKind.ARRIVED, self.road, self.site),
            (MovementKind.ARRIVED, self.road, self.other),
            (MovementKind.ARRIVED_EXCESS, FOUND, self.site),
            (MovementKind.MISSING, self.road, LOSS),
            (MovementKind.RETURNED, self.road, self.warehouse),
            (MovementKind.HANDED_OUT, self.site, self.people),
        ]


def perform(session: Session, actor: Actor, command: Do) -> dict[str, Any]:
    """Do what ``command`` says under a document of its own."""
    organisation_id = next(iter(actor.organisation_ids))
    document = new_document(
        session, Series.ADJUSTMENT, organisation_id=organisation_id, organisation_code="KRB"
    )
    answer: dict[str, Any] = {"document": document.id, "held": []}
    if command.consumes:
        consume(session, command.consumes)
    if command.releases:
        release(session, command.releases)
    if command.hold:
        answer["held"] = _hold(session, command, document)
    moves = [_as_movement(line) for line in command.lines]
    if command.reverses:
        undone = session.get_one(Document, command.reverses)
        moves = reversal_of(session, undone)
    if moves and command.barely:
        _insert_barely(session, actor, moves, command, document)
    elif moves:
        post(
            session,
            actor,
            moves,
            command_id=command.command_id,
            document=document,
            occurred_at=NOW,
        )
    return answer


def _hold(session: Session, command: Do, document: Document) -> list[int]:
    lot_id, quantity = command.hold
    lot = session.get_one(Lot, lot_id)
    site = int(lot.origin)  # the lot's origin carries the world's places, see receive()
    warehouse = int(lot.donor_name)
    if not command.barely:
        hold = Hold(lot_id=lot_id, warehouse_id=warehouse, destination_id=site, quantity=quantity)
        return reserve(session, [hold], command_id=command.command_id, document=document)
    row = Reservation(
        command_id=command.command_id,
        document_id=document.id,
        destination_id=site,
        lot_id=lot_id,
        kind=AccountKind.WAREHOUSE,
        key=warehouse,
        quantity=quantity,
        state=ReservationState.HELD,
        made_at=NOW,
    )
    session.add(row)
    session.flush()
    return [row.id]


def _insert_barely(
    session: Session, actor: Actor, moves: Sequence[Movement], command: Do, document: Document
) -> None:
    items = dict(
        session.execute(
            select(Lot.id, Lot.item_id).where(Lot.id.in_({move.lot_id for move in moves}))
        ).all()
    )
    session.execute(
        insert(StockMovement),
        [
            {
                "command_id": command.command_id,
                "line": line,
                "document_id": document.id,
                "kind": move.kind,
                "lot_id": move.lot_id,
                "item_id": items[move.lot_id],
                "quantity": move.quantity,
                "source_kind": move.source.kind,
                "source_key": move.source.key,
                "target_kind": move.target.kind,
                "target_key": move.target.key,
                "occurred_at": NOW,
                "recorded_at": NOW,
                "recorded_by": actor.user_id,
                "reverses_id": move.reverses,
            }
            for line, move in enumerate(moves, start=1)
        ],
    )


def _as_line(move: Movement) -> Line:
    return (
        move.kind,
        move.lot_id,
        move.quantity,
        move.source.kind,
        move.source.key,
        move.target.kind,
        move.target.key,
        move.reverses or 0,
    )


def _as_movement(line: Line) -> Movement:
    kind, lot, quantity, source_kind, source_key, target_kind, target_key, reverses = line
    return Movement(
        kind=MovementKind(kind),
        lot_id=lot,
        quantity=quantity,
        source=Account(AccountKind(source_kind), source_key),
        target=Account(AccountKind(target_kind), target_key),
        reverses=reverses or None,
    )


picks = st.integers(min_value=0, max_value=10_000)
amounts = st.one_of(st.integers(1, 12), st.integers(1, 400))


class LedgerMachine(RuleBasedStateMachine):
    """Random work on a few lots of one item; every step is told to the model as well."""

    world: World

    @initialize(quantities=st.lists(st.integers(1, 60), min_size=1, max_size=3))
    def receive(self, quantities: list[int]) -> None:
        """Goods arrive: one lot each, and one more that has long expired."""
        self.balances: dict[tuple[int, Account], Balance] = {}
        self.promises: dict[int, tuple[int, int]] = {}
        self.ended: list[tuple[int, int, int]] = []
        self.documents: list[Booked] = []
        self.sent: list[tuple[Do, Outcome]] = []
        session = self.world.session
        with writing(session):
            item = make_item(session)
            self.item_id = item.id
            self.lots = [self._new_lot(item, n) for n in range(len(quantities))]
            self.expired = self._new_lot(item, 99, expires_on=LONG_AGO)
        for lot, quantity in zip(self.lots, quantities, strict=True):
            self._book([(MovementKind.RECEIVED, lot, quantity, DONOR, self.world.warehouse)])
        self._book([(MovementKind.RECEIVED, self.expired, 5, DONOR, self.world.warehouse)])

    def _new_lot(self, item: Item, number: int, expires_on: date | None = None) -> int:
        lot = Lot(
            organisation_id=self.world.organisation_id,
            item_id=item.id,
            number=f"L{number}",
            expires_on=expires_on,
            pack_kind="bale",
            pack_size=10,
            origin=str(self.world.site_id),
            donor_name=str(self.world.warehouse.key),
            created_at=NOW,
        )
        self.world.session.add(lot)
        self.world.session.flush()
        return lot.id

    # -- what can happen ------------------------------------------------------------------

    @rule(
        lines=st.lists(st.tuples(picks, picks, amounts), min_size=1, max_size=3),
        barely=st.booleans(),
    )
    def move(self, lines: list[tuple[int, int, int]], barely: bool) -> None:
        """Move goods of one to three lots on one document: all of it or none of it."""
        ways = self.world.ways()
        moves = []
        for way, lot, quantity in lines:
            kind, source, target = ways[way % len(ways)]
            moves.append((kind, self.lots[lot % len(self.lots)], quantity, source, target))
        self._book(moves, barely=barely)

    @rule(lot=picks, way=picks, more=st.booleans(), barely=st.booleans())
    def take_all_that_is_free(self, lot: int, way: int, more: bool, barely: bool) -> None:
        """The last unit can go, and not one more."""
        ways = [way for way in self.world.ways() if not way[1].kind.is_outside]
        kind, source, target = ways[way % len(ways)]
        lot_id = self.lots[lot % len(self.lots)]
        there = self.balances.get((lot_id, source), rules.EMPTY)
        quantity = there.on_hand - there.reserved + more
        if quantity:
            self._book([(kind, lot_id, quantity, source, target)], barely=barely)

    @rule(lot=picks, quantity=st.one_of(st.integers(1, 4), amounts), barely=st.booleans())
    def promise(self, lot: int, quantity: int, barely: bool) -> None:
        """Reserve stock in the warehouse, more or less than there is."""
        self._promise_of(self.lots[lot % len(self.lots)], quantity, barely=barely)

    @precondition(lambda self: self.promises)
    @rule(which=picks)
    def let_go(self, which: int) -> None:
        """A promise is cancelled; its stock is free again."""
        id_ = self._promise(which)
        lot_id, quantity = self.promises[id_]
        self._attempt(Do(command_id=new_id(), releases=(id_,)), Outcome("done"))
        key = (lot_id, self.world.warehouse)
        self.balances[key] = rules.unreserve(self.balances[key], quantity)
        self._ended(id_)

    @precondition(lambda self: self.promises)
    @rule(which=picks, part=st.integers(1, 400))
    def load_what_was_promised(self, which: int, part: int) -> None:
        """A promise is kept, whole; what goes on the truck may be less, or more if it is free."""
        id_ = self._promise(which)
        lot_id, promised = self.promises[id_]
        key = (lot_id, self.world.warehouse)
        move = Movement(
            kind=MovementKind.LOADED,
            lot_id=lot_id,
            quantity=part if part % 3 else promised,
            source=self.world.warehouse,
            target=self.world.road,
        )
        freed = self.balances | {key: rules.unreserve(self.balances[key], promised)}
        try:
            after = rules.apply(freed, [move])
        except NotEnoughStock as refusal:
            self._attempt(
                Do(command_id=new_id(), consumes=(id_,), lines=(_as_line(move),)),
                _short(refusal, barely=False),
            )
            return
        answer = self._attempt(
            Do(command_id=new_id(), consumes=(id_,), lines=(_as_line(move),)), Outcome("done")
        )
        assert answer is not None
        self.balances = after
        self._ended(id_)
        self.documents.append(Booked(answer["document"], (move,)))

    @precondition(lambda self: self.documents)
    @rule(which=picks)
    def undo(self, which: int) -> None:
        """A document is reversed: once, and only while its goods are where it left them."""
        booked = self.documents[which % len(self.documents)]
        command = Do(command_id=new_id(), reverses=booked.id)
        if booked.undone or booked.undoes:
            self._attempt(command, Outcome("refused", (AlreadyReversed.__name__,)))
            return
        mirror = [
            replace(move, kind=MovementKind.REVERSED, source=move.target, target=move.source)
            for move in reversed(booked.moves)
        ]
        try:
            after = rules.apply(self.balances, mirror)
        except NotEnoughStock as refusal:
            self._attempt(command, _short(refusal, barely=False))
            return
        answer = self._attempt(command, Outcome("done"))
        assert answer is not None
        self.balances = after
        booked.undone = True
        self.documents.append(Booked(answer["document"], tuple(mirror), undoes=True))

    @rule(found=st.lists(st.tuples(picks, amounts), min_size=2, max_size=3))
    def find_and_undo(self, found: list[tuple[int, int]]) -> None:
        """A document of several lines is undone whole."""
        self._book(
            [
                (
                    MovementKind.ADJUSTED_UP,
                    self.lots[lot % len(self.lots)],
                    quantity,
                    FOUND,
                    self.world.warehouse,
                )
                for lot, quantity in found
            ]
        )
        self.undo(len(self.documents) - 1)

    @precondition(lambda self: self.sent)
    @rule(which=picks)
    def send_again(self, which: int) -> None:
        """The same command has one effect and one answer, however often it comes."""
        command, first = self.sent[which % len(self.sent)]
        assert self._outcome(command)[0].how == first.how

    @precondition(lambda self: self.sent)
    @rule(which=picks)
    def use_an_id_twice(self, which: int) -> None:
        """A known id with other content does nothing."""
        command, _ = self.sent[which % len(self.sent)]
        line = (
            MovementKind.RECEIVED,
            self.lots[0],
            7_777,
            *(DONOR.kind, DONOR.key),
            *(self.world.warehouse.kind, self.world.warehouse.key),
            0,
        )
        other = Do(command_id=command.command_id, lines=(line,))
        assert self._outcome(other)[0] == Outcome("reused")

    # -- what must never happen -----------------------------------------------------------

    @rule(barely=st.booleans())
    def load_an_expired_lot(self, barely: bool) -> None:
        """Expired goods do not go on a truck, whoever asks."""
        move = (MovementKind.LOADED, self.expired, 1, self.world.warehouse, self.world.road)
        lines = (_as_line(_movement(move)),)
        expected = DATABASE_SAID_NO if barely else Outcome("refused", ("LotExpired",))
        self._attempt(Do(command_id=new_id(), lines=lines, barely=barely), expected)

    @rule(lot=picks)
    def load_what_is_held(self, lot: int) -> None:
        """What is held back leaves for the warehouse, or as a loss: not by truck."""
        lot_id = self.lots[lot % len(self.lots)]
        if not self.balances.get((lot_id, self.world.held), rules.EMPTY).on_hand:
            self._book([(MovementKind.HELD, lot_id, 1, self.world.warehouse, self.world.held)])
        if self.balances.get((lot_id, self.world.held), rules.EMPTY).on_hand:
            move = (MovementKind.LOADED, lot_id, 1, self.world.held, self.world.road)
            lines = (_as_line(_movement(move)),)
            self._attempt(Do(command_id=new_id(), lines=lines, barely=True), DATABASE_SAID_NO)

    @precondition(lambda self: self.documents)
    @rule(which=picks, more=st.integers(1, 3))
    def undo_another_amount(self, which: int, more: int) -> None:
        """A reversal mirrors what it undoes, or is none."""
        booked = self.documents[which % len(self.documents)]
        line = self.world.session.scalars(
            select(StockMovement).where(StockMovement.document_id == booked.id)
        ).first()
        assert line is not None
        target = Account(line.target_kind, line.target_key)
        wrong = line.quantity - more
        if wrong > 0 and target.kind is not AccountKind.QUARANTINE:
            move = Movement(
                kind=MovementKind.REVERSED,
                lot_id=line.lot_id,
                quantity=wrong,
                source=target,
                target=Account(line.source_kind, line.source_key),
                reverses=line.id,
            )
            command = Do(command_id=new_id(), lines=(_as_line(move),), barely=True)
            self._attempt(command, DATABASE_SAID_NO)

    @precondition(lambda self: self.ended)
    @rule(which=picks)
    def end_a_promise_twice(self, which: int) -> None:
        """A promise ends once, also where another promise on the lot would pay for it."""
        id_, lot_id, quantity = self.ended[which % len(self.ended)]
        if self._in_warehouse(lot_id).reserved < quantity:
            self._book([(MovementKind.ADJUSTED_UP, lot_id, quantity, FOUND, self.world.warehouse)])
            self._promise_of(lot_id, quantity)
        self._refused_barely(f"UPDATE reservation SET state = 'released' WHERE id = {id_}")

    @precondition(lambda self: self.documents)
    @rule(
        which=picks,
        act=st.sampled_from(
            [
                "UPDATE stock_movement SET quantity = quantity + 1 WHERE document_id = {}",
                "DELETE FROM stock_movement WHERE document_id = {}",
                "UPDATE document SET number = number + 1000 WHERE id = {}",
                "UPDATE command SET answer = '' WHERE id ="
                " (SELECT command_id FROM stock_movement WHERE document_id = {} LIMIT 1)",
            ]
        ),
    )
    def rewrite_history(self, which: int, act: str) -> None:
        """What was written stays as it was written."""
        self._refused_barely(act.format(self.documents[which % len(self.documents)].id))

    # -- the two agree --------------------------------------------------------------------

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        if not hasattr(self, "lots"):
            return
        session = self.world.session
        session.rollback()
        stored = {
            (row.lot_id, Account(row.kind, row.key)): Balance(row.on_hand, row.reserved)
            for row in session.execute(
                select(
                    StockBalance.lot_id,
                    StockBalance.kind,
                    StockBalance.key,
                    StockBalance.on_hand,
                    StockBalance.reserved,
                ).where(StockBalance.item_id == self.item_id)
            )
        }
        assert _filled(stored) == _filled(self.balances)
        totals = {
            Account(row.kind, row.key): Balance(row.on_hand, row.reserved)
            for row in session.execute(
                select(
                    StockTotal.kind, StockTotal.key, StockTotal.on_hand, StockTotal.reserved
                ).where(StockTotal.item_id == self.item_id)
            )
        }
        assert _filled(totals) == _filled(_summed(self.balances))
        session.rollback()

    # -- doing and telling ----------------------------------------------------------------

    def _book(
        self,
        lines: Sequence[tuple[MovementKind, int, int, Account, Account]],
        *,
        barely: bool = False,
    ) -> None:
        moves = [_movement(line) for line in lines]
        command = Do(
            command_id=new_id(), lines=tuple(_as_line(move) for move in moves), barely=barely
        )
        try:
            after = rules.apply(self.balances, moves)
        except NotEnoughStock as refusal:
            self._attempt(command, _short(refusal, barely=barely))
            return
        answer = self._attempt(command, Outcome("done"))
        assert answer is not None
        self.balances = after
        self.documents.append(Booked(answer["document"], tuple(moves)))

    def _attempt(self, command: Do, expected: Outcome) -> dict[str, Any] | None:
        """Send ``command``, hold its outcome against ``expected``; return its answer, if any."""
        outcome, answer = self._outcome(command)
        assert outcome == expected, f"{command}: {outcome}, the model said {expected}"
        if outcome != DATABASE_SAID_NO:
            self.sent.append((command, outcome))
        return answer

    def _outcome(self, command: Do) -> tuple[Outcome, dict[str, Any] | None]:
        session = self.world.session
        try:
            with writing(session):
                answer = dict(once(session, self.world.actor, command, perform))
        except IdReused:
            return Outcome("reused"), None
        except NotEnoughStock as refusal:
            return Outcome("refused", ("NotEnoughStock", refusal.lot_id, refusal.free)), None
        except Refusal as refusal:
            return Outcome("refused", (type(refusal).__name__,)), None
        except DBAPIError:
            return DATABASE_SAID_NO, None
        return Outcome("done"), answer

    def _refused_barely(self, statement: str) -> None:
        session = self.world.session
        try:
            with writing(session):
                session.execute(text(statement))
        except DBAPIError:
            return
        raise AssertionError(f"the database let this happen: {statement}")

    def _promise_of(self, lot_id: int, quantity: int, *, barely: bool = False) -> None:
        key = (lot_id, self.world.warehouse)
        before = self._in_warehouse(lot_id)
        try:
            after = rules.reserve(before, quantity, lot_id=lot_id, account=key[1])
        except NotEnoughStock as refusal:
            after, expected = before, _short(refusal, barely=barely)
        else:
            expected = Outcome("done")
        command = Do(command_id=new_id(), hold=(lot_id, quantity), barely=barely)
        answer = self._attempt(command, expected)
        if answer is not None:
            self.balances[key] = after
            self.promises[answer["held"][0]] = (lot_id, quantity)

    def _in_warehouse(self, lot_id: int) -> Balance:
        return self.balances.get((lot_id, self.world.warehouse), rules.EMPTY)

    def _promise(self, which: int) -> int:
        return sorted(self.promises)[which % len(self.promises)]

    def _ended(self, id_: int) -> None:
        self.ended.append((id_, *self.promises.pop(id_)))


def _movement(line: tuple[MovementKind, int, int, Account, Account]) -> Movement:
    kind, lot_id, quantity, source, target = line
    return Movement(kind=kind, lot_id=lot_id, quantity=quantity, source=source, target=target)


def _short(refusal: NotEnoughStock, *, barely: bool) -> Outcome:
    if barely:
        return DATABASE_SAID_NO
    return Outcome("refused", ("NotEnoughStock", refusal.lot_id, refusal.free))


def _filled(balances: dict[Any, Balance]) -> dict[Any, Balance]:
    return {key: balance for key, balance in balances.items() if balance != rules.EMPTY}


def _summed(balances: dict[tuple[int, Account], Balance]) -> dict[Account, Balance]:
    sums: dict[Account, Balance] = {}
    for (_, account), balance in balances.items():
        known = sums.get(account, rules.EMPTY)
        sums[account] = Balance(known.on_hand + balance.on_hand, known.reserved + balance.reserved)
    return sums
