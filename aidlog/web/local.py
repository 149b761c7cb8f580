"""Addresses within aidlog: a redirect never follows one that leads elsewhere."""

from __future__ import annotations

import re

from flask import current_app, request

#: One slash, then no second slash and no backslash, which browsers read as one; no control
#: characters, which they drop. Only what our own addresses are made of.
_LOCAL = re.compile(r"/(?![/\\])[A-Za-z0-9._~/%?&=+:,@-]*", re.ASCII)


def local_path(text: str | None) -> str | None:
    """Return ``text`` where it is a path of this site, else None."""
    if text and len(text) <= 500 and _LOCAL.fullmatch(text) and "//" not in text.partition("?")[0]:
        return text
    return None


def here() -> str:
    """Return the address to come back to after a choice: this page, where it can be fetched."""
    if request.method not in {"GET", "HEAD"}:
        adapter = current_app.create_url_adapter(request)
        fetched = adapter is not None and adapter.test(request.path, "GET")
        return (local_path(request.path) if fetched else None) or "/"
    query = f"?{request.query_string.decode('ascii', 'ignore')}" if request.query_string else ""
    return local_path(request.path + query) or local_path(request.path) or "/"
