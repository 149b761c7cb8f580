"""What the server writes down of a request: one line of JSON, and never whose or where.

A line holds the endpoint's name, not the path or the query: paths hold document numbers and
queries hold what people search for. Of an error it holds the kind and the lines of code, not
its message, which may quote a row.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context, request

from aidlog.web.sessions import visitor

_log = logging.getLogger("aidlog.web")

#: What a line may hold beside its message.
_FIELDS = ("method", "endpoint", "status", "ms", "person", "number")


class Lines(logging.Formatter):
    """One record, one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "log": record.name,
            "says": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            line["request"] = g.request_id
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = error_lines(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def error_lines(error: BaseException) -> list[str]:
    """Return the kinds of an error and its causes and the code they came through."""
    said: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(said) < 60:
        said.append(type(seen).__name__)
        said += [
            f"{frame.filename.rpartition('/aidlog/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(seen.__traceback__)
        ]
        seen = seen.__cause__ or seen.__context__
    return said


def event(says: str, **more: object) -> None:
    """Write down something that matters for security, by number and never by name."""
    _log.info(says, extra=more)


def start(level: str) -> None:
    """Send the log of aidlog to standard error, as lines of JSON."""
    logger = logging.getLogger("aidlog")
    logger.setLevel(level)
    if not any(isinstance(handler.formatter, Lines) for handler in logger.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines())
        logger.addHandler(handler)
        logger.propagate = False


def register(app: Flask) -> None:
    """Write a line for each request to ``app``, and give each a number of its own."""
    app.before_request(_arrived)
    app.after_request(_answered)


def _arrived() -> None:
    g.request_id = secrets.token_hex(8)
    g.arrived = time.perf_counter()


def _answered(response: Response) -> Response:
    if "request_id" not in g:  # refused before it began: a host that is not ours
        return response
    response.headers["X-Request-Id"] = g.request_id
    if request.endpoint != "static":
        person = visitor() if "_login_user" in g else None
        _log.info(
            "answered",
            extra={
                "method": request.method,
                "endpoint": request.endpoint or "-",
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.arrived) * 1000),
                "person": person.signed.person_id if person else None,
            },
        )
    return response
