"""The takeover certificate: what one organisation hands over to another, and what for."""

from __future__ import annotations

from aidlog.core.text import N_, Message
from aidlog.dispatch.handover_queries import HandoverStory, OfferedLot
from aidlog.dispatch.models import HandoverState
from aidlog.reports.amounts import Tongue
from aidlog.reports.table_pdf import Column, Head, TablePaper, table_pdf

_COLUMNS = (
    Column(N_("Item"), 62),
    Column(N_("Lot"), 32),
    Column(N_("Expires"), 22),
    Column(N_("Quantity"), 28, right=True),
    Column(N_("Donor"), 44),
)


def takeover_pdf(story: HandoverStory, tongue: Tongue) -> bytes:
    """Return the certificate as PDF, A4, in one language."""
    return table_pdf(
        TablePaper(
            head=Head(tongue.word(N_("Takeover certificate")), story.number, _facts(story, tongue)),
            columns=_COLUMNS,
            rows=[_row(line, tongue) for line in story.lines],
            row_height=10,
            notes=_notes(story, tongue),
            signatures=(tongue.word(N_("Handed over by")), tongue.word(N_("Taken over by"))),
        ),
        tongue,
    )


def _facts(story: HandoverStory, tongue: Tongue) -> list[str]:
    offer = story.handover
    facts = [
        f"{story.giver.name} → {story.taker.name}",
        tongue.say(Message(N_("The goods stand in {place}"), {"place": story.warehouse.shown_as})),
        tongue.say(Message(N_("What they are for: {purpose}"), {"purpose": offer.purpose})),
    ]
    if offer.condition:
        facts.append(
            tongue.say(Message(N_("Their condition: {words}"), {"words": offer.condition}))
        )
    return facts


def _row(line: OfferedLot, tongue: Tongue) -> tuple[str, ...]:
    return (
        f"{line.item.name_in(tongue.language)} ({line.item.code})",
        line.number,
        line.expires_on.isoformat() if line.expires_on else "–",
        tongue.amount(line.quantity, line.item.base_unit),
        line.donor_name or "–",
    )


def _notes(story: HandoverStory, tongue: Tongue) -> list[str]:
    offer = story.handover
    if offer.state is HandoverState.ACCEPTED and offer.decided_at is not None:
        return [
            tongue.say(
                Message(
                    N_("Accepted {when}. From then on the goods are {taker}’s."),
                    {"when": offer.decided_at, "taker": story.taker.name},
                )
            )
        ]
    return [tongue.word(N_("Nothing has changed hands: the offer is not accepted."))]
