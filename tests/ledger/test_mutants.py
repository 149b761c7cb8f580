"""Is the machine awake? Faults are put into the triggers and the code; it must see each of them.

Some rules are kept twice, by a trigger and by a CHECK: without the trigger's own look at what
is free, the CHECK on the balance still refuses. Such a fault changes nothing that can be seen
and is not in this list; it is why the rule stands in two places.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from sqlalchemy import text

from aidlog.db import commands
from aidlog.db.transaction import writing
from aidlog.ledger import rules
from aidlog.ledger.movement import Movement
from aidlog.ledger.rules import Balance
from aidlog.stock import posting, reserving
from tests.ledger.machine import LedgerMachine
from tests.ledger.seeing import is_seen

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"


def triggers() -> dict[str, str]:
    """Return the SQLite triggers as the migration writes them."""
    spec = importlib.util.spec_from_file_location("triggers", MIGRATIONS / "0002_triggers.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.SQLITE)


#: Trigger, what stands there, what the fault makes of it; None takes the trigger away.
IN_TRIGGERS = {
    "the source keeps what left it": (
        "stock_movement_apply",
        "UPDATE stock_balance SET on_hand = on_hand - NEW.quantity",
        "UPDATE stock_balance SET on_hand = on_hand - 0",
    ),
    "the target never gets it": (
        "stock_movement_apply",
        "UPDATE stock_balance SET on_hand = on_hand + NEW.quantity",
        "UPDATE stock_balance SET on_hand = on_hand + 0",
    ),
    "one unit is lost on the way": (
        "stock_movement_apply",
        "UPDATE stock_balance SET on_hand = on_hand + NEW.quantity",
        "UPDATE stock_balance SET on_hand = on_hand + NEW.quantity - (NEW.quantity > 40)",
    ),
    "the total of the source stays": (
        "stock_movement_apply",
        "UPDATE stock_total SET on_hand = on_hand - NEW.quantity",
        "UPDATE stock_total SET on_hand = on_hand - 0",
    ),
    "the total of the target stays": (
        "stock_movement_apply",
        "UPDATE stock_total SET on_hand = on_hand + NEW.quantity",
        "UPDATE stock_total SET on_hand = on_hand + 0",
    ),
    "the last unit cannot leave": (
        "stock_movement_apply",
        "NEW.quantity > COALESCE",
        "NEW.quantity >= COALESCE",
    ),
    "every lot of the item moves": (
        "stock_movement_apply",
        "WHERE lot_id = NEW.lot_id AND kind = NEW.source_kind AND key = NEW.source_key;",
        "WHERE item_id = NEW.item_id AND kind = NEW.source_kind AND key = NEW.source_key;",
    ),
    "a promise reserves nothing": (
        "reservation_hold",
        "UPDATE stock_balance SET reserved = reserved + NEW.quantity",
        "UPDATE stock_balance SET reserved = reserved + 0",
    ),
    "a promise is not in the total": (
        "reservation_hold",
        "UPDATE stock_total SET reserved = reserved + NEW.quantity",
        "UPDATE stock_total SET reserved = reserved + 0",
    ),
    "an ended promise stays reserved": (
        "reservation_end",
        "UPDATE stock_balance SET reserved = reserved - OLD.quantity",
        "UPDATE stock_balance SET reserved = reserved - 0",
    ),
    "an ended promise stays in the total": (
        "reservation_end",
        "UPDATE stock_total SET reserved = reserved - OLD.quantity",
        "UPDATE stock_total SET reserved = reserved - 0",
    ),
    "a promise can end twice": ("reservation_end", "OLD.state <> 'held' OR", ""),
    "a reversal need not mirror": ("stock_movement_reversal", "", None),
    "held goods leave by truck": ("stock_movement_held_back", "", None),
    "expired goods leave by truck": ("stock_movement_expired", "", None),
    "movements can be rewritten": ("stock_movement_no_update", "", None),
    "movements can be deleted": ("stock_movement_no_delete", "", None),
    "documents can be renumbered": ("document_no_update", "", None),
    "answers can be rewritten": ("command_no_update", "", None),
}


def _reserved_is_free(patch):
    patch.setattr(Balance, "free", property(lambda balance: balance.on_hand))


def _one_too_strict(patch):
    strict = property(lambda balance: max(0, balance.on_hand - balance.reserved - 1))
    patch.setattr(Balance, "free", strict)


def _anything_can_be_promised(patch):
    patch.setattr(
        rules,
        "reserve",
        lambda balance, quantity, **_: Balance(balance.on_hand, balance.reserved + quantity),
    )


def _nothing_is_refused(patch):
    patch.setattr(posting.rules, "apply", _careless)


def _careless(balances, movements):
    after = dict(balances)
    for move in movements:
        for side, sign in ((move.source, -1), (move.target, 1)):
            held = after.get((move.lot_id, side), rules.EMPTY)
            after[move.lot_id, side] = Balance(held.on_hand + sign * move.quantity, held.reserved)
    return after


def _reversal_keeps_its_sides(patch):
    def same_way(session, document):
        return [
            Movement(
                kind=move.kind,
                lot_id=move.lot_id,
                quantity=move.quantity,
                source=move.target,
                target=move.source,
                reverses=move.reverses,
            )
            for move in original(session, document)
        ]

    from tests.ledger import machine

    original = machine.reversal_of
    patch.setattr(machine, "reversal_of", same_way)


def _reversal_forgets_a_line(patch):
    from tests.ledger import machine

    original = machine.reversal_of
    patch.setattr(machine, "reversal_of", lambda session, document: original(session, document)[:1])


def _expired_is_not_looked_at(patch):
    patch.setattr(posting, "_refuse_expired", lambda moves, lots: None)


def _any_content_is_the_same(patch):
    patch.setattr(commands, "_hash", lambda command: "0" * 64)


def _promises_end_again(patch):
    patch.setattr(reserving, "_end", lambda session, ids, state: None)


IN_CODE = {
    "what is reserved counts as free": _reserved_is_free,
    "one unit is always kept back": _one_too_strict,
    "anything can be promised": _anything_can_be_promised,
    "nothing is ever refused": _nothing_is_refused,
    "a reversal goes the same way again": _reversal_keeps_its_sides,
    "a reversal forgets a line": _reversal_forgets_a_line,
    "expiry is not looked at": _expired_is_not_looked_at,
    "an id may be used for anything": _any_content_is_the_same,
    "promises never end": _promises_end_again,
}


def ledger_of(world) -> type[LedgerMachine]:
    class Machine(LedgerMachine):
        pass

    Machine.world = world
    return Machine


@pytest.mark.slow
@pytest.mark.parametrize("fault", IN_TRIGGERS)
def test_the_machine_sees_a_fault_in_a_trigger(sqlite_url, world_on, fault):
    name, stands, mutated = IN_TRIGGERS[fault]
    world = world_on(sqlite_url)
    with writing(world.session):
        world.session.execute(text(f"DROP TRIGGER {name}"))
        if mutated is not None:
            body = triggers()[name]
            assert stands in body, "the trigger was rewritten: rewrite this fault too"
            world.session.execute(text(f"CREATE TRIGGER {name} {body.replace(stands, mutated, 1)}"))
    assert is_seen(ledger_of(world), world.session)


@pytest.mark.slow
@pytest.mark.parametrize("fault", IN_CODE)
def test_the_machine_sees_a_fault_in_the_code(sqlite_url, world_on, monkeypatch, fault):
    world = world_on(sqlite_url)
    IN_CODE[fault](monkeypatch)
    assert is_seen(ledger_of(world), world.session)
