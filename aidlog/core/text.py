"""Words for users, marked here and translated at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(template: str) -> str:  # noqa: N802 - the gettext marker's usual name
    """Mark ``template`` for extraction without translating it now."""
    return template


@dataclass(frozen=True, slots=True)
class Message:
    """A whole sentence with named gaps, still in the source language.

    ``template`` is marked with :func:`N_` where it is written. ``values`` fill its gaps in
    every language; a value that is itself a :class:`Message` is translated first. With
    ``plural`` the number named by ``count`` chooses between ``template`` and ``plural``.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    plural: str | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        assert (self.plural is None) == (self.count is None), "a plural needs its number"

    def __str__(self) -> str:
        chosen = self.template if self.plural is None or self.count == 1 else self.plural
        return chosen.format(**self.values)
