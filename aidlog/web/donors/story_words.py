"""A gift's story in sentences: the steps of the timeline and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from aidlog.core.text import N_, Message
from aidlog.donations.models import PledgeState
from aidlog.donations.tracking import Fate, GiftStory
from aidlog.donations.wording import STATE_WORDS
from aidlog.web.filters import day, quantity
from aidlog.web.i18n import language, say

_FATES = {
    Fate.ROAD_MISSING: N_("{amount} did not arrive."),
    Fate.ROAD_DAMAGED: N_("{amount} were damaged on the road."),
    Fate.LOST: N_("{amount} were lost."),
    Fate.STOLEN: N_("{amount} were stolen."),
    Fate.DAMAGED: N_("{amount} were damaged in the warehouse."),
    Fate.EXPIRED: N_("{amount} expired."),
    Fate.UNEXPLAINED: N_("{amount} are missing; we do not know why."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the timeline. ``state`` is done, part or next; ``when`` may be empty."""

    title: str
    when: str
    text: str
    state: str


def story_steps(story: GiftStory) -> list[Step]:
    """Return the steps of a gift, in the order in which they happen."""
    return [
        _promised(story),
        _received(story),
        _set_aside(story),
        _on_the_road(story),
        _arrived(story),
        _given(story),
    ]


def losses(story: GiftStory) -> list[str]:
    """Return a sentence for each way in which some of a gift was lost."""
    return [
        say(Message(_FATES[fate], {"amount": _amount(story, lost)}))
        for fate, lost in story.lost.items()
    ]


def state_words() -> dict[PledgeState, Message]:
    """Return what the states of a pledge are called."""
    return {state: Message(words) for state, words in STATE_WORDS.items()}


def _promised(story: GiftStory) -> Step:
    return Step(
        title=_("Promised"),
        when=day(story.promised_on),
        text=_("%(amount)s of %(item)s", amount=_amount(story, story.promised), item=_item(story)),
        state="done",
    )


def _received(story: GiftStory) -> Step:
    title = _("Received and counted")
    if not story.received and not story.torn:
        if story.state is PledgeState.CANCELLED:
            return Step(title, "", _("The pledge was ended before anything came."), "next")
        if story.expected_on:
            text = _("We expect it by %(day)s.", day=day(story.expected_on))
        else:
            text = _("We have not received it yet.")
        return Step(title, "", text, "next")
    said = [_("%(amount)s can be used.", amount=_amount(story, story.received))]
    if story.torn:
        said.append(_("%(amount)s came damaged.", amount=_amount(story, story.torn)))
    if story.beside:
        said.append(
            _(
                "%(amount)s more than promised came as well: thank you.",
                amount=_amount(story, story.beside),
            )
        )
    complete = story.received >= story.promised or story.state is PledgeState.RECEIVED
    return Step(title, day(story.received_on), " ".join(said), "done" if complete else "part")


def _set_aside(story: GiftStory) -> Step:
    planned = story.set_aside + story.left
    return Step(
        title=_("Set aside for people"),
        when="",
        text=_of_received(story, planned, _("Waiting for the next distribution plan.")),
        state=_how_far(story, planned),
    )


def _on_the_road(story: GiftStory) -> Step:
    return Step(
        title=_("On the road"),
        when=_week(story.left_week),
        text=_of_received(story, story.left, _("We tell of a departure two days after it.")),
        state=_how_far(story, story.left),
    )


def _arrived(story: GiftStory) -> Step:
    text = _of_received(story, story.arrived, _("Not confirmed yet."))
    if story.arrived and story.on_road:
        text += " " + _("%(amount)s are still on the road.", amount=_amount(story, story.on_road))
    return Step(
        title=_("Arrival confirmed"),
        when=_week(story.arrived_week),
        text=text,
        state=_how_far(story, story.arrived),
    )


def _given(story: GiftStory) -> Step:
    return Step(
        title=_("Given to households"),
        when=_week(story.given_week),
        text=_of_received(story, story.given, _("Not yet.")),
        state=_how_far(story, story.given),
    )


def _of_received(story: GiftStory, part: int, nothing: str) -> str:
    if not part:
        return nothing
    if part >= story.received:
        return str(_("All of it: %(amount)s.", amount=_amount(story, part)))
    return str(
        _(
            "%(part)s of %(all)s.",
            part=_amount(story, part),
            all=_amount(story, story.received),
        )
    )


def _how_far(story: GiftStory, part: int) -> str:
    if not part:
        return "next"
    return "done" if part >= story.received else "part"


def _week(monday: date | None) -> str:
    return str(_("week of %(day)s", day=day(monday))) if monday else ""


def _amount(story: GiftStory, units: int) -> str:
    return quantity(units, story.item.base_unit)


def _item(story: GiftStory) -> str:
    return story.item.name_in(language())
