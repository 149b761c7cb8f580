"""The form of a goods received note: lines of what was counted, in packs and loose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from flask_babel import to_utc
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from aidlog.core.errors import Refusal
from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.core.units import Measure
from aidlog.donations.awaiting import Awaited, WrongGoods
from aidlog.donations.counting import CountedLine
from aidlog.donations.models import Pledge, Source
from aidlog.donations.purchase_queries import PurchaseStory
from aidlog.donations.receiving import LONGEST_LOT_NUMBER, ReceiveGoods
from aidlog.registry.models import Item, PackKind
from aidlog.registry.queries import ItemRow, packs_of
from aidlog.stock.levels import IssuePack, issue_packs
from aidlog.web.filters import quantity
from aidlog.web.forms import CommandForm, Form, QuantityField, choices, show_on
from aidlog.web.i18n import say
from aidlog.web.logistics.item_picking import WhichItem, item_typed

#: What stands over the field for full packs; ``size`` carries its unit.
PACK_LABELS = {
    PackKind.PIECE: N_("Pieces"),
    PackKind.BAG: N_("Bags of {size}"),
    PackKind.BALE: N_("Bales of {size}"),
    PackKind.BOTTLE: N_("Bottles of {size}"),
    PackKind.BOX: N_("Boxes of {size}"),
    PackKind.BUNDLE: N_("Bundles of {size}"),
    PackKind.CARTON: N_("Cartons of {size}"),
    PackKind.PALLET: N_("Pallets of {size}"),
    PackKind.ROLL: N_("Rolls of {size}"),
}

#: What is counted one by one: loose, damaged, and on the papers.
UNIT_LABELS = {
    BaseUnit.PIECE: (N_("Loose"), N_("Damaged"), N_("On the papers")),
    BaseUnit.GRAM: (N_("Loose, grams"), N_("Damaged, grams"), N_("On the papers, grams")),
    BaseUnit.MILLILITRE: (N_("Loose, ml"), N_("Damaged, ml"), N_("On the papers, ml")),
}

#: A truck holds fewer kinds of lots than this.
MOST_LINES = 60


class LineForm(Form):
    """One lot: so many packs, loose units beside them, and how many of all are damaged."""

    class Meta(Form.Meta):
        """The token is the whole form's, not each line's."""

        csrf = False

    #: Items that what was typed can mean, to take one of by a button.
    found: Sequence[ItemRow] = ()

    item = StringField(_l("Item"), [Length(max=200)])
    lot = StringField(_l("Lot"), [Length(max=LONGEST_LOT_NUMBER)])
    expires_on = DateField(_l("Expires"), [Optional()])
    no_expiry = BooleanField(_l("No expiry date on it"))
    packs = QuantityField(_l("Packs"))
    pack_size = QuantityField(_l("Units in a pack"), largest=1_000_000_000)
    loose = QuantityField(_l("Loose units"))
    damaged = QuantityField(_l("Of these damaged"))
    declared = QuantityField(_l("On the papers"))
    reason = StringField(_l("Why it differs"), [Length(max=200)])

    def is_blank(self) -> bool:
        """Say whether nothing was typed in this line."""
        fields = (self.item, self.lot, self.expires_on, self.packs, self.loose, self.damaged)
        return not any(field.raw_data and field.raw_data[0].strip() for field in fields)


class ReceiveForm(CommandForm):
    warehouse = SelectField(_l("Warehouse"), coerce=int)
    arrived_at = DateTimeLocalField(
        _l("Arrived"), [InputRequired(_l("Write when the goods came."))], format="%Y-%m-%dT%H:%M"
    )
    received_from = StringField(_l("Received from"), [Length(max=120)])
    origin = StringField(_l("Where it was bought or packed"), [Length(max=120)])
    remark = TextAreaField(_l("Note"), [Length(max=2000)])
    source = RadioField(
        _l("How the goods came"),
        default=Source.GIFT.value,
        choices=choices(
            [(Source.GIFT.value, _l("As a gift")), (Source.PURCHASE.value, _l("They were bought"))]
        ),
    )
    order_reference = StringField(_l("Number on the supplier’s papers"), [Length(max=60)])
    nothing_more = BooleanField(_l("Nothing more is expected"))
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the goods are received for: a pledge, an order, or neither, as read just now."""

    pledge: Pledge | None = None
    order: PurchaseStory | None = None

    @property
    def anything(self) -> bool:
        """Say whether something was promised or ordered."""
        return self.pledge is not None or self.order is not None

    @property
    def awaited(self) -> Awaited:
        """Return it as the rules of receiving look at it."""
        if self.order is not None:
            ordered = [line.line for line in self.order.lines]
            return Awaited(purchase=self.order.purchase, ordered=ordered)
        return Awaited(pledge=self.pledge)

    def still(self, item: Item | None) -> int | None:
        """Return how much of an item is still to come, None where it was not asked for."""
        return (self.awaited.room or {}).get(item.id) if item else None


@dataclass(frozen=True, slots=True)
class Counted:
    """A line as it is understood: ``form`` is where it was typed, figures in base units."""

    number: int
    form: LineForm
    item: Item
    line: CountedLine
    over: int

    @property
    def total(self) -> int:
        return self.line.good + self.line.damaged


def understand(
    session: Session, form: ReceiveForm, awaited: Awaited, *, against_promise: bool
) -> list[Counted] | None:
    """Return what the lines mean; None where one of them cannot be, with its error on its field.

    Lines without anything typed are passed over. All faults are found, not only the first.
    ``against_promise``: more than is still promised or ordered needs its reason now.
    """
    counted: list[Counted] = []
    sound = True
    room = dict(awaited.room or {})
    typed = [entry.form for entry in form.lines if not entry.form.is_blank()]
    for number, line in enumerate(typed, start=1):
        try:
            item = item_typed(session, line.item.data or "")
        except WhichItem as refusal:
            line.found = refusal.found
            _fault(line.item, number, refusal.message)
            sound = False
            continue
        meant = _counted_line(session, line, item, number)
        if meant is None:
            sound = False
            continue
        over = 0
        if against_promise and item.id in room:
            over = max(0, meant.good - room[item.id])
            room[item.id] = max(0, room[item.id] - meant.good)
        if not _explained(line, meant, over, number, item):
            sound = False
        counted.append(Counted(number, line, item, meant, over))
    if not typed:
        form.form_errors.append(say(Message(N_("Nothing was counted. Fill in at least one line."))))
    if awaited.room is None and not (form.received_from.data or "").strip():
        form.received_from.errors = [say(Message(N_("Write who the goods come from.")))]
        sound = False
    return counted if sound and typed else None


def command(
    form: ReceiveForm, counted: list[Counted], organisation_id: int, expected: Expected
) -> ReceiveGoods:
    """Return the command that a sound form asks for."""
    arrived = form.arrived_at.data
    assert isinstance(arrived, datetime)
    return ReceiveGoods(
        command_id=str(form.command_id.data),
        organisation_id=organisation_id,
        warehouse_id=int(form.warehouse.data),
        lines=tuple(line.line for line in counted),
        arrived_at=to_utc(arrived).replace(tzinfo=UTC),
        pledge_id=expected.pledge.id if expected.pledge else None,
        purchase_code=expected.order.number if expected.order else "",
        source=Source.GIFT if expected.anything else Source(form.source.data),
        order_reference=(form.order_reference.data or "").strip(),
        nothing_more=bool(form.nothing_more.data) if expected.anything else False,
        received_from=(form.received_from.data or "").strip(),
        origin=(form.origin.data or "").strip(),
        remark=(form.remark.data or "").strip(),
    )


def show_refusal(form: ReceiveForm, refusal: Refusal, counted: list[Counted]) -> None:
    """Show a refusal on the line and field that it names."""
    if isinstance(refusal, WrongGoods) and 0 < refusal.line <= len(counted):
        line = counted[refusal.line - 1].form
        field = {"lot_number": line.lot, "expires_on": line.expires_on, "reason": line.reason}.get(
            refusal.field or "", line.packs
        )
        show_on(form, refusal, field=field)
    else:
        show_on(form, refusal)


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands over the fields of a line, once its item is known."""

    item: Item | None
    packs: str
    loose: str
    damaged: str
    declared: str


def labels(session: Session, form: ReceiveForm) -> list[Labels]:
    """Return the labels of each line of the form, as far as its item is known."""
    items: list[Item | None] = []
    for entry in form.lines:
        try:
            items.append(item_typed(session, entry.form.item.data or ""))
        except WhichItem:
            items.append(None)
    packs = issue_packs(session, [item.id for item in items if item])
    return [_labels(item, packs.get(item.id) if item else None) for item in items]


def _labels(item: Item | None, pack: IssuePack | None) -> Labels:
    unit = item.base_unit if item else BaseUnit.PIECE
    loose, damaged, declared = (say(Message(words)) for words in UNIT_LABELS[unit])
    if pack is None:
        packs = say(Message(N_("Packs")))
    else:
        packs = say(Message(PACK_LABELS[pack.kind], {"size": quantity(pack.size, unit)}))
    return Labels(item, packs, loose, damaged, declared)


def _counted_line(session: Session, line: LineForm, item: Item, number: int) -> CountedLine | None:
    if line.expires_on.data is None and not line.no_expiry.data:
        _fault(
            line.expires_on,
            number,
            Message(N_("Write the expiry date printed on it, or tick that there is none.")),
        )
    kind, size = _pack(session, line, item)
    total = (line.packs.data or 0) * size + (line.loose.data or 0)
    damaged = line.damaged.data or 0
    if damaged > total:
        _fault(
            line.damaged, number, Message(N_("More are damaged than were counted. Count again."))
        )
    declared = total if line.declared.data is None else line.declared.data
    if not total and not declared:
        _fault(line.packs, number, Message(N_("Write how much was counted.")))
    if line.expires_on.errors or line.damaged.errors or line.packs.errors:
        return None
    return CountedLine(
        item_id=item.id,
        lot_number=(line.lot.data or "").strip(),
        expires_on=None if line.no_expiry.data else line.expires_on.data,
        pack_kind=kind,
        pack_size=size,
        declared=declared,
        good=total - damaged,
        damaged=damaged,
        reason=(line.reason.data or "").strip(),
    )


def _pack(session: Session, line: LineForm, item: Item) -> tuple[str, int]:
    """Return the pack of the size typed, else the item's smallest one to issue."""
    known = packs_of(session, item.id)
    size = line.pack_size.data
    if not size:
        issue = next((pack for pack in known if pack.issue), None)
        return (issue.kind, issue.size) if issue else (PackKind.PIECE, 1)
    same = next((pack for pack in known if pack.size == size), None)
    return (same.kind if same else PackKind.CARTON, size)


def _explained(line: LineForm, meant: CountedLine, over: int, number: int, item: Item) -> bool:
    """Say whether a count that differs has its reason; mark the field where it lacks one."""
    if meant.reason:
        return True
    if over:
        measure = Measure(item.base_unit, meant.pack_size, meant.pack_kind)
        sentence = Message(
            N_("{total} is {over} more than expected. Check the count, or keep it and write why."),
            {"total": measure.of(meant.good), "over": measure.of(over)},
        )
    elif meant.missing or meant.damaged or meant.excess:
        sentence = Message(N_("The count differs from the papers. Write why."))
    else:
        return True
    _fault(line.reason, number, sentence)
    return False


def _fault(field: object, number: int, sentence: Message) -> None:
    said = say(Message(N_("Line {line}: {sentence}"), {"line": number, "sentence": sentence}))
    field.errors = [*field.errors, said]  # type: ignore[attr-defined]
