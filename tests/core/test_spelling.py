"""Words that are written in many ways, and the nearest to a misspelt one."""

from __future__ import annotations

import pytest

from aidlog.core.spelling import Spellings, bare

WORDS = Spellings(
    [("MAT", "Plastic mat 180×90"), ("MAT", "Natte en plastique"), ("TARP", "Tarpaulin, 4 × 6 m"),
     ("TARP", "Bâche"), ("RICE", "Rice, white"), ("NET", "Mosquito net, large")]
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bâche", "bache"), ("S-07", "s 07"), ("4×6", "4x6"), ("  Two   words ", "two words"),
     ("item_code", "Item code"), ("ﬁne", "fine")],
)  # fmt: skip
def test_two_ways_to_write_one_word_compare_equal(one, other):
    assert bare(one) == bare(other)


@pytest.mark.parametrize("word", ["4 6", "46"])
def test_what_is_apart_stays_apart(word):
    assert (bare("4-6") == bare(word)) is (word == "4 6")


@pytest.mark.parametrize(
    ("misspelt", "key"),
    [("Plastik mats", "MAT"), ("natte plastic", "MAT"), ("tarpolin 4x6", "TARP"),
     ("bâches", "TARP"), ("moskito nets", "NET"), ("rise", None), ("rice", "RICE"), ("", None),
     ("gravel", None)],
)  # fmt: skip
def test_the_nearest_word_is_found_and_nothing_is_made_up(misspelt, key):
    assert WORDS.nearest(misspelt, most=1) == ([key] if key else [])


def test_the_best_comes_first_and_each_thing_once():
    nearest = WORDS.nearest("plastic natte mat")
    assert nearest[0] == "MAT"
    assert len(nearest) == len(set(nearest))
