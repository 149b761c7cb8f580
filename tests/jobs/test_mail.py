"""Mail leaves by a server that speaks SMTP, and comes back to the outbox when it cannot."""

from __future__ import annotations

import socket
import socketserver
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidlog.db.outbox import OutboxEntry, OutboxKind, put
from aidlog.db.transaction import writing
from aidlog.jobs.caretaking import go_round
from aidlog.jobs.mail import send
from tests.conftest import settings_for

LETTER = {"to": "donor@example.org", "subject": "Your gift arrived", "text": "Thank you."}


class Post(socketserver.StreamRequestHandler):
    """As much of a mail server as one letter needs (RFC 5321)."""

    def handle(self):
        self.answer("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == "DATA":
                self.answer("354 go on")
                self.server.letters.append(self.letter())
            self.answer({"QUIT": "221 bye"}.get(verb, self.server.verdict))
            if verb == "QUIT":
                return

    def answer(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def letter(self):
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        return "\n".join(lines)


@pytest.fixture
def post_office():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.letters, server.verdict = [], "250 fine"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def settings_to(port, engine_url, tmp_path):
    return settings_for(
        engine_url,
        tmp_path,
        mail_url=f"smtp://127.0.0.1:{port}",
        mail_from="aidlog@example.org",
    )


def test_a_letter_is_sent_once_and_marked_as_sent(session, engine, tmp_path, post_office):
    settings = settings_to(post_office.server_address[1], str(engine.url), tmp_path)
    with writing(session):
        put(session, OutboxKind.MAIL, LETTER)
    for _ in range(2):
        go_round(engine, settings, lambda _: None, queue_is_empty=lambda: False)
    (letter,) = post_office.letters
    assert "To: donor@example.org" in letter
    assert "Thank you." in letter
    with Session(engine) as fresh:
        assert fresh.scalars(select(OutboxEntry.sent_at)).one() is not None


def test_a_refused_letter_waits_longer_each_time(session, engine, tmp_path, post_office):
    settings = settings_to(post_office.server_address[1], str(engine.url), tmp_path)
    post_office.verdict = "451 later"
    with writing(session):
        put(session, OutboxKind.MAIL, LETTER)
    waits = []
    for _ in range(3):
        with writing(session):
            session.execute(update(OutboxEntry).values(not_before=datetime.now(UTC)))
        go_round(engine, settings, lambda _: None, queue_is_empty=lambda: False)
        with Session(engine) as fresh:
            entry = fresh.scalars(select(OutboxEntry)).one()
            waits.append(entry.not_before - datetime.now(UTC))
    assert waits[0] < timedelta(seconds=31) < waits[1] < timedelta(seconds=61) < waits[2]
    assert entry.attempts == 3
    assert "example.org" not in entry.last_error


def test_a_password_is_never_sent_without_tls(tmp_path, post_office):
    port = post_office.server_address[1]
    settings = settings_for(
        "sqlite://", tmp_path, mail_url=f"smtp://me:secret@127.0.0.1:{port}", mail_from="a@b.c"
    )
    assert send(settings, LETTER) == "SMTPNotSupportedError"
    assert post_office.letters == []


def test_a_server_that_is_away_is_said_in_a_word(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings = settings_for("sqlite://", tmp_path, mail_url=f"smtp://127.0.0.1:{port}")
    assert send(settings, LETTER) == "ConnectionRefusedError"
