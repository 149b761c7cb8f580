"""What is typed about a file to be imported: which list it is, and what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import FileField, SelectField

from aidlog.core.spelling import bare
from aidlog.reports.importing.choices import Choices, DayOrder, Numbers
from aidlog.web.forms import CommandForm, Form

if TYPE_CHECKING:
    from aidlog.core.sheets import SheetPlan

K = TypeVar("K", bound=StrEnum)

#: A person answers for so many spellings in one go at most.
MOST_MEANINGS = 200


class SendForm(Form):
    """Which list a file is, and whose."""

    kind = SelectField(_l("List"))
    organisation_id = SelectField(_l("Organisation"), coerce=int)
    file = FileField(_l("File"))


class DecideForm(CommandForm):
    """What was decided of a file. The fields of its columns are made for each file anew."""


def typed_choices(form: MultiDict[str, str], plan: SheetPlan, kept: Choices) -> Choices:
    """Return what was decided on the page; what the page did not ask stays as it was kept."""
    fields = {column.field for column in plan.columns}
    columns = {
        int(name.removeprefix("column-")): value
        for name, value in form.items()
        if name.startswith("column-")
        and name.removeprefix("column-").isascii()
        and name.removeprefix("column-").isdigit()
        and len(name) < 12
        and value in fields | {""}
    }
    header = form.get("header", "").strip()
    return Choices(
        sheet=form.get("sheet") or kept.sheet,
        header_row=int(header) if header.isascii() and header.isdigit() and len(header) < 7
        else kept.header_row,
        columns=columns or kept.columns,
        numbers=_one_of(Numbers, form.get("numbers")) or kept.numbers,
        dates=_one_of(DayOrder, form.get("dates")) or kept.dates,
        given={
            **kept.given,
            **{
                name: form[f"given-{name}"].strip()[:200]
                for name in fields if f"given-{name}" in form
            },
        },
        meanings=_meanings(form, fields, kept.meanings),
        again="again" in form,
    )  # fmt: skip


def _one_of(kind: type[K], value: str | None) -> K | None:
    return kind(value) if value in {one.value for one in kind} else None


def _meanings(
    form: MultiDict[str, str], fields: set[str], kept: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Return what the spellings stand for; one that was cleared is asked about again."""
    meanings = {field: dict(known) for field, known in kept.items()}
    for number in range(MOST_MEANINGS):
        field, spelling = form.get(f"m-{number}-field"), form.get(f"m-{number}-word", "")
        if field not in fields:
            continue
        value = (form.get(f"m-{number}-other") or form.get(f"m-{number}-value") or "").strip()
        known = meanings.setdefault(str(field), {})
        if value:
            known[bare(spelling)] = value[:80]
        else:
            known.pop(bare(spelling), None)
    return meanings
