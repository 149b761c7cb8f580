"""``aidlog serve``: the web server and its worker, until Ctrl-C."""

from __future__ import annotations

import gc
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from aidlog.cli.migrate import upgrade
from aidlog.cli.opening import NotReady, open_app, require_current, schema_of, tell
from aidlog.core.text import N_, Message
from aidlog.settings import Settings, as_environment, resource

if TYPE_CHECKING:
    from flask import Flask

#: Requests that one process answers at the same time.
THREADS = 8
#: Seconds that gunicorn gets to finish what it is answering.
GRACE_SECONDS = 35


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes; more than one needs gunicorn.",
)
@click.pass_context
def serve(ctx: click.Context, /, port: int, host: str, workers: int) -> None:
    """Serve the configured database, with a worker for plans and mail beside it.

    A database that is still empty gets its tables first.
    """
    app = open_app(ctx)
    serve_app(ctx, app, host=host, port=port, workers=workers)


def serve_app(
    ctx: click.Context, app: Flask, *, host: str = "127.0.0.1", port: int, workers: int = 1
) -> None:
    """Serve ``app`` until a signal says stop; also called by ``aidlog demo``.

    Raises:
        NotReady: the port is taken, gunicorn is missing, or the database is of another version.
    """
    from aidlog.jobs.worker import start_worker

    if schema_of(app).now is None:
        upgrade(app)
    require_current(app)
    if workers > 1 and find_spec("gunicorn") is None:
        raise NotReady(
            Message(
                N_("More than one worker needs gunicorn. Install it: pip install 'aidlog[server]'")
            )
        )
    _refuse_taken(host, port)
    signal.signal(signal.SIGTERM, _stop)
    worker = start_worker(app)
    tell(
        ctx,
        Message(
            N_("aidlog is open at http://{host}:{port} – stop it with Ctrl-C."),
            {"host": host, "port": port},
        ),
    )
    try:
        if workers > 1:
            _with_gunicorn(app, host, port, workers)
        else:
            _with_waitress(app, host, port)
    finally:
        if worker is not None:
            worker.stop()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C ends, so that the worker is stopped on the way out."""
    raise SystemExit(0)


def _refuse_taken(host: str, port: int) -> None:
    """Say in a sentence that someone else listens there, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotReady(
                Message(
                    N_("Port {port} of {host} cannot be used: {why}. Choose another with --port."),
                    {"port": port, "host": host, "why": error.strerror or error},
                )
            ) from error


def _with_waitress(app: Flask, host: str, port: int) -> None:
    import waitress
    from waitress.channel import HTTPChannel

    settings: Settings = app.config["AIDLOG"]
    HTTPChannel.error_task_class = staticmethod(_refusal_of)
    gc.collect()
    gc.freeze()  # as each worker of gunicorn does, see config/gunicorn.conf.py
    waitress.serve(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident="aidlog",
        max_request_body_size=settings.upload_bytes + 1_000_000,
        clear_untrusted_proxy_headers=True,
        _quiet=True,
    )


def _refusal_of(channel: Any, request: Any) -> Any:
    """Answer a request that waitress refuses: too large a file with our own page.

    The application reads the size that was announced, not the file, and says in the person's
    language that it is too large. The line is closed after it, so nothing more is taken in.
    """
    from waitress.task import ErrorTask, WSGITask
    from waitress.utilities import RequestEntityTooLarge

    if not isinstance(request.error, RequestEntityTooLarge) or request.chunked:
        return ErrorTask(channel, request)
    answer = WSGITask(channel, request)
    answer.set_close_on_finish()
    return answer


def _with_gunicorn(app: Flask, host: str, port: int, workers: int) -> None:
    """Run gunicorn as a child, which forks; stop it when we are stopped."""
    settings: Settings = app.config["AIDLOG"]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [
        *(sys.executable, "-m", "gunicorn"),
        *("--config", str(resource("config") / "gunicorn.conf.py")),
        *("--workers", str(workers), "--bind", address, "aidlog.app:create_app()"),
    ]
    gunicorn = subprocess.Popen(command, env=as_environment(settings))  # noqa: S603
    try:
        code = gunicorn.wait()
    finally:
        if gunicorn.poll() is None:
            gunicorn.terminate()
            try:
                gunicorn.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                gunicorn.kill()
                gunicorn.wait()
    if code != 0:
        raise NotReady(
            Message(N_("gunicorn ended with {code}. Its own lines above say why."), {"code": code})
        )
