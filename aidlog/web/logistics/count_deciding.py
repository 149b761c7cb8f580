"""A stock take is closed, explained, counted again, approved by another, or given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.core.text import Message
from aidlog.db.commands import Command, once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.stock.count_deciding import (
    ApproveCount,
    AskRecount,
    ExplainDifferences,
    FinishCount,
    approve_count,
    ask_recount,
    explain_differences,
    finish_count,
)
from aidlog.stock.count_sheets import OPEN_STATES, CancelCount, cancel_count
from aidlog.stock.models import TakeState
from aidlog.stock.reversing import reversal_code
from aidlog.stock.takes import Take, differences, take_called
from aidlog.stock.wording import REASON_WORDS
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say
from aidlog.web.logistics.count_forms import (
    ApproveForm,
    CancelForm,
    ExplainForm,
    line_called,
    line_number,
)
from aidlog.web.logistics.count_words import RECOUNTS, STATES, scope_words

bp = Blueprint("count_deciding", __name__)

Act = Callable[[Any, Any, Any], Any]


@bp.get("/counts/<code>")
@requires(Permission.STOCK_VIEW)
def show(code: str) -> ResponseReturnValue:
    """A stock take: how far it is; once counted, what was found."""
    return _page(take_called(db.session(), actor(), code))


@bp.post("/counts/<code>/finish")
@requires(Permission.STOCK_ADJUST)
def finish(code: str) -> ResponseReturnValue:
    """Close the sheet: from now on the differences show."""
    form = CommandForm()
    command = FinishCount(command_id=str(form.command_id.data), take=code)
    return _do(code, form, command, finish_count, _("All is counted. Write why lines differ."))


@bp.post("/counts/<code>/explain")
@requires(Permission.STOCK_ADJUST)
def explain(code: str) -> ResponseReturnValue:
    """Write why lines differ."""
    take = take_called(db.session(), actor(), code)
    form = ExplainForm()
    if not form.validate():
        form.renew()
        return _page(take, explain=form, shown=form), 422
    command = ExplainDifferences(
        command_id=str(form.command_id.data), take=code, explanations=form.explanations()
    )
    try:
        with writing(db.session()) as session:
            once(session, actor(), command, explain_differences)
    except Refusal as refusal:
        name, _sep, number = (refusal.field or "").rpartition("_")
        field = next(
            (e.form[name] for e in form.lines if e.form.line.data == number and name), None
        )
        show_on(form, refusal, field=field)
        return _page(take, explain=form, shown=form), 422
    flash(_("Reasons saved."), "success")
    return redirect(url_for(".show", code=code), 303)


@bp.post("/counts/<code>/recount")
@requires(Permission.STOCK_VIEW)
def recount(code: str) -> ResponseReturnValue:
    """Have the chosen lines counted again."""
    form = CommandForm()
    lines = tuple(sorted({line_number(line) for line in request.form.getlist("again")}))
    command = AskRecount(command_id=str(form.command_id.data), take=code, lines=lines)
    return _do(code, form, command, ask_recount, _("The lines are on the sheet again."))


@bp.post("/counts/<code>/approve")
@requires(Permission.STOCK_APPROVE)
def approve(code: str) -> ResponseReturnValue:
    """Book what was found, as someone who counted none of it."""
    form = ApproveForm()
    command = ApproveCount(
        command_id=str(form.command_id.data), take=code, remark=form.remark.data or ""
    )
    return _do(code, form, command, approve_count, _("Approved. The books say what was counted."))


@bp.post("/counts/<code>/cancel")
@requires(Permission.STOCK_VIEW)
def cancel(code: str) -> ResponseReturnValue:
    """Give the stock take up; nothing is booked."""
    form = CancelForm()
    command = CancelCount(command_id=str(form.command_id.data), take=code, why=form.why.data or "")
    return _do(code, form, command, cancel_count, _("The stock take is cancelled."))


def _do(code: str, form: CommandForm, command: Command, act: Act, said: str) -> ResponseReturnValue:
    """Do one thing to a stock take, and come back to its page."""
    take = take_called(db.session(), actor(), code)
    if not form.validate():
        form.renew()
        return _page(take, shown=form), 422
    try:
        with writing(db.session()) as session:
            once(session, actor(), command, act)
    except Refusal as refusal:
        show_on(form, refusal)
        return _page(take_called(db.session(), actor(), code), shown=form), 422
    flash(said, "success")
    return redirect(url_for(".show", code=code), 303)


def _page(
    take: Take, *, explain: ExplainForm | None = None, shown: CommandForm | None = None
) -> str:
    """Return the page; ``shown`` is the form whose errors stand above it."""
    known = take.take.state in {TakeState.COUNTED, TakeState.APPROVED}
    found = differences(db.session(), take.take) if known else []
    may_count = actor().may(Permission.STOCK_ADJUST, at=take.warehouse.id)
    may_approve = actor().may(Permission.STOCK_APPROVE, at=take.warehouse.id)
    if explain is None:
        explain = ExplainForm(formdata=None)
        explain.lay_out(found, typed=False)
    else:
        explain.lay_out(found, typed=True)
    return render_template(
        "logistics/count.html",
        take=take,
        found=list(zip(found, explain.lines, strict=True)),
        form=shown,
        explain=explain,
        act_form=CommandForm(formdata=None),
        approve_form=shown if isinstance(shown, ApproveForm) else ApproveForm(formdata=None),
        cancel_form=shown if isinstance(shown, CancelForm) else CancelForm(formdata=None),
        states=STATES,
        recounts=RECOUNTS,
        reasons={reason: say(Message(said)) for reason, said in REASON_WORDS.items()},
        scope=scope_words(take.take.scope, take.take.zone),
        may_count=may_count,
        may_approve=may_approve
        and actor().user_id not in set(take.counters) | {take.take.counted_by},
        counted_here=may_approve and actor().user_id in set(take.counters),
        may_cancel=(may_count or may_approve) and take.take.state in OPEN_STATES,
        unexplained=sum(one.reason is None for one in found),
        reversed_by=reversal_code(db.session(), take.take.document_id),
        line_called=line_called,
    )
