"""How many plans this machine works out at a time: one core is left to those who look at pages."""

from __future__ import annotations

import os


def solvers() -> int:
    """Return how many solves may run at once: the cores but one, and one at least."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not every system says which cores are ours
        cores = os.cpu_count() or 1
    return max(1, cores - 1)
