"""The printed waybill: what must stand on it, what must never, and that it can be read back."""

import re
import shutil
import subprocess
import zlib
from datetime import UTC, date, datetime, timedelta

import pytest

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import Message
from aidlog.db.transaction import writing
from aidlog.dispatch.marks import token
from aidlog.dispatch.story import story_of
from aidlog.registry.models import PackKind
from aidlog.registry.roles import Role
from aidlog.reports.amounts import Tongue
from aidlog.reports.paper import broken, width_of
from aidlog.reports.waybill_pdf import COPIES, Facts, waybill_pdf
from tests.dispatch.chain import make_ends, prepare, send
from tests.factories import make_actor, make_item, make_lot

FRENCH = {
    "Waybill": "Bordereau d’expédition",
    "Receiver": "Destinataire",
    "Transporter": "Transporteur",
    "Sender": "Expéditeur",
    "Logistics office": "Bureau logistique",
    "Trip": "Trajet",
    "From": "De",
    "To": "À",
    "Left": "Parti le",
    "Expected": "Attendu",
    "Truck": "Camion",
    "Driver": "Chauffeur",
    "Carrier": "Transporteur",
    "Seal no.": "Plomb",
    "Meeting point and contact": "Point de rencontre et contact",
    "Loaded": "Chargé",
    "Received": "Reçu",
    "Item": "Article",
    "Expires": "Expire",
    "Packs loaded": "Colis chargés",
    "Good": "Bon état",
    "Missing": "Manque",
    "Damaged": "Abîmé",
    "packs": "colis",
    "What is wrong, if anything": "Remarques",
    "Loaded by": "Chargé par",
    "Carried by": "Transporté par",
    "Received by": "Reçu par",
    "Name, date, time, signature": "Nom, date, heure, signature",
    "Name in capitals, date, time, signature, stamp": (
        "Nom en majuscules, date, heure, signature, cachet"
    ),
    "Count before you sign. Write every missing or damaged pack above: what is not"
    " written cannot be claimed.": (
        "Comptez avant de signer. Écrivez chaque colis manquant ou abîmé : ce qui n’est pas"
        " écrit ne peut pas être réclamé."
    ),
    "No network? Keep this copy. The count can be entered later, with its own time.": (
        "Pas de réseau ? Gardez cette copie. Le comptage peut être saisi plus tard."
    ),
}


def in_french(message):
    return str(Message(FRENCH.get(message.template, message.template), message.values))


ENGLISH_FIRST = (Tongue("en", str), Tongue("fr", in_french))
FACTS = Facts(
    operation="Karibu operation",
    qr="HTTPS://AIDLOG.EXAMPLE/W/WB-KRB-26-0001/K7/ABCDEFGHIJKLMNOP",
    printed_at=datetime(2026, 11, 20, 7, 12, tzinfo=UTC),
)

NAMES = (
    ("Maize flour", "Farine de maïs", BaseUnit.GRAM, (PackKind.BAG, 25_000), 5_000_000, 1_000),
    ("Cooking oil", "Huile", BaseUnit.MILLILITRE, (PackKind.CARTON, 12_000), 373_000, 960),
    ("Soap 250 g", "Savon 250 g", BaseUnit.PIECE, (PackKind.CARTON, 40), 640, 270_000),
    ("Tarpaulin 4×6 m", "Bâche 4×6 m", BaseUnit.PIECE, (PackKind.BALE, 5), 110, None),
)  # fmt: skip


@pytest.fixture
def trip(session):
    """A truck of four items to a protected site, loaded."""
    with writing(session):
        trip = make_ends(session)
        trip.site.name, trip.site.area = "Secretname Valley", "North zone"
        trip.lots = []
        for name, french, unit, pack, quantity, weight in NAMES:
            item = make_item(session, name=name, base_unit=unit, pack=pack, weight_mg=weight)
            item.name_fr = french
            expires = (datetime.now(UTC) + timedelta(days=90)).date()
            trip.lots.append(
                make_lot(
                    session,
                    warehouse=trip.origin,
                    item=item,
                    quantity=quantity,
                    pack=pack,
                    expires_on=expires if unit is not BaseUnit.PIECE else None,
                )
            )
        prepare(session, trip, *(line[4] for line in NAMES))
        send(session, trip, carrier="Own fleet")
    return trip


@pytest.fixture
def story(session, trip):
    with writing(session):
        planner = make_actor(session, Role.PLANNER)
    return story_of(session, planner, trip.number)


def words_of(pdf):
    """Return what is drawn on every page, as pdftotext reads it."""
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext on this machine")
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return done.stdout.decode().rstrip("\f").split("\f")


def test_four_named_copies_each_on_its_page(story):
    pages = words_of(waybill_pdf(story, FACTS, *ENGLISH_FIRST))
    assert len(pages) == len(COPIES) == 4
    for number, (page, name) in enumerate(zip(pages, COPIES, strict=True), start=1):
        assert f"Copy {number} of 4 · {name}" in page
        assert "page 1 of 1" in page


def test_packs_totals_and_kilograms_stand_on_it_in_two_languages(story):
    [page, *_copies] = words_of(waybill_pdf(story, FACTS, *ENGLISH_FIRST))
    for words in ("Maize flour", "Farine de maïs", "bags × 25 kg", "5,000 kg", "and 1 L loose"):
        assert words in page
    assert "Count before you sign" in page
    assert "Comptez avant de signer" in page
    assert story.typed_code in page
    assert "5,531 + ?" in page, "a weight nobody knows is not zero"


def test_a_protected_site_stands_there_by_code_and_area_only(story, trip):
    pdf = waybill_pdf(story, FACTS, *ENGLISH_FIRST)
    pages = words_of(pdf)
    assert all(f"{trip.site.code} · North zone" in page for page in pages)
    assert all("Secretname" not in page for page in pages)
    assert b"Secretname" not in pdf
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with_text = stream.strip()
        try:
            assert b"Secretname" not in zlib.decompress(with_text)
        except zlib.error:
            assert b"Secretname" not in with_text


def test_the_qr_code_reads_back_and_holds_no_place_and_no_person(story, trip, session, tmp_path):
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image

    facts = Facts(
        operation="Karibu",
        qr=f"HTTPS://AIDLOG.EXAMPLE/W/{trip.number}/{trip.check}/{token(session, trip.number)}",
        printed_at=FACTS.printed_at,
    )
    if not shutil.which("pdftoppm"):
        pytest.skip("no pdftoppm on this machine")
    page = tmp_path / "page"
    subprocess.run(
        ["pdftoppm", "-r", "110", "-f", "1", "-singlefile", "-png", "-", str(page)],
        input=waybill_pdf(story, facts, *ENGLISH_FIRST),
        check=True,
    )
    with Image.open(page.with_suffix(".png")) as image:
        [code] = zxingcpp.read_barcodes(image)
    assert code.text == facts.qr
    for hidden in (trip.site.code, trip.site.name, trip.origin.name, "Driver One"):
        assert hidden.upper() not in code.text.upper()


def test_a_long_waybill_goes_on_under_the_same_header(session, trip):
    with writing(session):
        number = len(trip.lots)
        item = make_item(session, name="Blanket, synthetic, medium thermal, 1.5 × 2 m")
        trip.lots = [
            make_lot(session, warehouse=trip.origin, item=item, quantity=20) for _ in range(30)
        ]
        prepare(session, trip, *(20 for _ in trip.lots))
        planner = make_actor(session, Role.PLANNER)
    assert number == 4
    pages = words_of(waybill_pdf(story_of(session, planner, trip.number), FACTS, *ENGLISH_FIRST))
    assert len(pages) % 4 == 0
    per_copy = len(pages) // 4
    assert per_copy > 1
    for place, page in enumerate(pages[:per_copy], start=1):
        assert trip.number in page
        assert f"page {place} of {per_copy}" in page
        assert "Copy 1 of 4" in page
    listed = "".join(pages[:per_copy])
    assert all(lot.number in listed for lot in trip.lots)
    assert listed.count("Count before you sign") == 1


def test_the_same_waybill_is_the_same_file(story):
    assert waybill_pdf(story, FACTS, *ENGLISH_FIRST) == waybill_pdf(story, FACTS, *ENGLISH_FIRST)


def test_the_font_has_the_letters_of_our_languages():
    from reportlab.pdfbase.pdfmetrics import getFont

    assert width_of("ɔ ɛ", 9) > 0
    known = getFont("DejaVu").face.charToGlyph
    for letter in "ɔɛ\u202f’×–àâçéèêëîïôùûüœŒÀÉ→✓":
        assert ord(letter) in known, letter


def test_a_word_wider_than_its_column_is_broken_and_not_lost():
    assert "".join(broken("LOT-2026-11-VERYLONGNUMBER-0001", 20, 8)) == (
        "LOT-2026-11-VERYLONGNUMBER-0001"
    )
    assert all(width_of(line, 8) <= 20 for line in broken("one two three four five six", 20, 8))


def test_expiry_is_written_without_doubt_about_day_and_month(story):
    [page, *_copies] = words_of(waybill_pdf(story, FACTS, *ENGLISH_FIRST))
    expires = next(line.expires_on for line in story.lines if line.expires_on)
    assert isinstance(expires, date)
    assert expires.isoformat() in page
