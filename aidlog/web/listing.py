"""What a person asks of a list by its address: words, order, page; and the links to ask anew."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask import request, url_for

from aidlog.registry.lists import LONGEST_SEARCH, Asked


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as it was asked for; ``kept`` are filters of its own that its links carry on.

    In a private list people are searched for: the words are posted, and no address holds them.
    """

    asked: Asked
    kept: dict[str, str]
    default: str
    private: bool = False

    def order(self, column: str) -> str:
        """Return how a column is sorted now, in the words of aria-sort; empty where it is not."""
        if (self.asked.column or self.default) != column:
            return ""
        return "descending" if self.asked.descending else "ascending"

    def by(self, column: str) -> str:
        """Return the address of the list sorted by ``column``, the other way round if it was."""
        turned = f"-{column}" if self.order(column) == "ascending" else column
        return self._address(sort=turned)

    def page(self, after: int | None) -> str | None:
        """Return the address of the page that begins after a row, None where there is none."""
        return None if after is None else self._address(sort=self.asked.sort, after=str(after))

    @property
    def first(self) -> str | None:
        """The address of the first page, None on it."""
        return self._address(sort=self.asked.sort) if self.asked.after is not None else None

    @property
    def posted(self) -> bool:
        """Say whether the rows were searched for in private: their links are buttons then."""
        return self.private and bool(self.asked.search)

    def _address(self, *, sort: str = "", after: str = "") -> str:
        said = {
            "q": "" if self.private else self.asked.search,
            "sort": sort,
            "after": after,
            "all": "1" if self.asked.everything else "",
        } | self.kept
        assert request.endpoint is not None
        return url_for(
            request.endpoint,
            **{name: value for name, value in said.items() if value},  # type: ignore[arg-type]
        )


def listing(
    sorts: Collection[str], *, kept: Collection[str] = (), private: bool = False
) -> Listing:
    """Return what the address asks of a list that can be sorted by ``sorts``, the first by itself.

    What the address says wrong is passed over: the list is shown as it begins. Of a private
    list the words, and what goes with them, are read from the form alone.
    """
    said = request.form if private and request.method == "POST" else request.args
    words = "" if private and said is request.args else said.get("q", "")
    sort = said.get("sort", "")
    asked = Asked(
        search=" ".join(words.split())[:LONGEST_SEARCH],
        sort=sort if sort.removeprefix("-") in sorts else "",
        after=said.get("after", type=int),
        everything=said.get("all") == "1",
    )
    return Listing(
        asked=asked,
        kept={name: request.args.get(name, "")[:40] for name in kept},
        default=next(iter(sorts)),
        private=private,
    )
