"""Signing in and out: who may try, who it is, and for how long the browser is known.

A sign-in takes three steps, so that the slow part (the hash) holds no lock: admit() writes the
try down, verified() compares, open_session() opens. Only hashes of tokens, accounts and
addresses are kept. People are added and changed in people.py; passwords.py knows the hash.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.registry import passwords
from aidlog.registry.models import LoginAttempt, LoginSession, Person, RoleGrant

#: Tries that failed are counted over this span.
WINDOW = timedelta(minutes=15)
#: More than these in a window and the next try has to wait; nobody is locked out for longer.
TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 50
#: However much a browser is used, it signs in anew after this.
LONGEST_SESSION = timedelta(days=7)
#: A session in use is written to at most this often.
TOUCH_AFTER = timedelta(minutes=10)


class TooManyTries(Refusal):
    """Sign-ins to the account, or from the address, failed too often just now."""

    def __init__(self, retry_after: int) -> None:
        minutes = max(1, -(-retry_after // 60))
        super().__init__(
            Message(
                N_("There were too many tries. Wait one minute, then try again."),
                {"minutes": minutes},
                plural=N_("There were too many tries. Wait {minutes} minutes, then try again."),
                count=minutes,
            )
        )
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who tries to sign in, as keyed hashes: the account named, and the network address."""

    account_hash: str
    address_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A browser that is signed in, and the person behind it."""

    session_id: int
    person_id: int
    organisation_id: int
    login: str
    name: str
    language: str
    role: str
    must_change_password: bool
    created_at: datetime
    seen_at: datetime


def asker(key: str, login: str, address: str, *, browser: str = "") -> Asker:
    """Return the hashes under which a try is counted.

    Tries from a ``browser`` that the account signed in from before count by themselves. IPv6
    addresses count by their /64, since one connection owns that many.
    """
    return Asker(
        account_hash=_keyed(key, f"account:{login.strip().casefold()}:{browser}"),
        address_hash=_keyed(key, "address:" + _network(address)),
    )


def admit(session: Session, asking: Asker, now: datetime) -> None:
    """Write a try down before it is known how it ends, so that parallel tries all count.

    Raises:
        TooManyTries: it has to wait; ``retry_after`` says how many seconds.
    """
    for column, value, most in (
        (LoginAttempt.account_hash, asking.account_hash, TRIES_PER_ACCOUNT),
        (LoginAttempt.address_hash, asking.address_hash, TRIES_PER_ADDRESS),
    ):
        count, oldest = session.execute(
            select(func.count(), func.min(LoginAttempt.at)).where(
                column == value, LoginAttempt.at > now - WINDOW
            )
        ).one()
        if count >= most:
            raise TooManyTries(max(1, int((oldest + WINDOW - now).total_seconds())))
    session.add(
        LoginAttempt(account_hash=asking.account_hash, address_hash=asking.address_hash, at=now)
    )
    session.flush()


def verified(session: Session, login: str, password: str) -> int | None:
    """Return the id of the person with that login and password, else None.

    Takes the same time whether the account exists or not. Call it outside writing().
    """
    person = session.execute(
        select(Person.id, Person.password_hash).where(
            Person.login == login.strip().casefold(), Person.active
        )
    ).one_or_none()
    known = passwords.matches(person.password_hash if person else None, password)
    return person.id if person and known else None


def open_session(
    session: Session,
    person_id: int,
    *,
    asking: Asker,
    password: str,
    now: datetime,
    hours: int,
) -> str:
    """Open a session for someone who was verified; return the token for their browser.

    The account's failed tries are forgotten, and a hash of old costs is renewed. What no longer
    counts of anyone's tries and sessions is deleted in passing, so neither table grows.
    """
    forgive(session, asking)
    _forget_old(session, now)
    person = session.get_one(Person, person_id)
    if person.password_hash and passwords.outdated(person.password_hash):
        person.password_hash = passwords.hashed(password)
    return new_session(session, person_id, now=now, hours=hours)


def forgive(session: Session, asking: Asker) -> None:
    """Forget the tries at an account whose password was given at last."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.account_hash == asking.account_hash))


def new_session(session: Session, person_id: int, *, now: datetime, hours: int) -> str:
    """Open a session and return its token; only the token's hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=_plain_hash(token),
            person_id=person_id,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    session.flush()
    return token


def signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Return who holds ``token``; None once it has expired or was revoked. One query."""
    asked = {"token": _plain_hash(token), "now": now, "oldest": now - LONGEST_SESSION}
    row = session.execute(_holder(), asked).one_or_none()
    if row is None:
        return None
    return SignedIn(
        session_id=row[0],
        person_id=row[1],
        organisation_id=row[2],
        login=row[3],
        name=row[4],
        language=row[5],
        role=row[6],
        must_change_password=row[7],
        created_at=row[8],
        seen_at=row[9],
    )


@cache
def _holder() -> Select[Any]:
    """Return the statement that every request begins with, so it is built once."""
    login, person, grant = LoginSession.__table__.c, Person.__table__.c, RoleGrant.__table__.c
    first_role = (
        select(grant.role)
        .where(grant.person_id == person.id)
        .order_by(grant.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            login.id,
            login.person_id,
            person.organisation_id,
            person.login,
            person.name,
            person.language,
            func.coalesce(first_role, ""),
            person.must_change_password,
            login.created_at,
            login.seen_at,
        )
        .join_from(LoginSession.__table__, Person.__table__, person.id == login.person_id)
        .where(
            login.token_hash == bindparam("token"),
            login.revoked_at.is_(None),
            login.expires_at > bindparam("now"),
            login.created_at > bindparam("oldest"),
            person.active,
        )
    )


def prolong(session: Session, session_id: int, *, now: datetime, hours: int) -> None:
    """Let a session that is in use last ``hours`` from now."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.revoked_at.is_(None))
        .values(seen_at=now, expires_at=now + timedelta(hours=hours))
    )


def close_session(session: Session, session_id: int, *, now: datetime) -> None:
    """End one session, for every copy of its cookie."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_sessions(session: Session, person_id: int, *, now: datetime) -> None:
    """End all sessions of a person: after a new password, new roles, or switching off."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.person_id == person_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - WINDOW))
    session.execute(delete(LoginSession).where(LoginSession.created_at < now - 2 * LONGEST_SESSION))


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _keyed(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _plain_hash(token: str) -> str:
    """Enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()
