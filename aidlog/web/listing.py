"""What a person asks of a list by its address: words, order, page; and the links to ask anew."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask import request, url_for

from aidlog.registry.lists import LONGEST_SEARCH, Asked


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as it was asked for; ``kept`` are filters of its own that its links carry on."""

    asked: Asked
    kept: dict[str, str]
    default: str

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

    def with_all(self, everything: bool) -> str:
        """Return the address of the list with what is out of use, or without."""
        return self._address(sort=self.asked.sort, everything=everything)

    def _address(self, *, sort: str = "", after: str = "", everything: bool | None = None) -> str:
        every = self.asked.everything if everything is None else everything
        said = {
            "q": self.asked.search,
            "sort": sort,
            "after": after,
            "all": "1" if every else "",
        } | self.kept
        assert request.endpoint is not None
        return url_for(
            request.endpoint,
            **{name: value for name, value in said.items() if value},  # type: ignore[arg-type]
        )


def listing(sorts: Collection[str], *, kept: Collection[str] = ()) -> Listing:
    """Return what the address asks of a list that can be sorted by ``sorts``, the first by itself.

    What the address says wrong is passed over: the list is shown as it begins.
    """
    sort = request.args.get("sort", "")
    asked = Asked(
        search=" ".join(request.args.get("q", "").split())[:LONGEST_SEARCH],
        sort=sort if sort.removeprefix("-") in sorts else "",
        after=request.args.get("after", type=int),
        everything=request.args.get("all") == "1",
    )
    return Listing(
        asked=asked,
        kept={name: request.args.get(name, "")[:40] for name in kept},
        default=next(iter(sorts)),
    )
