"""Does a machine see a fault that was put into the code or a trigger?"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

#: The model and the books differ, or a constraint of the database held. A fault that leads to
#: anything else is one of the test's own.
SEEN = (AssertionError, IntegrityError)


def is_seen(machine: type[RuleBasedStateMachine], session: Session) -> bool:
    """Say whether ``machine`` finds something wrong in random histories."""
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=60,
                stateful_step_count=50,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except SEEN:
        return True
    finally:
        session.rollback()
    return False
