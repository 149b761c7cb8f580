"""Pictures of goods are kept as pixels only: no place, no time, no camera, nothing hidden."""

from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.donations.models import GoodsPhoto, GoodsReceived
from aidlog.donations.photos import (
    LARGEST_FILE,
    LONGEST_SIDE,
    MOST_PHOTOS,
    AddPhoto,
    NotAPhoto,
    add_photo,
    clean,
    keep,
    path_of,
)
from aidlog.extensions import db
from aidlog.registry.roles import Role
from tests.factories import (
    command_id,
    make_actor,
    make_lot,
    make_organisation,
    make_person,
    make_warehouse,
)
from tests.signing import sign_in

GPS, ORIENTATION = 0x8825, 0x0112


def picture(kind="JPEG", size=(60, 40), **more):
    file = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind, **more)
    return file.getvalue()


def located(kind="JPEG"):
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    exif.get_ifd(GPS).update({1: "S", 2: (1.0, 40.0, 12.0), 3: "E", 4: (29.0, 13.0, 5.0)})
    return picture(kind, exif=exif.tobytes())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_coordinates_are_kept(kind):
    sent = located(kind)
    assert Image.open(BytesIO(sent)).getexif().get_ifd(GPS)
    kept = clean(sent)
    opened = Image.open(BytesIO(kept))
    assert opened.format == "JPEG"
    assert dict(opened.getexif()) == {}
    assert b"Exif" not in kept
    assert b"Secret camera" not in kept


def test_nothing_written_into_a_file_is_kept():
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "1.6 S 29.2 E")
    kept = clean(picture("PNG", pnginfo=words) + b"trailing 1.6 S 29.2 E")
    assert b"29.2" not in kept


def test_a_picture_stands_as_the_camera_was_held():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    assert Image.open(BytesIO(clean(picture(exif=exif.tobytes())))).size == (40, 60)


def test_a_large_picture_is_made_smaller():
    assert max(Image.open(BytesIO(clean(picture(size=(4000, 3000))))).size) == LONGEST_SIDE


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture("GIF"),
     picture("BMP"), picture()[:-200], b"\xff\xd8\xff" + bytes(100), bytes(LARGEST_FILE + 1)],
)  # fmt: skip
def test_what_is_no_whole_picture_is_refused(content):
    with pytest.raises(NotAPhoto):
        clean(content)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_picture_whose_camera_facts_are_damaged_is_refused_or_cleaned():
    """Bytes turned in what the camera wrote: an answer, never an error of the program."""
    whole = located()
    start = whole.index(b"Exif")
    random = Random(7)
    for _ in range(1_500):
        harmed = bytearray(whole)
        for _ in range(4):
            harmed[start + random.randrange(160)] = random.randrange(256)
        try:
            assert Image.open(BytesIO(clean(bytes(harmed)))).format == "JPEG"
        except NotAPhoto:
            continue


def test_the_same_picture_is_kept_once(tmp_path):
    first, second = keep(tmp_path, clean(picture())), keep(tmp_path, clean(picture()))
    assert first == second
    assert path_of(tmp_path, first).read_bytes() == clean(picture())
    assert len([file for file in tmp_path.rglob("*") if file.is_file()]) == 1


@pytest.fixture
def note(session):
    """A storekeeper and a note of a warehouse."""
    with writing(session):
        warehouse = make_warehouse(session)
        make_lot(session, warehouse=warehouse)
        keeper = make_actor(session, Role.STOREKEEPER, place=warehouse)
    return keeper, session.scalars(select(GoodsReceived.id)).one()


def add(session, actor, note_id, digest="a" * 64):
    command = AddPhoto(command_id=command_id(), note_id=note_id, sha256=digest, size=900)
    with writing(session):
        return once(session, actor, command, add_photo)


def test_a_picture_is_kept_with_its_note_once(session, note):
    keeper, note_id = note
    assert add(session, keeper, note_id) == add(session, keeper, note_id)
    assert len(session.scalars(select(GoodsPhoto)).all()) == 1


def test_only_who_receives_there_adds_a_picture(session, note):
    _, note_id = note
    with writing(session):
        elsewhere = make_actor(session, Role.STOREKEEPER, place=make_warehouse(session))
        other = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
    with pytest.raises(NotAllowed):
        add(session, elsewhere, note_id)
    with pytest.raises(NotFound):
        add(session, other, note_id)


def test_a_note_holds_so_many_pictures(session, note):
    keeper, note_id = note
    for number in range(MOST_PHOTOS):
        add(session, keeper, note_id, f"{number:064x}")
    with pytest.raises(NotAPhoto):
        add(session, keeper, note_id, "f" * 64)


def test_a_picture_is_sent_seen_and_hidden_from_others(app):
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        session = db.session()
        with writing(session):
            warehouse = make_warehouse(session)
            make_lot(session, warehouse=warehouse)
            keeper = make_person(session, Role.STOREKEEPER, place=warehouse).id
            other = make_person(
                session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
            ).id
        code = session.scalars(
            select(Document.code).join(GoodsReceived, GoodsReceived.document_id == Document.id)
        ).one()
        db.session.remove()
    client = sign_in(app.test_client(), keeper)
    path = f"/documents/{code}/photos"
    fields = {"command_id": command_id(), "photo": (BytesIO(b"no"), "x.jpg")}
    assert client.post(path, data=fields).status_code == 422
    fields = {"command_id": command_id(), "photo": (BytesIO(located()), "IMG_1.6S_29.2E.jpg")}
    assert client.post(path, data=fields).status_code == 303
    with app.app_context():
        photo = db.session().scalars(select(GoodsPhoto)).one()
        assert path_of(Path(app.config["AIDLOG"].data_dir), photo.sha256).is_file()
        shown = f"/photos/{photo.id}"
        db.session.remove()
    assert shown in client.get(path).get_data(as_text=True)
    with client.get(shown) as answer:
        assert answer.data.startswith(b"\xff\xd8")
    assert sign_in(app.test_client(), other).get(shown).status_code == 404
