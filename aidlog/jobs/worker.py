"""The worker: a process of its own beside the web server, since a solve needs a whole core."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from typing import IO

from flask import Flask

from aidlog.extensions import db
from aidlog.jobs import caretaking, running
from aidlog.jobs.queue import make_queue
from aidlog.settings import Settings, as_environment

log = logging.getLogger("aidlog.jobs")

#: Seconds between two rounds of the caretaker.
ROUND_SECONDS = 5.0
#: Seconds before a worker that died is started again.
RESTART_SECONDS = 2.0


def work(app: Flask, *, workers: int = 1, until_closed: IO[str] | None = None) -> None:
    """Take jobs until told to stop (SIGTERM, SIGINT), or until ``until_closed`` ends.

    A server gives its worker a pipe as standard input: when the server is gone, however it
    went, the pipe closes and the worker goes too.
    """
    from huey.consumer import Consumer

    settings: Settings = app.config["AIDLOG"]
    with app.app_context():
        engine = db.engine
    queue, enqueue = make_queue(settings, engine)
    consumer = Consumer(queue, workers=workers, periodic=False, max_delay=0.5, backoff=1.5)
    ended = threading.Event()

    def look_after() -> None:
        while True:
            try:
                caretaking.go_round(
                    engine, settings, enqueue, queue_is_empty=lambda: queue.pending_count() == 0
                )
            except Exception as error:
                log.warning("a round was broken off: %s", type(error).__name__)
            if ended.wait(ROUND_SECONDS):
                return

    def wait_for_end(stream: IO[str]) -> None:
        stream.read()
        consumer.stop()

    caretaker = threading.Thread(target=look_after, name="caretaker", daemon=True)
    caretaker.start()
    if until_closed is not None:
        threading.Thread(
            target=wait_for_end, args=(until_closed,), name="parent", daemon=True
        ).start()
    consumer.run()
    ended.set()
    running.hand_back()
    caretaker.join(timeout=ROUND_SECONDS)


class WorkerProcess:
    """A worker beside a server: started again when it dies, gone when the server goes."""

    def __init__(self, settings: Settings) -> None:
        self._environment = as_environment(settings)
        self._stopping = threading.Event()
        self._process = self._start()
        self._watcher = threading.Thread(target=self._watch, name="worker-watcher", daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        """The process id of the worker that runs now."""
        return self._process.pid

    def stop(self, seconds: float = 10.0) -> None:
        """Ask the worker to end; a job in the middle of its work is taken up at the next start."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._watcher.join(RESTART_SECONDS + 1)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "aidlog", "work", "--until-closed"],
            stdin=subprocess.PIPE,
            env=self._environment,
        )

    def _watch(self) -> None:
        while not self._stopping.is_set():
            code = self._process.wait()
            if self._stopping.wait(RESTART_SECONDS):
                return
            log.warning("the worker ended with %s and is started again", code)
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = self._start()


def start_worker(app: Flask) -> WorkerProcess | None:
    """Start a worker beside ``app``; None where jobs are done on the spot (tests)."""
    settings: Settings = app.config["AIDLOG"]
    return None if settings.jobs_url == "immediate" else WorkerProcess(settings)
