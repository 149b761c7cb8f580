"""The sheets to fill in work as they stand, in the order in which an operation is set up."""

from __future__ import annotations

import io

import openpyxl
import pytest

from aidlog.core.text import Message
from aidlog.db.transaction import writing
from aidlog.registry.roles import Role
from aidlog.reports.any_file import read_any
from aidlog.reports.importing.choices import Choices
from aidlog.reports.importing.kinds import IMPORTERS
from aidlog.reports.importing.reading import read_rows
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


WORDS = [
    (kind, column.field)
    for kind, importer in IMPORTERS.items()
    for column in importer.plan.columns
    if column.choices
]


@pytest.mark.parametrize(("kind", "field"), WORDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_that_a_sheet_offers_is_read_back_as_what_it_is(kind, field, language):
    plan = IMPORTERS[kind].plan
    column = plan.column(field)
    words = [speaker(language)(Message(choice.word)) for choice in column.choices]
    translations = [translator(other) for other in LANGUAGES if other != "en"]
    # A column beside it that no list knows: one heading alone is not looked for.
    file = read_any("\n".join(["x;" + column.heading, *(f"1;{word}" for word in words)]).encode())
    found = find_table(plan, file, Choices(header_row=1), translations)
    reading = read_rows(found, Choices(), translations)
    asked = {
        finding.row: {value for value, _ in finding.suggestions}
        for finding in reading.findings
        if finding.spelling
    }
    for number, (choice, word) in enumerate(zip(column.choices, words, strict=True), start=2):
        row = next(row for row in reading.rows if row.number == number)
        if words.count(word) == 1 and number not in asked:
            assert row.text(field) == choice.value, word
        else:
            assert choice.value in asked[number], word
    assert len(asked) <= 2, asked
