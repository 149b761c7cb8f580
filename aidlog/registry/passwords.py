"""Passwords: argon2id as OWASP advises (19 MiB, 2 passes, 1 lane), and what makes one too weak."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST = 200
#: A password of one or two letters repeated is long and still guessed at once.
FEWEST_DIFFERENT = 5

#: Letters of a one-time password: none that is mistaken for another when it is read out.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class WeakPassword(Refusal):
    """The password is too short, too long, or names what everyone knows of the account."""


def hashed(password: str) -> str:
    """Return the argon2id hash of ``password``; about 70 ms of work, outside any transaction."""
    return str(_hasher().hash(_as_typed(password)))


def matches(password_hash: str | None, password: str) -> bool:
    """Say whether ``password`` is the one that was hashed.

    Without a hash (no such account, none set yet, switched off) the same work is done against
    a hash of nothing, so that the time it takes tells nobody which accounts exist.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(password_hash or _nobodys(), _as_typed(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None and len(password) <= LONGEST


def outdated(password_hash: str) -> bool:
    """Say whether the hash was made with other costs than today's."""
    return bool(_hasher().check_needs_rehash(password_hash))


def must_be_strong(password: str, *, login: str, name: str, field: str = "password") -> None:
    """Raise unless ``password`` is hard to guess for someone who knows the account.

    Raises:
        WeakPassword: the sentence says what to change.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(
            Message(
                N_("The password has fewer than {least} characters. Three or four words are good."),
                {"least": SHORTEST},
            ),
            field=field,
        )
    if len(password) > LONGEST:
        raise WeakPassword(
            Message(
                N_("The password has more than {most} characters. Use a shorter one."),
                {"most": LONGEST},
            ),
            field=field,
        )
    if len(set(password)) < FEWEST_DIFFERENT:
        raise WeakPassword(
            Message(N_("The password repeats the same few characters. Use more different ones.")),
            field=field,
        )
    known = {login.partition("@")[0], *name.split(), "aidlog", "password"}
    folded = password.casefold()
    for word in sorted(known):
        if len(word) >= 4 and word.casefold() in folded:
            raise WeakPassword(
                Message(
                    N_("The password holds “{word}”, which others can guess. Leave it out."),
                    {"word": word},
                ),
                field=field,
            )


def one_time() -> str:
    """Return a password to be read out and used once: 16 letters in fours, 79 random bits."""
    letters = "".join(secrets.choice(_READABLE) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def _as_typed(password: str) -> str:
    """One spelling for the same letters: phones and laptops compose accents differently."""
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return str(_hasher().hash(secrets.token_hex(16)))
