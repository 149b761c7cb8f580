"""Who and where in the demo. Every name is invented; the distances fit together, on no map."""

from __future__ import annotations

from dataclasses import dataclass

from aidlog.registry.models import Access, PlaceKind
from aidlog.registry.roles import Role


@dataclass(frozen=True, slots=True)
class OrganisationPart:
    code: str
    name: str


ORGANISATIONS = (
    OrganisationPart("KRB", "Karibu Relief"),
    OrganisationPart("AML", "Amahoro Lakes Association"),
    OrganisationPart("UHM", "Umoja Health Mission"),
    OrganisationPart("NUR", "Nuru Youth Network"),
    OrganisationPart("TJW", "Tujenge Women's Cooperative"),
    OrganisationPart("DLN", "Diaspora Lending a Hand, North"),
)
LEAD = "KRB"


@dataclass(frozen=True, slots=True)
class PlacePart:
    """``people`` and ``households`` are counted apart; ``age`` is the count's, in days."""

    code: str
    name: str
    kind: PlaceKind
    area: str
    protected: bool = False
    access: Access = Access.OPEN
    households: int | None = 0
    people: int = 0
    age: int = 0


WAREHOUSES = (
    PlacePart("LKH", "Lakeside hub", PlaceKind.WAREHOUSE, "North shore"),
    PlacePart("HLH", "Hillside hub", PlaceKind.WAREHOUSE, "Highlands"),
    PlacePart("BDS", "Border store", PlaceKind.WAREHOUSE, "South shore"),
)
COLLECTION_POINTS = (
    PlacePart("CP1", "Parish hall collection point", PlaceKind.COLLECTION_POINT, "North shore"),
)
_S = PlaceKind.SITE
SITES = (
    PlacePart("S01", "Kivuli", _S, "North shore", households=78, people=374, age=9),
    PlacePart("S02", "Neema", _S, "North shore", households=61, people=281, age=48),
    PlacePart("S03", "Tumaini", _S, "North shore", households=172, people=774, age=6),
    PlacePart("S04", "Umoja", _S, "North shore", households=148, people=681, age=11),
    PlacePart("S05", "Furaha", _S, "South shore", households=123, people=566, age=14),
    PlacePart("S06", "Baraka", _S, "South shore", households=88, people=405, age=33),
    PlacePart(
        "S07", "Mlima wa juu", _S, "Highlands", protected=True, households=71, people=341, age=5
    ),
    PlacePart("S08", "Amani", _S, "South shore", households=106, people=477, age=8),
    PlacePart(
        "S09", "Subira", _S, "Highlands", protected=True, access=Access.DIFFICULT,
        households=34, people=160, age=12,
    ),
    PlacePart("S10", "Imani", _S, "East", households=51, people=230, age=7),
    PlacePart(
        "S11", "Chemchemi", _S, "South shore", protected=True, access=Access.CLOSED,
        households=41, people=193, age=16,
    ),
    PlacePart(
        "S12", "Mwangaza", _S, "East", protected=True, households=None, people=128, age=3
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Road:
    """``cost`` in US cents per tonne."""

    origin: str
    destination: str
    km: int
    minutes: int
    cost: int
    access: Access = Access.OPEN
    max_tonnes: int | None = None


_D, _C = Access.DIFFICULT, Access.CLOSED
ROADS = (
    Road("LKH", "S01", 64, 190, 5_200, max_tonnes=12),
    Road("LKH", "S02", 41, 120, 3_900),
    Road("LKH", "S03", 28, 70, 2_700),
    Road("LKH", "S04", 35, 95, 3_100),
    Road("LKH", "S05", 118, 330, 8_800),
    Road("LKH", "S07", 52, 240, 7_400, _D, max_tonnes=6),
    Road("LKH", "S09", 77, 310, 8_300, _D, max_tonnes=6),
    Road("LKH", "S11", 131, 400, 9_900, _C),
    Road("HLH", "S01", 176, 420, 11_800),
    Road("HLH", "S03", 148, 330, 9_700),
    Road("HLH", "S07", 39, 160, 4_800, _D, max_tonnes=8),
    Road("HLH", "S09", 44, 190, 5_100, _D, max_tonnes=8),
    Road("HLH", "S10", 58, 110, 3_300),
    Road("HLH", "S12", 83, 170, 4_500, max_tonnes=5),
    Road("BDS", "S05", 31, 80, 2_800),
    Road("BDS", "S06", 47, 130, 3_700),
    Road("BDS", "S08", 22, 60, 2_300),
    Road("BDS", "S11", 68, 260, 6_900, _D, max_tonnes=6),
    Road("BDS", "S04", 124, 340, 9_200),
)


@dataclass(frozen=True, slots=True)
class Truck:
    plate: str
    tonnes: int
    cubic_metres: int
    base: str
    carrier: str


TRUCKS = (
    Truck("AID 101 K", 10, 32, "LKH", "Own fleet"),
    Truck("AID 102 K", 10, 32, "LKH", "Own fleet"),
    Truck("AID 205 K", 5, 18, "HLH", "Own fleet"),
    Truck("HIRE 77", 12, 38, "BDS", "Ziwa Transport"),
)


@dataclass(frozen=True, slots=True)
class PersonPart:
    login: str
    name: str
    organisation: str
    role: Role
    place: str = ""
    language: str = "en"


PEOPLE = (
    PersonPart("amina", "Amina K.", "KRB", Role.PLANNER),
    PersonPart("bosco", "Bosco R.", "KRB", Role.COORDINATOR, language="fr"),
    PersonPart("chantal", "Chantal M.", "KRB", Role.STOREKEEPER, language="fr"),
    PersonPart("daudi", "Daudi S.", "KRB", Role.STOREKEEPER, "HLH", language="sw"),
    PersonPart("esther", "Esther N.", "KRB", Role.SITE_LEAD, "S01", language="fr"),
    PersonPart("faida", "Faida B.", "KRB", Role.SITE_LEAD, "S03", language="sw"),
    PersonPart("gahigi", "Gahigi T.", "KRB", Role.SITE_LEAD, "S07", language="rw"),
    PersonPart("hope", "Hope L.", "KRB", Role.DONOR),
    PersonPart("imara", "Imara P.", "KRB", Role.PROTECTION),
    PersonPart("juma", "Juma A.", "KRB", Role.AUDITOR, language="sw"),
    PersonPart("kezia", "Kezia U.", "AML", Role.PLANNER, language="rw"),
    PersonPart("admin", "Wema D.", "KRB", Role.ADMINISTRATOR),
)
