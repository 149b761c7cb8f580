"""Decimal figures: exact, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidlog.core.decimals import shown_decimal, typed_decimal
from aidlog.core.errors import Refusal


@pytest.mark.parametrize(
    ("text", "milligrams"),
    [
        ("1.6", 1_600_000),
        ("1,6", 1_600_000),
        ("0.444", 444_000),
        ("0,62", 620_000),
        ("55", 55_000_000),
        ("1 200", 1_200_000_000),
        ("1\u202f200,5", 1_200_500_000),
        ("1200.5000000", 1_200_500_000),
        ("1.6000", 1_600_000),
    ],
)
def test_a_weight_in_kilograms_is_kept_to_the_milligram(text, milligrams):
    assert typed_decimal(text, places=6) == milligrams


@pytest.mark.parametrize("text", ["1.600", "1,600", "55.350", "999,999"])
def test_a_figure_of_two_meanings_is_refused_with_both(text):
    with pytest.raises(Refusal, match="two ways"):
        typed_decimal(text, places=6)


def test_both_readings_that_are_proposed_are_taken():
    with pytest.raises(Refusal) as refused:
        typed_decimal("1.600", places=6)
    values = refused.value.message.values
    assert typed_decimal(values["short"], places=6) == 1_600_000
    assert typed_decimal(values["long"], places=6) == 1_600_000_000


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e5", ".5", "1.", "1.2.3", "١٢", "1_0", "1 20"])
def test_what_is_not_a_figure_is_refused(text):
    with pytest.raises(Refusal):
        typed_decimal(text, places=6)


def test_a_figure_finer_than_the_unit_is_refused_not_rounded():
    with pytest.raises(Refusal, match="too fine"):
        typed_decimal("0.0000001", places=6)


@given(st.integers(0, 10**14), st.integers(0, 6))
def test_what_is_shown_is_taken_again_as_the_same(scaled, places):
    assert typed_decimal(shown_decimal(scaled, places=places), places=places) == scaled
