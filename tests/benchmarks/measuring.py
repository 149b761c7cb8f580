"""What an answer costs: CPU time of every worker, per request, and how many come per second.

Server CPU-milliseconds, not wall time, since the machine is shared and busy; wall time only
where the target itself is one per second.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.serving import Answer, Browser, Server

Ask = Callable[[Browser, int], Answer]


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU-milliseconds a request over all workers, requests a second, answers by status."""

    cpu_ms: float
    per_second: float
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def faults(self) -> int:
        return sum(number for status, number in self.statuses.items() if status >= 500)


def cost(
    server: Server, browsers: Sequence[Browser], ask: Ask, *, times: int, warm: int = 20
) -> Cost:
    """Ask ``times`` in all, each browser in a thread of its own; return what it cost.

    ``warm`` requests go before and are not counted. ``ask`` gets a number that is never the
    same twice.
    """
    for number in range(warm):
        ask(browsers[number % len(browsers)], -1 - number)
    statuses: Counter[int] = Counter()
    lock = threading.Lock()

    def work(at: int) -> None:
        mine = Counter(
            ask(browsers[at], number).status for number in range(at, times, len(browsers))
        )
        with lock:
            statuses.update(mine)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(browsers))]
    cpu, wall = server.cpu_seconds(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, cpu = time.perf_counter() - wall, server.cpu_seconds() - cpu
    assert sum(statuses.values()) == times, "a browser broke off"
    return Cost(cpu * 1000 / times, times / wall, statuses)


def page(path: str) -> Ask:
    """Return what asks for one page, over and over, and insists on getting it."""

    def ask(browser: Browser, _number: int) -> Answer:
        answer = browser.get(path, **{"Accept-Encoding": "gzip"})
        assert answer.status == 200, f"{path}: {answer.status}"
        return answer

    return ask
