"""Sentences of the engine are said in the reader's words, whatever its planner read."""

from __future__ import annotations

import pytest

from aidlog.core.text import Message
from aidlog.web.logistics.plan_sentences import for_reader

FROZEN = {"Blanket": "Couverture"}


@pytest.mark.parametrize(
    ("language", "share"),
    [("en", "65.7%"), ("fr", "65,7\N{NARROW NO-BREAK SPACE}%"), ("sw", "65.7%")],
)
def test_names_and_shares_follow_the_reader_in_sentences_within_too(app, language, share):
    inner = Message("Lot {lot} of {item}.", {"lot": "L-7", "item": "Blanket"})
    whole = Message("{what} {now}, {count}", {"what": inner, "now": "65.7%", "count": 3})
    with app.test_request_context(headers={"Accept-Language": language}):
        said = for_reader(whole, FROZEN)
    assert said.values["now"].replace("\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}") == share
    assert said.values["what"].values == {"lot": "L-7", "item": "Couverture"}
    assert said.values["count"] == 3


def test_a_name_that_only_holds_a_frozen_one_stays(app):
    message = Message("{site}: {share}", {"site": "Blanket Hill", "share": "100%"})
    with app.test_request_context(headers={"Accept-Language": "en"}):
        said = for_reader(message, FROZEN)
    assert said.values == {"site": "Blanket Hill", "share": "100%"}
