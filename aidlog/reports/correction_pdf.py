"""The loss and adjustment report: one correction with its reason, and who stands for it."""

from __future__ import annotations

from aidlog.core.text import N_, Message
from aidlog.reports.amounts import Tongue
from aidlog.reports.table_pdf import Column, Head, TablePaper, table_pdf
from aidlog.stock.adjustments import Adjustment
from aidlog.stock.models import AdjustmentState
from aidlog.stock.wording import CORRECTING_WORDS, reason_word

_COLUMNS = (
    Column(N_("Item"), 50),
    Column(N_("Lot"), 30),
    Column(N_("Quantity"), 26, right=True),
    Column(N_("What was done"), 36),
    Column(N_("Why"), 46),
)


def correction_pdf(one: Adjustment, tongue: Tongue) -> bytes:
    """Return the report as PDF, A4."""
    asked = one.asked
    why = tongue.say(reason_word(one.reason))
    row = (
        f"{one.item.name_in(tongue.language)} ({one.item.code})",
        one.lot.number,
        tongue.amount(asked.quantity, one.item.base_unit),
        tongue.word(CORRECTING_WORDS[asked.what]),
        f"{why}. {one.remark}" if one.remark else why,
    )
    return table_pdf(
        TablePaper(
            head=Head(tongue.word(N_("Loss and adjustment report")), one.code, _facts(one, tongue)),
            columns=_COLUMNS,
            rows=[row],
            row_height=14,
            notes=_notes(one, tongue),
            signatures=(
                tongue.word(N_("Storekeeper")),
                tongue.word(N_("Approved by")),
                tongue.word(N_("Seen by")),
            ),
        ),
        tongue,
    )


def _facts(one: Adjustment, tongue: Tongue) -> list[str]:
    facts = [
        f"{one.warehouse.shown_as} ({one.warehouse.code})",
        one.organisation.name,
        tongue.say(
            Message(
                N_("Asked for {when} by {name}"),
                {"when": one.asked.asked_at, "name": one.asked_by},
            )
        ),
    ]
    if one.asked.cites:
        facts.append(tongue.say(Message(N_("Cites {document}"), {"document": one.asked.cites})))
    return facts


def _notes(one: Adjustment, tongue: Tongue) -> list[str]:
    asked = one.asked
    if asked.state is AdjustmentState.WAITING:
        return [tongue.word(N_("It waits for a second person. Nothing has moved yet."))]
    if asked.state is AdjustmentState.WITHDRAWN:
        return [tongue.word(N_("It was withdrawn. Nothing has moved."))]
    if asked.decided_by is None or asked.decided_at is None:
        return [tongue.word(N_("It is below the limit and needed no second person."))]
    words = (
        N_("Approved by {name}, {when}.")
        if asked.state is AdjustmentState.POSTED
        else N_("Not booked: {name} decided so, {when}.")
    )
    said = tongue.say(Message(words, {"name": one.decided_by, "when": asked.decided_at}))
    return [f"{said} {asked.answer}".strip()]
