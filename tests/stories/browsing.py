"""Read a form off a page and send it back, as a browser does that keeps what it was given."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def fields_of(page: str) -> dict[str, str]:
    """Return what a page's fields hold; of several forms with one name, the last."""
    fields: dict[str, str] = {}
    for select in re.findall(r"<select.*?</select>", page, re.DOTALL):
        name = re.search(r'name="([^"]+)"', select)
        options = re.findall(r"<option([^>]*)>", select)
        if name and options:
            chosen = next((option for option in options if "selected" in option), options[0])
            fields[name[1]] = _value(chosen)
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", page):
        name = re.search(r'\bname="([^"]+)"', tag)
        picked = 'type="checkbox"' in tag or 'type="radio"' in tag
        if name and (not picked or " checked" in tag):
            fields[name[1]] = _value(tag)
    fields.pop("back", None)
    fields.pop("language", None)
    return fields


def send(client: FlaskClient, path: str, **typed: object) -> TestResponse:
    """Open the form at ``path``, type into it and send it."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    return client.post(path, data=fields_of(page.text) | {k: str(v) for k, v in typed.items()})


def send_on(client: FlaskClient, path: str, page: TestResponse, **typed: object) -> TestResponse:
    """Send the form of a page that was just shown (a check page) to ``path``."""
    return client.post(path, data=fields_of(page.text) | {k: str(v) for k, v in typed.items()})


def _value(tag: str) -> str:
    found = re.search(r'\bvalue="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""
