"""Act four: what people at the sites said, and what came of it."""

from __future__ import annotations

from functools import partial

from aidlog.cli.demo_operation.stage import Stage
from aidlog.voice.models import Category, Channel
from aidlog.voice.recording import (
    AnswerFeedback,
    RecordFeedback,
    answer_feedback,
    record_feedback,
)

SAID = (
    ("S01", Category.SHORT_ITEM, Channel.DESK, 9, "We got one bar of soap; the list says two."),
    ("S03", Category.WAITING, Channel.MEETING, 6, "Old people stood in the sun for four hours."),
    ("S07", Category.QUESTION, Channel.BOX, 3, "When do the blankets come that were promised?"),
    ("S03", Category.THANKS, Channel.PHONE_PAGE, 2, "The tarpaulins held in the storm."),
)
ANSWER = "The next distribution starts with people over sixty, in the shade of the school."
CHANGED = "Distributions begin at seven, with a place to sit."


def hear(stage: Stage) -> None:
    """Write down what was said; one of them is answered."""
    written = [
        stage.do("amina", partial(_said, stage, *what), record_feedback)["feedback"]
        for what in SAID
    ]
    stage.do(
        "amina",
        lambda id_: AnswerFeedback(
            command_id=id_, feedback_id=written[1], answer=ANSWER, changed=CHANGED
        ),
        answer_feedback,
    )


def _said(  # noqa: PLR0913, PLR0917 - one row of the table above
    stage: Stage, site: str, category: Category, channel: Channel, ago: int, text: str, id_: str
) -> RecordFeedback:
    return RecordFeedback(
        command_id=id_,
        site_id=stage.place(site),
        category=category,
        channel=channel,
        text=text,
        said_on=stage.day(-ago),
    )
