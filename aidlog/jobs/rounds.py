"""What is due by the hour and by the day, done by one worker however many there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, Engine, select, update
from sqlalchemy.orm import Session

from aidlog.db import imports
from aidlog.db.transaction import writing
from aidlog.db.upsert import insert_missing
from aidlog.registry.models import Setting
from aidlog.reports.alerts.digest import send_digests
from aidlog.reports.alerts.pace import work_out
from aidlog.reports.exports.asking import forget_old
from aidlog.reports.words import speaker
from aidlog.settings import Settings

#: How old the paces of the stock may become.
PACE_AGE = timedelta(hours=1)
#: The hour of the operation's day from which on the mail of the day leaves.
MAIL_HOUR = 6
#: The names of the rows that say when each was done last.
PACED, MAILED = "alerts.paced_at", "alerts.mailed_on"


def keep_alerts(engine: Engine, settings: Settings, *, now: datetime) -> None:
    """Work out the paces where they are old, and send the mail of the day where it is due."""
    old = (now - PACE_AGE).astimezone(UTC).isoformat(timespec="seconds")
    if _is_due(engine, PACED, old):
        with Session(engine) as session, writing(session):
            if _claim(session, PACED, now.astimezone(UTC).isoformat(timespec="seconds"), old):
                work_out(session, now=now)
    forget_old(Path(settings.data_dir), now)
    _forget_imports(engine, now)
    local = now.astimezone(ZoneInfo(settings.time_zone))
    if not settings.mail_url or local.hour < MAIL_HOUR:
        return
    today = local.date().isoformat()
    yesterday = (local.date() - timedelta(days=1)).isoformat()
    if _is_due(engine, MAILED, yesterday):
        with Session(engine) as session, writing(session):
            if _claim(session, MAILED, today, yesterday):
                send_digests(session, speaker, now=now, base_url=settings.base_url)


def _forget_imports(engine: Engine, now: datetime) -> None:
    """Forget files to be imported that nobody decided about: they may hold what is personal."""
    with Session(engine) as session:
        waiting = imports.has_old(session, now)
    if waiting:
        with Session(engine) as session, writing(session):
            imports.forget_old(session, now)


def _is_due(engine: Engine, name: str, latest: str) -> bool:
    """Look whether something is due, without a write: it is asked every few seconds."""
    with Session(engine) as session:
        done = session.scalar(select(Setting.value).where(Setting.name == name))
    return done is None or done <= latest


def _claim(session: Session, name: str, value: str, latest: str) -> bool:
    """Note that ``name`` is done as of ``value`` if it was last done at ``latest`` or before.

    The row stays locked to the end of the transaction, so another worker waits and then finds
    it done. Values are dates or moments in one form, which order as text.
    """
    insert_missing(session, Setting, [{"name": name, "value": ""}])
    noted = session.execute(
        update(Setting)
        .where(Setting.name == name, Setting.value <= latest)
        .values(value=value)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(noted, CursorResult)
    return noted.rowcount == 1
