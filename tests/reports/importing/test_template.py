"""The sheets to fill in work as they stand, in the order in which an operation is set up."""

from __future__ import annotations

import io

import openpyxl
import pytest

from aidlog.db.transaction import writing
from aidlog.registry.roles import Role
from aidlog.reports.any_file import read_any
from aidlog.reports.importing.choices import Choices
from aidlog.reports.importing.kinds import IMPORTERS
from aidlog.reports.importing.tables import find_table
from aidlog.reports.importing.template import write_import_template
from aidlog.reports.words import LANGUAGES, speaker, translator
from tests.factories import make_actor, make_organisation
from tests.reports.importing.conftest import Desk


def template(kind: str, *, language: str = "en", examples: bool = True) -> bytes:
    stream = io.BytesIO()
    plan = IMPORTERS[kind].plan
    write_import_template(stream, plan, say=speaker(language), examples=examples)
    return stream.getvalue()


def test_the_examples_of_all_lists_import_one_after_the_other(session):
    with writing(session):
        organisation = make_organisation(session)
        actor = make_actor(session, Role.PLANNER, Role.STOREKEEPER, Role.ADMINISTRATOR)
        desk = Desk(session, actor, organisation.id)
    for kind in IMPORTERS:
        assert desk.take(kind, template(kind))["added"] > 0, kind


@pytest.mark.parametrize("kind", list(IMPORTERS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headings_of_every_language_are_read_back(kind, language):
    plan = IMPORTERS[kind].plan
    translations = [translator(other) for other in LANGUAGES if other != "en"]
    file = read_any(template(kind, language=language))
    found = find_table(plan, file, Choices(), translations)
    assert set(found.places) == {column.field for column in plan.columns}


@pytest.mark.parametrize("kind", list(IMPORTERS))
def test_an_empty_sheet_has_no_rows(kind):
    sheet = openpyxl.load_workbook(io.BytesIO(template(kind, examples=False))).worksheets[0]
    assert not [row for row in sheet.iter_rows(min_row=5, values_only=True) if any(row)]
