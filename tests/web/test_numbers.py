"""Whole numbers as each language writes them: the same as Babel's, only sooner."""

from __future__ import annotations

import pytest
from babel.numbers import format_decimal
from flask import g
from hypothesis import given
from hypothesis import strategies as st

from aidlog.web.i18n import NAMES, whole

NUMBERS = st.integers(min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize("language", NAMES)
def test_a_whole_number_is_written_as_the_language_groups_it(app, language):
    with app.test_request_context():
        g.language = language

        @given(NUMBERS)
        def same(number):
            assert whole(number) == format_decimal(number, locale=language)

        same()


def test_a_sentence_escapes_what_fills_its_gaps_and_keeps_its_own_marks(app):
    with app.test_request_context():
        said = app.jinja_env.from_string(
            '{{ _("%(name)s has 100%% of it", name=name) }}{{ _("100%% of it") }}'
        ).render(name="<b>")
    assert said == "&lt;b&gt; has 100% of it100% of it"


@pytest.mark.parametrize(("number", "said"), [(1, "1 truck"), (2, "2 trucks")])
def test_a_number_chooses_the_form_and_fills_its_gap(app, number, said):
    with app.test_request_context():
        template = app.jinja_env.from_string(
            '{{ ngettext("%(num)d truck", "%(num)d trucks", number) }}'
        )
        assert template.render(number=number) == said
