"""The two languages of a paper: the reader's own, and English or French beside it."""

from __future__ import annotations

from flask_babel import force_locale

from aidlog.core.text import Message
from aidlog.reports.amounts import Tongue
from aidlog.web.i18n import language, say


def tongues() -> tuple[Tongue, Tongue]:
    """Return the language of this request and its companion on paper.

    English goes with French, every other language with English: one of the two is read by
    whoever checks a truck on the road.
    """
    own = language()
    return tongue(own), tongue("fr" if own == "en" else "en")


def tongue(code: str) -> Tongue:
    """Return ``code`` as a language that a paper can be written in."""

    def spoken(message: Message) -> str:
        with force_locale(code):
            return say(message)

    return Tongue(code, spoken)
