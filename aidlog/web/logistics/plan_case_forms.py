"""The forms of what-if cases: what is typed becomes a command; they know no rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from aidlog.allocation.problem import Problem, Rule
from aidlog.db.work import Wish
from aidlog.planning.case_taking import TakeCase
from aidlog.planning.case_words import CaseChange, What
from aidlog.planning.cases import MakeCase, RemoveCase, StopCase, TryLimit
from aidlog.web.forms import CommandForm, QuantityField, choices
from aidlog.web.logistics.plan_forms import MOST_KG
from aidlog.web.logistics.plan_words import RULE_NAMES

#: Between the parts of a choice that names two things.
AND = "~"
#: More or fewer of something.
WAYS = {"more": _l("More"), "less": _l("Fewer")}
NOTHING = ("", "–")


class CaseForm(CommandForm):
    """What changes, one kind of change a group; what is left empty stays as the plan has it."""

    title = StringField(_l("Title"), [Length(max=80)])
    where = SelectField(_l("More trips"), default="")
    trips = QuantityField(_l("How many trips"), largest=1_000)
    truck = SelectField(_l("Truck"), default="")
    trip_kg = QuantityField(_l("One trip carries, kg"), largest=MOST_KG)
    close = SelectMultipleField(_l("Close these roads"))
    open = SelectMultipleField(_l("Open these roads"))
    people = QuantityField(_l("People, per cent"), largest=500)
    people_way = SelectField(_l("More or fewer"), choices=choices(WAYS.items()), default="more")
    people_at = SelectField(_l("Where"), default="")
    coming = SelectField(_l("Goods that come in time"), default="")
    coming_to = SelectField(_l("If nobody said where to, they come to"), validate_choice=False)
    item = SelectField(_l("Item"), default="")
    warehouse = SelectField(_l("Warehouse"), validate_choice=False)
    packs = QuantityField(_l("Packs"), largest=10_000_000)
    packs_way = SelectField(_l("More or fewer"), choices=choices(WAYS.items()), default="more")
    rule = SelectField(_l("Rule"), default="")
    no_rounds = BooleanField(_l("Earlier rounds do not count"))

    def offer(self, problem: Problem, trucks: Sequence[tuple[str, str]]) -> None:
        """Offer what the plan's question has; ``trucks`` are (kg and litres, words)."""
        sites = [(site.id, site.name or site.id) for site in problem.sites]
        stores = [(store.id, store.name or store.id) for store in problem.warehouses]
        names = dict((*sites, *stores))
        roads = [
            (
                road,
                f"{road.warehouse}{AND}{road.site}",
                f"{names[road.warehouse]} → {names[road.site]}",
            )
            for road in problem.routes
        ]
        limited = [
            (f"{AND}{limit.id}", limit.name or limit.id)
            for limit in problem.shared_limits
            if limit.max_kg is not None or limit.max_m3 is not None
        ] + [
            (value, words)
            for road, value, words in roads
            if road.open and (road.max_kg is not None or road.max_m3 is not None)
        ]
        self.where.choices = choices([NOTHING, *limited])
        self.truck.choices = choices([("", _l("As written beside")), *trucks])
        self.close.choices = choices((value, words) for road, value, words in roads if road.open)
        self.open.choices = choices((value, words) for road, value, words in roads if not road.open)
        self.people_at.choices = choices([("", _l("Every site")), *sites])
        self.coming_to.choices = choices(stores)
        self.item.choices = choices(
            [NOTHING, *((item.id, item.name or item.id) for item in problem.items)]
        )
        self.warehouse.choices = choices(stores)
        self.rule.choices = choices([NOTHING, *RULE_NAMES.items()])

    def command(self, code: str) -> MakeCase:
        return MakeCase(
            command_id=str(self.command_id.data),
            code=code,
            title=str(self.title.data or "").strip(),
            changes=tuple(self._changes()),
        )

    def _changes(self) -> Iterator[CaseChange]:
        yield from self._roads()
        if self.where.data or self.trips.data is not None:
            yield self._trucks()
        if self.people.data is not None:
            number = self.people.data if self.people_way.data == "more" else -self.people.data
            yield CaseChange(what=What.PEOPLE, number=number, site=str(self.people_at.data or ""))
        if self.coming.data:
            document, _, item = str(self.coming.data).partition(AND)
            yield CaseChange(
                what=What.IN_TIME,
                document=document,
                item=item,
                warehouse=str(self.coming_to.data or ""),
            )
        if self.item.data or self.packs.data is not None:
            yield CaseChange(
                what=What.MORE_STOCK if self.packs_way.data == "more" else What.LESS_STOCK,
                item=str(self.item.data or ""),
                warehouse=str(self.warehouse.data or ""),
                number=self.packs.data or 0,
            )
        if self.rule.data:
            yield CaseChange(what=What.RULE, rule=Rule(str(self.rule.data)))
        if self.no_rounds.data:
            yield CaseChange(what=What.NO_EARLIER_ROUNDS)

    def _roads(self) -> Iterator[CaseChange]:
        for what, field in ((What.CLOSE_ROAD, self.close), (What.OPEN_ROAD, self.open)):
            for road in field.data or ():
                warehouse, _, site = str(road).partition(AND)
                yield CaseChange(what=what, warehouse=warehouse, site=site)

    def _trucks(self) -> CaseChange:
        warehouse, _, name = str(self.where.data or "").partition(AND)
        kg, _, litres = str(self.truck.data or "").partition("x")
        return CaseChange(
            what=What.TRUCKS,
            warehouse=warehouse,
            site=name if warehouse else "",
            limit="" if warehouse else name,
            number=self.trips.data or 0,
            kg=int(kg) if kg else (self.trip_kg.data or 0),
            litres=int(litres or 0),
        )


class TryForm(CommandForm):
    """Try the advice on one limit of the plan, by its place in the list."""

    limit = IntegerField(validators=[InputRequired()])

    def command(self, code: str) -> TryLimit:
        return TryLimit(
            command_id=str(self.command_id.data), code=code, limit=int(self.limit.data or 0)
        )


class StopForm(CommandForm):
    """Use what was found so far, or stop with nothing; the button says which."""

    wish = StringField(validators=[AnyOf([Wish.USE_BEST.value, Wish.CANCEL.value])])

    def command(self, code: str, number: int) -> StopCase:
        return StopCase(
            command_id=str(self.command_id.data),
            code=code,
            number=number,
            wish=Wish(str(self.wish.data)),
        )


class RemoveForm(CommandForm):
    def command(self, code: str, number: int) -> RemoveCase:
        return RemoveCase(command_id=str(self.command_id.data), code=code, number=number)


class TakeForm(CommandForm):
    """Why this case is what is planned; kept with every change of it."""

    reason = TextAreaField(_l("Why"), [Optional(), Length(max=400)])

    def command(self, code: str, number: int) -> TakeCase:
        return TakeCase(
            command_id=str(self.command_id.data),
            code=code,
            number=number,
            reason=self.reason.data or "",
        )
