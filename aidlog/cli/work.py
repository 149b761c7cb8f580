"""``aidlog work``: take jobs (solving, mail) until told to stop; ``aidlog serve`` starts one."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    help="How many jobs at a time: the cores but one if left out; a solve needs a core.",
)
@click.option(
    "--until-closed",
    is_flag=True,
    help="Stop when standard input closes, that is when whoever started this is gone.",
)
def work(workers: int | None, until_closed: bool) -> None:
    """Do the work that pages ask for: solve plans, send mail. Stop with Ctrl-C."""
    from aidlog.app import create_app
    from aidlog.jobs.cores import solvers
    from aidlog.jobs.worker import work as work_on

    work_on(
        create_app(),
        workers=workers or solvers(),
        until_closed=sys.stdin if until_closed else None,
    )
