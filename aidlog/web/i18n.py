"""Languages: which one this person reads, and sentences of the cores said in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel import Locale
from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    get_locale,
    get_translations,
)
from markupsafe import Markup

from aidlog.core.text import Message
from aidlog.core.units import Amount
from aidlog.registry.amounts import in_words
from aidlog.settings import Settings

#: What each language calls itself, as shown in the menu.
NAMES = {"en": "English", "fr": "Français", "sw": "Kiswahili", "rw": "Ikinyarwanda"}

#: Dates carry the month's name, in the order that all four languages read.
DAY = "d MMM y"
MOMENT = "d MMM y, HH:mm"


def language() -> str:
    """Return the language of this request: chosen, else the browser's, else the operation's.

    Sign-in chooses the person's own. It asks no database, so that an error page can be shown
    while there is none.
    """
    settings: Settings = current_app.config["AIDLOG"]
    if not has_request_context():
        return settings.default_language
    if "language" not in g:
        chosen = session.get("language")
        if chosen not in settings.languages:
            chosen = request.accept_languages.best_match(settings.languages)
        g.language = chosen or settings.default_language
    return str(g.language)


def name_of(code: str) -> str:
    """Return what a language calls itself."""
    return NAMES.get(code) or str(Locale.parse(code).get_display_name() or code)


def choose(code: str) -> bool:
    """Remember the language for this browser; False where aidlog does not speak it."""
    settings: Settings = current_app.config["AIDLOG"]
    if code not in settings.languages:
        return False
    session["language"] = code
    session.permanent = True
    g.language = code
    g.pop("tongue", None)
    return True


@dataclass(frozen=True, slots=True)
class Tongue:
    """How this request's language says a sentence and writes a whole number.

    Looked up once a request: a page asks for it some hundred times.
    """

    locale: Locale
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]
    group: str
    minus: str


def tongue() -> Tongue:
    """Return the language of this request, ready to speak."""
    known = g.get("tongue")
    if known is None:
        locale = get_locale() or Locale("en")
        words = get_translations()
        symbols = locale.number_symbols["latn"]
        known = Tongue(
            locale, words.ugettext, words.ungettext, symbols["group"], symbols["minusSign"]
        )
        g.tongue = known
    assert isinstance(known, Tongue)
    return known


def whole(value: int) -> str:
    """Return a whole number with this language's grouping."""
    speaking = tongue()
    digits = f"{abs(value):,}".replace(",", speaking.group)
    return f"{speaking.minus}{digits}" if value < 0 else digits


def say(message: Message) -> str:
    """Return ``message`` in this request's language, numbers and dates as it writes them.

    Gaps that are messages are said first.
    """
    speaking = tongue()
    template = message.template
    if (
        message.plural is not None
        and message.count is not None
        and speaking.locale.plural_form(message.count) != "one"
    ):
        template = message.plural
    values = {name: _shown(value) for name, value in message.values.items()}
    return speaking.gettext(template).format(**values)


def _shown(value: object) -> object:
    """Return the value of a gap as people read it."""
    if isinstance(value, Amount):
        value = in_words(value)
    if isinstance(value, Message):
        return say(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return whole(value)
    if isinstance(value, Decimal):
        return format_decimal(value, "#,##0.###")
    if isinstance(value, datetime):
        return format_datetime(value, MOMENT)
    if isinstance(value, date):
        return format_date(value, DAY)
    return value


def register(app: Flask) -> None:
    """Let the templates of ``app`` speak: _(), gettext() and ngettext().

    They do what Jinja's own do. Those take the page's context, which Jinja copies for every
    sentence inside a loop: a third of the work of a long list.
    """
    app.jinja_env.globals.update({"_": _said, "gettext": _said, "ngettext": _counted})


def _said(template: str, /, **gaps: object) -> Markup:
    return _filled(tongue().gettext(template), gaps)


def _counted(one: str, many: str, num: int, /, **gaps: object) -> Markup:
    return _filled(tongue().ngettext(one, many, num), {"num": num, **gaps})


def _filled(text: str, gaps: dict[str, object]) -> Markup:
    """Return our own words as they are, and what fills their gaps escaped."""
    return Markup(text) % gaps if gaps else Markup(text % ())  # noqa: S704 - catalogues are ours
