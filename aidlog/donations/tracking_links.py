"""References that people say on the phone, and private links that nobody can guess.

Both are written in letters and digits that cannot be mistaken for one another.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import date, timedelta

#: No 0 O Q, 1 I L, 2 Z, 5 S, 6 G, 8 B or U V beside each other: one of each pair is left out.
ALPHABET = "23456789ACDEFHJKMNPRTVWXY"

#: Letters of a private link: 25 to the power of 20 is 92 bits.
LINK_LENGTH = 20

#: How long a private link opens its page, counted from the pledge.
LINK_LIFE = timedelta(days=730)


def new_reference() -> str:
    """Return a reference such as PL-7K3M-92, not derived from anything."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"PL-{letters[:4]}-{letters[4:]}"


def tidy_reference(typed: str) -> str:
    """Return a reference as it is kept, from what was typed: spaces and small letters are fine."""
    letters = "".join(typed.upper().split()).replace("-", "").removeprefix("PL")
    return f"PL-{letters[:4]}-{letters[4:]}"


def make_token(key: bytes, command_id: str) -> str:
    """Return the private link of the pledge that is recorded by a command.

    It is worked out from the command's id and a key kept outside the database: whoever sends
    the command again, because no answer came, gets the same link, and yet no table holds it.
    """
    number = int.from_bytes(hmac.new(key, f"gift {command_id}".encode(), hashlib.sha256).digest())
    letters = []
    for _ in range(LINK_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place].lower())
    return "-".join("".join(letters[at : at + 4]) for at in range(0, LINK_LENGTH, 4))


def token_hash(token: str) -> str:
    """Return what is kept of a link: enough to know it again, nothing to open it with."""
    plain = token.lower().replace("-", "").strip()
    return hashlib.sha256(plain.encode()).hexdigest()


def link_ends(recorded_on: date) -> date:
    """Return the last day on which the link of a pledge opens its page."""
    return recorded_on + LINK_LIFE
