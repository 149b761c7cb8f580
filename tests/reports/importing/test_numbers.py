"""How a file writes its numbers: worked out where there is one way, asked where there are two."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aidlog.core.errors import Refusal
from aidlog.reports.importing.choices import Numbers
from aidlog.reports.importing.numbers import convention_of, read_number, scaled

EN, FR, RW = Numbers.EN, Numbers.FR, Numbers.RW


def read(text: str, chosen: Numbers | None = None) -> Decimal:
    return read_number(text, convention_of([text], chosen))


@pytest.mark.parametrize(
    ("text", "by", "number"),
    [
        ("1,234.5", EN, "1234.5"),
        ("1 234,5", FR, "1234.5"),
        ("1\u202f234,5", FR, "1234.5"),
        ("1.234,5", RW, "1234.5"),
        ("55.350", EN, "55.350"),
        ("55.350", RW, "55350"),
        ("12,5", RW, "12.5"),
        ("1e+05", EN, "100000"),
        ("0", FR, "0"),
    ],
)
def test_a_number_is_read_by_the_convention_of_the_file(text, by, number):
    assert read(text, by) == Decimal(number)


@pytest.mark.parametrize("text", ["55.350", "1,000", "1.000", "12,345"])
def test_a_number_of_two_meanings_leaves_the_convention_open(text):
    convention = convention_of(["7", text], None)
    assert convention.open
    assert convention.samples[0].written == text


@pytest.mark.parametrize(
    ("texts", "fitting"),
    [
        (["1.5", "7"], (EN,)),
        (["0.125"], (EN,)),
        (["0,125"], (FR, RW)),
        (["12,5"], (FR, RW)),
        (["1 200"], (EN, FR, RW)),
        ([], (EN, FR, RW)),
    ],
)
def test_where_all_that_fit_agree_nobody_is_asked(texts, fitting):
    convention = convention_of(texts, None)
    assert (convention.open, convention.fitting) == (False, fitting)


def test_a_file_that_mixes_two_ways_is_asked_about():
    assert convention_of(["1.5", "2,5"], None).open


def test_one_doubtful_number_among_clear_ones_is_still_asked_about():
    """Two points of evidence do not decide what a third person meant."""
    assert convention_of(["1.5", "2.25", "1,234"], None).open


@pytest.mark.parametrize(
    "text",
    ["1,2,3", "12,34,567", "1.2.3", "1,000 000", "--", "1/2", "<5", "~7", "-3", "５", "1e999"],
)
def test_what_is_no_number_in_any_country_is_refused(text):
    for by in (None, *Numbers):
        with pytest.raises(Refusal):
            read(text, by)


def test_a_floating_cell_keeps_the_digits_that_are_shown():
    assert scaled(read_number(0.62, convention_of([], None)), places=6, rounded=False) == 620_000


def test_a_fraction_of_a_piece_is_refused_and_never_rounded():
    with pytest.raises(Refusal, match="whole"):
        scaled(Decimal("1.5"), places=0, rounded=False)


def test_a_weight_finer_than_a_milligram_is_rounded_half_up():
    assert scaled(Decimal("0.0000015"), places=6, rounded=True) == 2


def test_a_weight_that_would_be_rounded_away_is_refused():
    with pytest.raises(Refusal, match="too fine"):
        scaled(Decimal("0.0000001"), places=6, rounded=True)
