"""The lists that can be imported, by the name that they have on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound
from aidlog.db.imports import Importer
from aidlog.donations.importing_stock import STOCK
from aidlog.needs.importing_needs import NEEDS
from aidlog.needs.importing_population import POPULATION
from aidlog.needs.importing_standards import STANDARDS
from aidlog.registry.importing_items import ITEMS
from aidlog.registry.importing_people import PEOPLE
from aidlog.registry.importing_places import SITES, WAREHOUSES
from aidlog.registry.importing_routes import ROUTES
from aidlog.registry.importing_vehicles import VEHICLES

#: In the order in which an operation is set up.
IMPORTERS: Mapping[str, Importer] = {
    importer.plan.kind: importer
    for importer in (
        ITEMS, WAREHOUSES, SITES, ROUTES, VEHICLES, PEOPLE, POPULATION, STANDARDS, NEEDS,
        STOCK,
    )
}  # fmt: skip


def importer_of(kind: str) -> Importer:
    """Return the importer of a kind.

    Raises:
        NotFound: there is no such kind.
    """
    if kind not in IMPORTERS:
        raise NotFound(f"import of {kind}")
    return IMPORTERS[kind]


def importers_for(actor: Actor) -> list[Importer]:
    """Return the kinds that ``actor`` may import somewhere, in their order."""
    return [importer for importer in IMPORTERS.values() if actor.may(importer.permission)]
