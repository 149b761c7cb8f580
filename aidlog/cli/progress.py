"""Progress on standard error: one line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click

from aidlog.allocation.result import Progress
from aidlog.core.text import N_, Message

_EVERY_ON_TERMINAL = 0.1
_EVERY_IN_LOG = 5.0


#: The engine's stages in words.
_STAGES = {
    "model": N_("Reading the question"),
    "levels": N_("Raising the worst-off"),
    "guarantees": N_("Meeting the guarantees"),
    "tiers pooled": N_("Raising the worst-off"),
    "packs": N_("Making whole packs"),
    "plan": N_("Sharing out"),
    "routes": N_("Choosing roads"),
    "shipments": N_("Choosing lots"),
    "reasons": N_("Writing the reasons"),
    "worth": N_("Asking what limits the plan"),
    "worth in packs": N_("Asking what limits the plan"),
    "prices": N_("Asking who pays for what"),
    "compare": N_("Comparing with other rules"),
    "check": N_("Checking the plan"),
}


class ProgressLine:
    """Shows what the engine is doing. Call it with each :class:`Progress`."""

    def __init__(self, say: Callable[[Message], str], *, quiet: bool) -> None:
        self._say = say
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._stages: set[str] = set()
        self._told = float("-inf")
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        if self._quiet:
            return
        now = time.monotonic()
        wait = _EVERY_ON_TERMINAL if self._terminal else _EVERY_IN_LOG
        if progress.stage in self._stages and now - self._told < wait:
            return
        self._stages.add(progress.stage)
        self._told = now
        text = self._sentence(progress)
        if self._terminal:
            click.echo("\r" + text.ljust(self._width), nl=False, err=True)
            self._width = len(text)
        else:
            click.echo(text, err=True)

    def _sentence(self, progress: Progress) -> str:
        stage = self._say(_stage(progress.stage))
        done = f"{int(progress.done * 100)}%"
        if progress.incumbent is None or progress.bound is None:
            return f"{stage} {done}"
        return self._say(
            Message(
                N_("{stage} {done} · worst-off {found}, at most {bound}"),
                {
                    "stage": stage,
                    "done": done,
                    "found": f"{progress.incumbent:.1%}",
                    "bound": f"{progress.bound:.1%}",
                },
            )
        )

    def finish(self) -> None:
        """Clear the changing line, so that what follows stands on its own."""
        if self._terminal and self._width:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)
            self._width = 0


def _stage(name: str) -> Message:
    """Return a stage of the engine in words: "tier 2" names the tier it works on."""
    if name.startswith("tier "):
        return Message(N_("Raising the worst-off, tier {tier}"), {"tier": name[5:]})
    return Message(_STAGES.get(name, name))
