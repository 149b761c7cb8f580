"""aidlog serve as a process of its own."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str = "/") -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def served(tmp_path):
    """Start ``aidlog serve`` on an empty folder; what it started is gone after the test."""
    started: list[subprocess.Popen] = []

    def serve(*more: str) -> tuple[subprocess.Popen, int]:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "aidlog", "serve", "--port", str(port), *more],
            env=os.environ | {"AIDLOG_HOME": str(tmp_path / "installation")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        wait_until(lambda: answers(port) or process.poll() is not None)
        return process, port

    yield serve
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def answers(port: int) -> bool:
    try:
        return get(port, "/static/app.css") == 200
    except OSError:
        return False


def wait_until(holds, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.1)


def family(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_serves_an_empty_folder_and_leaves_no_process_behind(served, workers):
    process, port = served("--workers", workers)
    assert process.poll() is None, process.communicate()[0]
    assert get(port) in {200, 401}
    children = family(process)
    assert any("work" in child.cmdline() for child in children), "a worker runs beside it"
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=40)[0]
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}" in said
    assert "Traceback" not in said
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


def test_a_server_that_was_killed_leaves_no_worker_behind(served):
    process, _ = served()
    children = family(process)
    process.kill()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


def test_a_file_too_large_for_the_server_gets_a_page_of_ours(served):
    _, port = served()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.putrequest("POST", "/login")
    line.putheader("Content-Length", str(200 * 2**20))
    line.putheader("Accept-Language", "en")
    line.endheaders()
    answer = line.getresponse()
    page = answer.read().decode()
    line.close()
    assert (answer.status, "<title>The file is too large" in page) == (413, True)
    assert "max_body" not in page


def test_a_taken_port_is_a_sentence_and_exit_1(served, tmp_path):
    _, port = served()
    again = subprocess.run(
        [sys.executable, "-m", "aidlog", "serve", "--port", str(port)],
        env=os.environ | {"AIDLOG_HOME": str(tmp_path / "other")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert again.returncode == 1
    assert f"Port {port} of 127.0.0.1 cannot be used" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize("bad", [("--port", "0"), ("--port", "x"), ("--workers", "0")])
def test_wrong_usage_is_exit_2(aidlog, bad):
    assert aidlog("serve", *bad).exit_code == 2
