"""Text becomes a number in one place, and packs never lose a piece."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST, in_packs, whole_number

quantities = st.integers(min_value=0, max_value=LARGEST)


@given(quantities)
def test_digits_are_read_as_they_stand(quantity):
    assert whole_number(str(quantity)) == quantity


@given(quantities, st.sampled_from([" ", "\u00a0", "\u202f", "\u2009"]))
def test_spaces_may_group_the_digits(quantity, space):
    assert whole_number(f"{quantity:,}".replace(",", space)) == quantity


@given(st.text(max_size=30))
def test_any_text_is_a_number_of_ascii_digits_or_refused(text):
    try:
        number = whole_number(text)
    except Refusal:
        return
    assert 0 <= number <= LARGEST
    assert int("".join(sign for sign in text if sign in "0123456789")) == number
    assert not [sign for sign in text if sign.isdigit() and not sign.isascii()]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1.5", "1,5", "1.200", "1,200", "1_000", "+1", "-1", "1e3", "0x10", "NaN", "inf",
        "١٢٣", "12³", "１２", "1 2", "12 00", "1 0000", "1200 000", "½", "TRUE", "None", "1\n2",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused_not_guessed(text):
    with pytest.raises(Refusal):
        whole_number(text)


def test_the_largest_quantity_is_read_and_the_next_is_refused():
    assert whole_number(str(LARGEST)) == LARGEST
    with pytest.raises(Refusal, match="too large"):
        whole_number(str(LARGEST + 1))


def test_a_refusal_names_the_field_and_shows_a_short_part_of_what_was_typed():
    with pytest.raises(Refusal) as refused:
        whole_number("x" * 900, field="good")
    assert refused.value.field == "good"
    assert len(str(refused.value)) < 150


@given(quantities, st.integers(min_value=1, max_value=LARGEST))
def test_packs_and_loose_pieces_add_up_to_the_quantity(quantity, pack_size):
    packs = in_packs(quantity, pack_size)
    assert packs.full * pack_size + packs.loose == quantity
    assert 0 <= packs.loose < pack_size
