"""The forms of items: what is typed becomes a command; they know no rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms import Form as Part
from wtforms.validators import InputRequired, Length

from aidlog.core.decimals import shown_decimal, typed_decimal
from aidlog.core.quantity import BaseUnit
from aidlog.registry.items import (
    LARGEST_PACK,
    AddItem,
    EditItem,
    Facts,
    Names,
    Pack,
    SetPacks,
)
from aidlog.registry.models import Item, PackKind
from aidlog.registry.queries import PackRow
from aidlog.registry.wording import PACK_KINDS
from aidlog.web.forms import CommandForm, Form, QuantityField, choices
from aidlog.web.logistics.registry_words import BASE_UNITS, TIERS, offered, said

#: kg are typed of one piece, or of a litre; litres of one piece, or of a kilogram. So many
#: digits lie between those and the milligrams and cubic millimetres of one base unit.
PLACES = {BaseUnit.PIECE: 6, BaseUnit.GRAM: 3, BaseUnit.MILLILITRE: 3}
#: Lines for packs in a form; what is left empty is no pack.
PACK_LINES = 5


class _Line(Part):
    class Meta(Form.Meta):
        csrf = False


class PackLine(_Line):
    """One pack level; no kind chosen is no pack."""

    kind = SelectField(_l("Pack"), default="")
    size = QuantityField(_l("Base units in it"), largest=LARGEST_PACK)


class PacksForm(CommandForm):
    """All packs of an item; ``issue`` is the number of the line that leaves a warehouse."""

    packs = FieldList(FormField(PackLine), min_entries=PACK_LINES, max_entries=12)
    issue = RadioField(_l("Smallest pack that leaves a warehouse"), validate_choice=False)

    @classmethod
    def of(cls, rows: Sequence[PackRow]) -> PacksForm:
        """Return the form filled with the packs that hold now."""
        form = cls(
            packs=[{"kind": row.kind.value, "size": row.size} for row in rows],
            issue=next((str(at) for at, row in enumerate(rows) if row.issue), None),
        )
        form.offer_packs()
        return form

    def offer_packs(self) -> None:
        """Fill the lists of kinds, and leave room for one more pack."""
        while len(self.packs) < PACK_LINES:
            self.packs.append_entry()
        for line in self.packs:
            line.form.kind.choices = [*choices([("", "–")]), *offered(PACK_KINDS)]
        self.issue.choices = choices((str(at), str(at + 1)) for at in range(len(self.packs)))

    def packs_typed(self) -> tuple[Pack, ...]:
        return tuple(self._packs())

    def _packs(self) -> Iterator[Pack]:
        for at, line in enumerate(self.packs):
            if line.form.kind.data:
                yield Pack(
                    kind=PackKind(line.form.kind.data),
                    size=line.form.size.data or 0,
                    issue=self.issue.data == str(at),
                )

    def command(self, item_id: int) -> SetPacks:
        return SetPacks(
            command_id=str(self.command_id.data), item_id=item_id, packs=self.packs_typed()
        )


class ItemFields(CommandForm):
    """Names in four languages, and what is known of one base unit."""

    name_en = StringField(
        _l("Name in English"), [InputRequired(_l("Write the English name.")), Length(max=200)]
    )
    name_fr = StringField(_l("Name in French"), [Length(max=200)])
    name_sw = StringField(_l("Name in Swahili"), [Length(max=200)])
    name_rw = StringField(_l("Name in Kinyarwanda"), [Length(max=200)])
    category = StringField(_l("Category"), [Length(max=40)])
    tier = RadioField(_l("Urgency"), coerce=int, default=2)
    weight = StringField(_l("Weight, kg"), [Length(max=40)])
    volume = StringField(_l("Volume, litres"), [Length(max=40)])
    source = StringField(_l("Source of the figures"), [Length(max=200)])

    def offer(self) -> None:
        """Fill the lists."""
        self.tier.choices = choices(said(TIERS).items())

    def names(self) -> Names:
        return Names(
            en=self.name_en.data or "",
            fr=self.name_fr.data or "",
            sw=self.name_sw.data or "",
            rw=self.name_rw.data or "",
        )

    def facts(self, unit: BaseUnit, *, active: bool) -> Facts:
        """Return the figures of one base unit.

        Raises:
            Refusal: a figure cannot be read; it names the field.
        """
        return Facts(
            category=(self.category.data or "").strip().lower(),
            tier=int(self.tier.data),
            weight_mg=_figure(self.weight, unit),
            volume_mm3=_figure(self.volume, unit),
            source=self.source.data or "",
            active=active,
        )


class ItemForm(ItemFields):
    """An item that is there: its code and base unit stay."""

    active = BooleanField(_l("In use"), default=True)

    @classmethod
    def of(cls, item: Item) -> ItemForm:
        """Return the form filled with what is known of ``item``."""
        form = cls(
            data={
                "name_en": item.name_en,
                "name_fr": item.name_fr,
                "name_sw": item.name_sw,
                "name_rw": item.name_rw,
                "category": item.category,
                "tier": item.tier,
                "weight": _shown(item.weight_mg, item.base_unit),
                "volume": _shown(item.volume_mm3, item.base_unit),
                "source": item.source,
                "active": item.active,
            }
        )
        form.offer()
        return form

    def edit(self, item: Item) -> EditItem:
        """Return the command; figures are of the item's own base unit."""
        return EditItem(
            command_id=str(self.command_id.data),
            item_id=item.id,
            names=self.names(),
            facts=self.facts(item.base_unit, active=bool(self.active.data)),
        )


class NewItemForm(ItemFields, PacksForm):
    """A new item also has a code and a base unit, which stay, and its first packs."""

    code = StringField(_l("Code"), [InputRequired(_l("Write the code.")), Length(max=40)])
    base_unit = RadioField(_l("Counted in"), default=BaseUnit.PIECE.value)

    def offer(self) -> None:
        super().offer()
        self.base_unit.choices = offered(BASE_UNITS)
        self.offer_packs()

    def new(self) -> AddItem:
        """Return the command; figures are of the base unit that was chosen."""
        unit = BaseUnit(self.base_unit.data)
        return AddItem(
            command_id=str(self.command_id.data),
            code=self.code.data or "",
            base_unit=unit,
            names=self.names(),
            facts=self.facts(unit, active=True),
            packs=self.packs_typed(),
        )


def _figure(field: StringField, unit: BaseUnit) -> int | None:
    """Return what was typed in the smaller unit; nothing typed is unknown."""
    typed = (field.data or "").strip()
    return typed_decimal(typed, places=PLACES[unit], field=field.name) if typed else None


def _shown(figure: int | None, unit: BaseUnit) -> str:
    return "" if figure is None else shown_decimal(figure, places=PLACES[unit])
