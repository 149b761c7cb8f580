"""Mail leaves through one server, named by ``mail_url``: ``smtp://user:password@host:587``.

``smtp`` uses STARTTLS where the server offers it and insists on it before any password is
sent; ``smtps`` speaks TLS from the first byte. Addresses and texts never reach a log.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from aidlog.settings import Settings

_SECONDS = 30


def send(settings: Settings, payload: Mapping[str, Any]) -> str:
    """Send the mail ``{"to", "subject", "text"}``; return "" or, in a few words, why not."""
    if not settings.mail_url:
        return "no mail server is set"
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = payload["to"]
    message["Subject"] = payload["subject"]
    message["Message-ID"] = make_msgid(domain="aidlog.invalid")
    message.set_content(payload["text"])
    try:
        with _server(urlsplit(settings.mail_url)) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        return type(error).__name__
    return ""


def _server(url: SplitResult) -> smtplib.SMTP:
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, url.port or 465, timeout=_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=_SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif url.username:
            server.close()
            raise smtplib.SMTPNotSupportedError("a password needs TLS")
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server
