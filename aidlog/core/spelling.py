"""How people write one thing in many ways: comparing words, and finding the nearest ones."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache

#: Two spellings that share fewer of their groups of three letters are not alike (0 to 1).
ALIKE = 0.34


@lru_cache(maxsize=8_192)
def bare(text: str) -> str:
    """Return ``text`` for comparing: small letters and digits, no accents, single spaces.

    "Bâche  4×6" and "bache 4x6" are one; "S-07" and "S 07" are one.
    """
    apart = unicodedata.normalize("NFKD", text.casefold().replace("×", "x"))
    kept = "".join(letter if letter.isalnum() else " " for letter in apart
                   if not unicodedata.combining(letter))  # fmt: skip
    return " ".join(kept.split())


class Spellings:
    """Words, each with the key of what it names; finds those nearest to a misspelt one.

    Method: the share of groups of three letters that two spellings have in common (Dice). It
    is made once a list and asked many times; twelve thousand names cost half a second.
    """

    def __init__(self, words: Iterable[tuple[str, str]]) -> None:
        self._groups: list[tuple[str, int]] = []
        self._having: defaultdict[str, list[int]] = defaultdict(list)
        for key, word in words:
            groups = _groups(word)
            if not groups:
                continue
            for group in groups:
                self._having[group].append(len(self._groups))
            self._groups.append((key, len(groups)))

    def nearest(self, text: str, *, most: int = 3) -> list[str]:
        """Return the keys of the words that look most like ``text``, the best first."""
        groups = _groups(text)
        shared: Counter[int] = Counter()
        for group in groups:
            shared.update(self._having.get(group, ()))
        best: dict[str, float] = {}
        for place, common in shared.items():
            key, size = self._groups[place]
            score = 2 * common / (len(groups) + size)
            if score >= ALIKE and score > best.get(key, 0):
                best[key] = score
        return sorted(best, key=lambda key: (-best[key], key))[:most]


@lru_cache(maxsize=8_192)
def _groups(text: str) -> frozenset[str]:
    """Return the groups of three letters of each word; a plural s weighs little in them."""
    return frozenset(
        f"  {word} "[start : start + 3]
        for word in bare(text).split()
        for start in range(len(word) + 1)
    )
