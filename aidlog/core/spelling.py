"""How people write one thing in many ways: comparing words, and finding the nearest ones."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

#: Two spellings that share fewer of their groups of three letters are not alike (0 to 1).
ALIKE = 0.34
#: So many words are looked at closely for one that is misspelt.
LOOKED_AT = 3_000


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

    Method: the share of groups of three letters that two spellings have in common (Dice),
    worked out for those that share its rarest groups. The table is made once a list and asked
    many times: twelve thousand names cost half a second, each question a millisecond.
    """

    def __init__(self, words: Iterable[tuple[str, str]]) -> None:
        self._words: list[tuple[str, frozenset[str]]] = []
        self._having: defaultdict[str, list[int]] = defaultdict(list)
        for key, word in words:
            if groups := _groups(word):
                for group in groups:
                    self._having[group].append(len(self._words))
                self._words.append((key, groups))

    def nearest(self, text: str, *, most: int = 3) -> list[str]:
        """Return the keys of the words that look most like ``text``, the best first."""
        groups = _groups(text)
        best: dict[str, float] = {}
        for place in self._candidates(groups):
            key, own = self._words[place]
            score = 2 * len(groups & own) / (len(groups) + len(own))
            if score >= ALIKE and score > best.get(key, 0):
                best[key] = score
        return sorted(best, key=lambda key: (-best[key], key))[:most]

    def _candidates(self, groups: frozenset[str]) -> set[int]:
        """Return the words that share the rarest groups: what all names have tells nothing."""
        known = sorted((len(self._having[group]), group) for group in groups & self._having.keys())
        candidates: set[int] = set()
        for size, group in known:
            if candidates and len(candidates) + size > LOOKED_AT:
                break
            candidates.update(self._having[group])
        return candidates


@lru_cache(maxsize=8_192)
def _groups(text: str) -> frozenset[str]:
    """Return the groups of three letters of each word; a plural s weighs little in them."""
    return frozenset(
        f"  {word} "[start : start + 3]
        for word in bare(text).split()
        for start in range(len(word) + 1)
    )
