"""Sentences with named gaps, chosen by number."""

import pytest

from aidlog.core.text import N_, Message


def test_gaps_are_filled_by_name():
    assert str(Message(N_("{free} of {asked} left."), {"asked": 7, "free": 2})) == "2 of 7 left."


@pytest.mark.parametrize(("count", "said"), [(0, "0 bales."), (1, "1 bale."), (2, "2 bales.")])
def test_the_number_chooses_between_one_and_many(count, said):
    message = Message("{n} bale.", {"n": count}, plural="{n} bales.", count=count)
    assert str(message) == said


@pytest.mark.parametrize("half", [{"plural": "{n} bales."}, {"count": 2}])
def test_a_plural_without_its_number_is_a_fault(half):
    with pytest.raises(AssertionError):
        Message("{n} bale.", {"n": 2}, **half)


def test_marking_a_sentence_leaves_it_as_it_is():
    assert N_("Nothing was moved.") == "Nothing was moved."
