"""Sentences outside of pages, in the language asked for: on the command line and in mails."""

from __future__ import annotations

import functools
import gettext
from collections.abc import Callable
from pathlib import Path

from aidlog.core.text import Message
from aidlog.core.units import Amount

LANGUAGES = ("en", "fr", "sw", "rw")

_CATALOGUES = Path(__file__).parent.parent / "translations"


@functools.cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of ``language``; where there is none, sentences stay English."""
    return gettext.translation("messages", _CATALOGUES, languages=[language], fallback=True)


def translator(language: str) -> Callable[[str], str]:
    """Return what turns an English heading into ``language``."""
    return catalogue(language).gettext


def speaker(language: str) -> Callable[[Message], str]:
    """Return what says a :class:`Message` in ``language``, its gaps filled."""
    words = catalogue(language)

    def say(message: Message) -> str:
        if message.plural is None:
            template = words.gettext(message.template)
        else:
            assert message.count is not None, "a plural has its number"
            template = words.ngettext(message.template, message.plural, message.count)
        return template.format(**{name: shown(gap) for name, gap in message.values.items()})

    def shown(gap: object) -> object:
        if isinstance(gap, Amount):  # its words stand beside tables, which --help needs not
            from aidlog.registry.amounts import in_words

            gap = in_words(gap)
        return say(gap) if isinstance(gap, Message) else gap

    return say
