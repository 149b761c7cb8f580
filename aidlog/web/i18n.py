"""Languages: which one this person reads, and sentences of the cores said in it."""

from __future__ import annotations

from datetime import date, datetime

from babel import Locale
from flask import current_app, g, request, session
from flask_babel import format_date, format_datetime, format_decimal, get_locale, gettext
from flask_login import current_user

from aidlog.core.text import Message
from aidlog.settings import Settings

#: What each language calls itself, as shown in the menu.
NAMES = {"en": "English", "fr": "Français", "sw": "Kiswahili", "rw": "Ikinyarwanda"}


def language() -> str:
    """Return the language of this request: chosen, the person's own, or the browser's."""
    if "language" in g:
        return str(g.language)
    settings: Settings = current_app.config["AIDLOG"]
    chosen = session.get("language") or (
        current_user.language if current_user.is_authenticated else None
    )
    if chosen not in settings.languages:
        chosen = request.accept_languages.best_match(settings.languages)
    g.language = chosen or settings.default_language
    return str(g.language)


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
        return format_datetime(value, "medium")
    if isinstance(value, date):
        return format_date(value, "medium")
    return value
