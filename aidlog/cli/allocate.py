"""``aidlog allocate``: from a filled workbook to a distribution workbook, nothing else needed."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from aidlog.allocation.problem import Rule
from aidlog.cli.files import check_targets, write_all
from aidlog.cli.main import LANGUAGE
from aidlog.cli.progress import ProgressLine
from aidlog.cli.words import LANGUAGES, speaker, translator
from aidlog.core.text import N_, Message

if TYPE_CHECKING:
    from aidlog.allocation.problem import Problem
    from aidlog.allocation.result import Result

Say = Callable[[Message], str]

#: Proving the last whole pack can take longer than the lorries wait; the plan found by then
#: keeps every limit, and its workbook says what is not proven.
DEFAULT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class _Input:
    """A problem and what a workbook says about it beside."""

    problem: Problem
    organisation: str = ""
    starts_on: date | None = None
    remarks: tuple[Message, ...] = ()


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT.xlsx",
    help="The distribution workbook. Without -o and --json: IN-plan.xlsx beside IN.",
)
@click.option(
    "--json",
    "json_output",
    type=click.Path(path_type=Path),
    metavar="OUT.json",
    help="The result as data, with its proof (aidlog-result/1).",
)
@click.option(
    "--rule",
    type=click.Choice([rule.value for rule in Rule]),
    show_default=True,
    default=Rule.LOWEST_FIRST.value,
    help="How scarce goods are shared.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    default=DEFAULT_SECONDS,
    show_default=True,
    help="Stop then, with the best plan found so far.",
)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language of the workbook and of messages.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
@click.pass_context
def allocate(  # noqa: PLR0913, PLR0917 - click hands over one argument an option
    ctx: click.Context, /, source: Path, output: Path | None, json_output: Path | None,
    rule: str, time_limit: float, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Make a fair distribution from IN, a problem workbook (.xlsx) or problem JSON.

    No database and no login. Make a workbook to fill in with: aidlog template allocate.
    """
    ctx.find_root().meta[LANGUAGE] = lang
    say = speaker(lang)
    if output is None and json_output is None:
        output = source.with_name(f"{source.stem}-plan.xlsx")
    if output is not None and output.suffix.lower() != ".xlsx":
        raise click.BadParameter("The workbook's name must end in .xlsx.", param_hint="-o")
    targets = [target for target in (output, json_output) if target is not None]
    data = source.read_bytes()
    check_targets(source, targets)
    given = _read(source, data)
    for remark in given.remarks:
        click.echo(say(remark), err=True)
    result = _solve(given.problem, Rule(rule), time_limit, say, quiet=quiet)
    contents: dict[Path, bytes] = {}
    if output is not None:
        contents[output] = _workbook(given, result, lang)
    if json_output is not None:
        contents[json_output] = _json(result)
    write_all(contents)
    if not quiet:
        _summary(given.problem, result, targets, say)


def _read(source: Path, data: bytes) -> _Input:
    """Read the input by what it is: a workbook, or JSON where it says so or looks so."""
    if source.suffix.lower() == ".json" or data.lstrip()[:1] == b"{":
        from aidlog.reports.problem_json import read_problem_json

        return _Input(read_problem_json(data))
    from aidlog.reports.problem_workbook import read_problem_workbook

    translations = [translator(language) for language in LANGUAGES if language != "en"]
    filled = read_problem_workbook(data, plan_name=source.stem, translations=translations)
    return _Input(filled.problem, filled.organisation, filled.starts_on, filled.remarks)


def _solve(problem: Problem, rule: Rule, time_limit: float, say: Say, *, quiet: bool) -> Result:
    """Solve, showing progress; Ctrl-C stops at the next step and nothing is written."""
    from aidlog.allocation.engine import Cancelled, Options, solve
    from aidlog.allocation.result import Status

    line = ProgressLine(say, quiet=quiet)
    with _stopped_by_hand() as stopped:
        options = Options(rule=rule, time_limit_s=time_limit)
        try:
            result = solve(problem, options, on_progress=line, should_stop=stopped)
        except Cancelled as cancelled:
            raise KeyboardInterrupt from cancelled
        finally:
            line.finish()
        if stopped():
            raise KeyboardInterrupt
    if result.status is Status.INFEASIBLE_LOCKS:  # said also to those who asked for quiet
        locks = "; ".join(say(lock) for lock in result.clashing_locks)
        click.echo(say(Message(LOCKS_LEFT_OUT, {"locks": locks})), err=True)
    return result


@contextmanager
def _stopped_by_hand() -> Iterator[Callable[[], bool]]:
    """Yield what says whether Ctrl-C was pressed; a second press ends the program at once.

    The engine asks between its steps. An exception raised in the middle of the solver's own
    code would be lost there.
    """
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _workbook(given: _Input, result: Result, language: str) -> bytes:
    from aidlog.reports.distribution_workbook import PlanFacts, write_distribution_workbook

    facts = PlanFacts(
        title=given.problem.id,
        made_at=datetime.now(UTC),
        organisation=given.organisation,
        starts_on=given.starts_on,
        language=language,
    )
    stream = io.BytesIO()
    write_distribution_workbook(stream, given.problem, result, facts, speaker(language))
    return stream.getvalue()


def _json(result: Result) -> bytes:
    from aidlog.allocation.result_json import result_text

    return b"".join(piece.encode() for piece in result_text(result))


#: Said on standard error: the plan is the best without these decisions, which clash.
LOCKS_LEFT_OUT = N_(
    "The locks cannot all be kept: {locks}. The plan leaves these out. Change or remove "
    "one of them."
)


def _summary(problem: Problem, result: Result, targets: list[Path], say: Say) -> None:
    """Print what the plan does, what holds it back, and where it is."""
    from aidlog.allocation.result import Status

    was, now = result.before, result.measures

    def percent(share: float) -> str:
        return f"{share:.0%}"

    sentences = [
        Message(N_("Worst-off need: {before} before, {after} after."),
                {"before": percent(was.min_level), "after": percent(now.min_level)}),
        Message(N_("Average coverage: {before} before, {after} after."),
                {"before": percent(was.mean), "after": percent(now.mean)}),
        Message(N_("Needs left at nothing: {before} before, {after} after."),
                {"before": was.zeros, "after": now.zeros}),
    ]  # fmt: skip
    if result.status is Status.FEASIBLE and result.rule is Rule.LOWEST_FIRST:
        sentences.append(
            Message(
                N_(
                    "The plan keeps every limit. It is the best one found; it is not proven that "
                    "no better one exists."
                )
            )
        )
    for sentence in sentences:
        click.echo(say(sentence))
    if result.limits:
        click.echo(say(Message(N_("What limits the plan:"))))
        for limit in result.limits[:5]:
            click.echo(f"  - {say(limit.message)}")
    for target in targets:
        click.echo(say(Message(N_("Written: {file}"), {"file": target})))
