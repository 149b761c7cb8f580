"""A quantity in a sentence is said with its unit, in any language, also after a night stored."""

import json

import pytest

from aidlog.core.text import Message
from aidlog.core.units import BaseUnit, Measure
from aidlog.reports.words import speaker
from aidlog.web.i18n import say

CARTONS = Measure(BaseUnit.PIECE, 12, "carton")
BAGS = Measure(BaseUnit.GRAM, 25_000, "bag")


@pytest.mark.parametrize(
    ("measure", "quantity", "said"),
    [
        (CARTONS, 36, "3 cartons (36 pc)"),
        (CARTONS, 12, "1 carton (12 pc)"),
        (CARTONS, 38, "3 cartons + 2 (38 pc)"),
        (CARTONS, 11, "11 pc"),
        (CARTONS, 0, "0 pc"),
        (CARTONS, -36, "-36 pc"),
        (Measure(BaseUnit.PIECE), 40, "40 pc"),
        (BAGS, 50_000, "2 bags (50 kg)"),
        (BAGS, 30_500, "30.5 kg"),
        (BAGS, 800, "800 g"),
        (Measure(BaseUnit.MILLILITRE, 1_000, "bottle"), 2_000, "2 bottles (2 L)"),
    ],
)
def test_an_amount_names_its_unit_and_its_packs(app, measure, quantity, said):
    sentence = Message("{there}", {"there": measure.of(quantity)})
    with app.test_request_context():
        assert say(sentence) == said
    assert speaker("en")(sentence) == said


def test_an_amount_is_said_in_the_readers_language(app):
    sentence = Message("{there}", {"there": CARTONS.of(12_000)})
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert say(sentence).startswith("1\u202f000 cartons")


def test_a_stored_refusal_still_knows_its_unit():
    sentence = Message("{there} of {lot}", {"there": BAGS.of(50_000), "lot": "L-1"})
    assert Message.from_data(json.loads(json.dumps(sentence.as_data()))) == sentence
