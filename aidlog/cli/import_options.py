"""What ``aidlog import`` is told of a file: columns, values for all rows, meanings of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message

if TYPE_CHECKING:
    from aidlog.reports.any_file import FileCells
    from aidlog.reports.importing.choices import Choices


class NotThere(Refusal):
    """A name on the command line is that of nobody and nothing."""


def fields_of(kind: str) -> frozenset[str]:
    """Return the fields that a list of ``kind`` has."""
    from aidlog.reports.importing.kinds import importer_of

    return frozenset(column.field for column in importer_of(kind).plan.columns)


def pairs(texts: Sequence[str], option: str, *, fields: frozenset[str]) -> dict[str, str]:
    """Read "field=value" options; an unknown field is wrong usage and names the known ones."""
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or name.strip() not in fields:
            raise click.BadParameter(
                f"“{text}” is not FIELD=VALUE with FIELD one of: {', '.join(sorted(fields))}.",
                param_hint=option,
            )
        found[name.strip()] = value.strip()
    return found


def meanings_of(texts: Sequence[str], fields: frozenset[str]) -> dict[str, dict[str, str]]:
    """Read "field:word=value" options."""
    from aidlog.core.spelling import bare

    meanings: dict[str, dict[str, str]] = {}
    for text in texts:
        left, sign, value = text.rpartition("=")
        name, colon, word = left.partition(":")
        if not sign or not colon or name.strip() not in fields:
            raise click.BadParameter(
                f"“{text}” is not FIELD:WORD=VALUE with FIELD one of: {', '.join(sorted(fields))}.",
                param_hint="--means",
            )
        meanings.setdefault(name.strip(), {})[bare(word)] = value.strip()
    return meanings


def places_of(
    kind: str, file: FileCells, choices: Choices, wanted: Mapping[str, str]
) -> dict[int, str]:
    """Return position → field for the columns named by heading or letter."""
    from dataclasses import replace

    from aidlog.core.spelling import bare
    from aidlog.reports.importing.kinds import importer_of
    from aidlog.reports.importing.tables import find_table

    # Some columns may be all that tells where the table is: without headings, look anyway.
    found = find_table(importer_of(kind).plan, file, replace(choices, columns={}))
    places = {}
    for field, heading in wanted.items():
        matching = [
            seen for seen in found.columns
            if bare(seen.heading) == bare(heading) and bare(heading)
        ] or [seen for seen in found.columns if seen.letter == heading.upper()]  # fmt: skip
        if len(matching) != 1:
            raise NotThere(
                Message(
                    N_("No single column is called “{heading}”. Name it by its letter."),
                    {"heading": heading[:60]},
                )
            )
        places[matching[0].place] = field
    return places
