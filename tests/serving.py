"""The real server as processes of its own, and people who use it through real HTTP.

For storms and benchmarks: nothing here runs inside the server, and what it answers is read as
a browser reads it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import psutil
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from aidlog.db.commands import new_id
from aidlog.db.transaction import writing
from aidlog.registry.signing_in import new_session
from aidlog.settings import resource
from tests.conftest import TEST_KEY

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(slots=True)
class Server:
    """gunicorn with its workers, listening on ``port``."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    _browsers: list[Browser] = field(default_factory=list)

    def visitor(self) -> Browser:
        """Return a browser in which nobody is signed in; closed with the server."""
        self._browsers.append(Browser(self.port))
        return self._browsers[-1]

    def signed_in(self, engine: Engine, person_id: int) -> Browser:
        """Return a browser in which ``person_id`` is signed in."""
        browser = self.visitor()
        with Session(engine) as session, writing(session):
            now = datetime.now(UTC)
            browser.cookies["aidlog"] = new_session(session, person_id, now=now, hours=2)
        return browser

    def close(self) -> None:
        """Close every browser, then stop the server."""
        for browser in self._browsers:
            browser.close()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def cpu_seconds(self) -> float:
        """Return the CPU time that all workers have used so far, user and system."""
        return sum(sum(worker.cpu_times()[:2]) for worker in self.workers())

    def faults(self) -> list[str]:
        """Return what the server logged of faults of its own."""
        said = self.log.read_text(encoding="utf-8", errors="replace")
        return [line for line in said.splitlines() if "fault" in line or "Traceback" in line]

    def kill_a_worker(self) -> int:
        """Kill one worker as the machine would, with no chance to tidy up; return its id."""
        worker = self.workers()[0]
        worker.send_signal(signal.SIGKILL)
        return int(worker.pid)


@contextmanager
def serving(
    url: str,
    folder: Path,
    *,
    workers: int = 2,
    app: str = "aidlog.app:create_app()",
    more: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Serve ``app`` on the database at ``url``; stopped and gone afterwards."""
    port = free_port()
    log = folder / f"server-{port}.log"
    environment = os.environ | {
        "AIDLOG_DATABASE_URL": url,
        "AIDLOG_HOME": str(folder),
        "AIDLOG_SECRET_KEY": TEST_KEY,
        "AIDLOG_AUDIT_KEY": TEST_KEY,
        "AIDLOG_JOBS_URL": "immediate",
        **(more or {}),
    }
    command = [
        *(sys.executable, "-m", "gunicorn", "-c", str(resource("config") / "gunicorn.conf.py")),
        *("-w", str(workers), "-b", f"127.0.0.1:{port}", app),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    server = Server(process, port, log)
    try:
        _wait_for_all(server, workers)
        yield server
    finally:
        server.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_all(server: Server, workers: int) -> None:
    """Wait until every worker has loaded the app."""
    end = time.monotonic() + 60
    while server.log.read_text(errors="replace").count("Booting worker") < workers:
        if server.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(server.log.read_text(errors="replace")[-3000:])
        time.sleep(0.05)
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if server.visitor().get("/health").status:
                return
        if time.monotonic() > end:
            raise RuntimeError("the server does not answer")
        time.sleep(0.05)


@dataclass(slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of the page's forms by name; of the same name, the last."""
        fields = (dict(ATTRIBUTE.findall(tag)) for tag in HIDDEN.findall(self.text))
        return {one["name"]: unescape(one.get("value", "")) for one in fields if "name" in one}


@dataclass(slots=True)
class Browser:
    """One person's browser: cookies, one connection kept open, and the origin of its page."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, headers, None)

    def post(self, path: str, fields: Mapping[str, object]) -> Answer:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{self.port}",
            "Sec-Fetch-Site": "same-origin",
        }
        return self._ask("POST", path, headers, urlencode(fields, doseq=True))

    def form(self, path: str) -> dict[str, str]:
        """Open the page with a form and return its hidden fields, a fresh command id included."""
        page = self.get(path)
        assert page.status == 200, f"{path}: {page.status}"
        return page.hidden() | {"command_id": new_id()}

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: str | None) -> Answer:
        sent = {**headers, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        try:
            answer = self._over_the_line(method, path, sent, body)
        except (BrokenPipeError, ConnectionResetError):  # idle for too long: once more, anew
            answer = self._over_the_line(method, path, sent, body)
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def _over_the_line(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None
    ) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self._connection.request(method, path, body, dict(headers))
            response = self._connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
