"""Languages: which one this person reads, and sentences of the cores said in it."""

from __future__ import annotations

from datetime import date, datetime

from babel import Locale
from flask import current_app, g, has_request_context, request, session
from flask_babel import format_date, format_datetime, format_decimal, get_locale, gettext

from aidlog.core.text import Message
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
    return True


def say(message: Message) -> str:
    """Return ``message`` in this request's language, numbers and dates as it writes them.

    Gaps that are messages are said first.
    """
    template = message.template
    if message.plural is not None and message.count is not None:
        locale = get_locale() or Locale("en")
        if locale.plural_form(message.count) != "one":
            template = message.plural
    values = {name: _shown(value) for name, value in message.values.items()}
    return str(gettext(template)).format(**values)


def _shown(value: object) -> object:
    """Return the value of a gap as people read it."""
    if isinstance(value, Message):
        return say(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return format_decimal(value)
    if isinstance(value, datetime):
        return format_datetime(value, MOMENT)
    if isinstance(value, date):
        return format_date(value, DAY)
    return value
