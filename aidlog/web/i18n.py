"""Languages: which one this person reads, and sentences of the cores said in it."""

from __future__ import annotations

from flask import current_app, g, request, session
from flask_babel import gettext, ngettext
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
    """Return ``message`` in this request's language; gaps that are messages are said too."""
    values = {
        name: say(value) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    if message.plural is not None and message.count is not None:
        template = ngettext(message.template, message.plural, message.count)
    else:
        template = gettext(message.template)
    return template.format(**values)
