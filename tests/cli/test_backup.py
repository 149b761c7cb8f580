"""aidlog backup and aidlog restore: whole, proven, or refused; on both databases."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session

from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.donations.models import GoodsReceived
from aidlog.donations.photos import AddPhoto, add_photo, keep, path_of
from aidlog.registry.roles import Role
from tests.cli.test_books import break_in
from tests.factories import command_id, make_actor, make_lot, make_warehouse
from tests.postgres import programs


@pytest.fixture(autouse=True)
def _postgres_programs_on_path(monkeypatch):
    """pg_dump must be as new as the server: take the one that came with it."""
    if folder := programs():
        monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.fixture
def stocked(session, database, installed):
    with writing(session):
        warehouse = make_warehouse(session)
        for quantity in (40, 25):
            make_lot(session, warehouse=warehouse, quantity=quantity)
    session.close()
    installed(database)


@pytest.fixture
def empty_place(request, database, tmp_path) -> Iterator[str]:
    """Another, empty database of the same kind: the machine that the backup is carried to."""
    if database.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'other' / 'aidlog.db'}"
        return
    import psycopg

    server = request.getfixturevalue("postgres_template")[0]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE carried")
        yield make_url(database).set(database="carried").render_as_string(hide_password=False)
        connection.execute("DROP DATABASE carried WITH (FORCE)")


def quantities(url) -> list[int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT on_hand FROM stock_balance WHERE kind = 'warehouse' ORDER BY lot_id")
        )
        rows = list(found.scalars())
    engine.dispose()
    return rows


def test_a_backup_is_restored_on_another_machine_and_verified(
    stocked, database, empty_place, tmp_path, installed, aidlog
):
    made = aidlog("backup", tmp_path / "b.zip")
    assert made.exit_code == 0, made.stderr
    installed(empty_place)
    back = aidlog("restore", tmp_path / "b.zip")
    assert back.exit_code == 0, back.stderr
    seal = made.stdout.rsplit(" ", 1)[1].strip().rstrip(".")
    assert seal in back.stdout, "the line that was kept apart is found again"
    assert quantities(empty_place) == [40, 25]
    assert aidlog("verify").exit_code == 0
    assert aidlog("migrate").exit_code == 0


def test_the_manifest_counts_what_is_in_the_copy(stocked, tmp_path, aidlog):
    aidlog("backup", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["rows"]["stock_movement"] == 2
    assert manifest["rows"]["lot"] == 2
    assert manifest["chain_entry"] == manifest["rows"]["audit_entry"] == 2
    assert manifest["last_movement"] == 2


def test_a_backup_made_while_people_work_holds_one_moment(
    stocked, engine, database, empty_place, tmp_path, installed, aidlog
):
    """Whatever was committed before it began is in it, and nothing is half in it."""
    stop = threading.Event()
    done = []

    def receive():
        with Session(engine) as own:
            with writing(own):
                warehouse = make_warehouse(own)
            while not stop.is_set():
                with writing(own):
                    make_lot(own, warehouse=warehouse, quantity=7)
                done.append(1)

    worker = threading.Thread(target=receive)
    worker.start()
    while len(done) < 5:
        stop.wait(0.01)
    known = len(done)
    made = aidlog("backup", tmp_path / "b.zip")
    stop.set()
    worker.join()
    engine.dispose()
    assert made.exit_code == 0, made.stderr
    installed(empty_place)
    back = aidlog("restore", tmp_path / "b.zip")
    assert back.exit_code == 0, back.stderr
    assert known <= quantities(empty_place).count(7) <= len(done)


def test_a_backup_is_never_written_over(stocked, tmp_path, aidlog):
    (tmp_path / "b.zip").write_text("somebody's only copy")
    result = aidlog("backup", tmp_path / "b.zip")
    assert result.exit_code == 1
    assert (tmp_path / "b.zip").read_text() == "somebody's only copy"


def test_a_backup_into_a_folder_is_named_by_its_hour_and_readable_by_its_owner_only(
    stocked, tmp_path, aidlog
):
    (tmp_path / "backups").mkdir()
    aidlog("backup", tmp_path / "backups")
    (made,) = (tmp_path / "backups").iterdir()
    assert made.match("aidlog-????????-??????.zip")
    assert made.stat().st_mode & 0o077 == 0


def test_the_audit_key_is_not_in_the_backup(stocked, tmp_path, aidlog):
    from tests.conftest import TEST_KEY

    aidlog("backup", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert all(TEST_KEY.encode() not in archive.read(name) for name in archive.namelist())


def test_books_that_do_not_hold_are_not_put_in_place(
    stocked, database, empty_place, tmp_path, installed, aidlog
):
    break_in(database, "UPDATE stock_balance SET on_hand = 39 WHERE on_hand = 40")
    assert aidlog("backup", tmp_path / "b.zip").exit_code == 0
    installed(empty_place)
    result = aidlog("restore", tmp_path / "b.zip")
    assert result.exit_code == 1
    assert "a balance is the sum of its movements" in result.stderr
    if empty_place.startswith("sqlite"):
        assert not (tmp_path / "other" / "aidlog.db").exists()


def test_a_backup_sealed_with_another_key_says_which_setting_to_look_at(
    stocked, empty_place, tmp_path, installed, aidlog
):
    aidlog("backup", tmp_path / "b.zip")
    installed(empty_place, key="another key")
    result = aidlog("restore", tmp_path / "b.zip")
    assert result.exit_code == 1
    assert "AIDLOG_AUDIT_KEY" in result.stderr


def test_a_restore_does_not_overwrite_what_is_there(stocked, database, tmp_path, aidlog):
    aidlog("backup", tmp_path / "b.zip")
    result = aidlog("restore", tmp_path / "b.zip")
    assert result.exit_code == 1
    assert quantities(database) == [40, 25]


@pytest.fixture
def on_sqlite(make_engine, sqlite_url, installed):
    engine = make_engine(sqlite_url)
    with Session(engine) as session, writing(session):
        make_lot(session, warehouse=make_warehouse(session), quantity=40)
    installed(sqlite_url)
    return engine


def test_replace_sets_what_was_there_aside(on_sqlite, sqlite_url, tmp_path, aidlog):
    aidlog("backup", tmp_path / "b.zip")
    with Session(on_sqlite) as session, writing(session):
        make_lot(session, warehouse=make_warehouse(session), quantity=9)
    on_sqlite.dispose()
    result = aidlog("restore", tmp_path / "b.zip", "--replace")
    assert result.exit_code == 0, result.stderr
    assert quantities(sqlite_url) == [40]
    (aside,) = tmp_path.glob("aidlog.db.before-restore-*")
    assert quantities(f"sqlite:///{aside}") == [40, 9]


def test_a_database_in_use_is_not_replaced(on_sqlite, sqlite_url, tmp_path, aidlog):
    aidlog("backup", tmp_path / "b.zip")
    with on_sqlite.connect() as open_elsewhere:
        open_elsewhere.execute(text("SELECT COUNT(*) FROM lot"))
        result = aidlog("restore", tmp_path / "b.zip", "--replace")
    assert result.exit_code == 1
    assert "Stop aidlog" in result.stderr
    assert quantities(sqlite_url) == [40]


def _a_stretch_of_the_database(content: bytes) -> bytes:
    """Turn 64 bytes over; one bit alone can fall where deflate does not read it."""
    middle = len(content) // 3
    turned = bytes(byte ^ 0xFF for byte in content[middle : middle + 64])
    return content[:middle] + turned + content[middle + 64 :]


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[: len(content) // 2],
        _a_stretch_of_the_database,
        lambda _: b"",
        lambda _: b"SQLite format 3\x00",
    ],
    ids=["cut", "turned bytes", "empty", "another file"],
)
def test_a_damaged_backup_is_refused_in_a_sentence(on_sqlite, sqlite_url, tmp_path, aidlog, harm):
    aidlog("backup", tmp_path / "b.zip")
    whole = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "harmed.zip").write_bytes(harm(whole))
    on_sqlite.dispose()
    result = aidlog("restore", tmp_path / "harmed.zip", "--replace")
    assert result.exit_code == 1
    assert result.stderr.endswith("Take another copy.\n")
    assert quantities(sqlite_url) == [40]


def test_a_copy_that_lost_its_tail_does_not_pass_its_manifest(
    on_sqlite, sqlite_url, tmp_path, aidlog
):
    """An older database under a newer manifest: every inner check would pass."""
    aidlog("backup", tmp_path / "old.zip")
    with Session(on_sqlite) as session, writing(session):
        make_lot(session, warehouse=make_warehouse(session), quantity=9)
    aidlog("backup", tmp_path / "new.zip")
    with (
        zipfile.ZipFile(tmp_path / "old.zip") as old,
        zipfile.ZipFile(tmp_path / "new.zip") as new,
        zipfile.ZipFile(tmp_path / "forged.zip", "w") as forged,
    ):
        manifest = json.loads(new.read("manifest.json"))
        manifest["sha256"] = json.loads(old.read("manifest.json"))["sha256"]
        forged.writestr("manifest.json", json.dumps(manifest))
        forged.writestr("aidlog.db", old.read("aidlog.db"))
    on_sqlite.dispose()
    result = aidlog("restore", tmp_path / "forged.zip", "--replace")
    assert result.exit_code == 1
    assert "last_movement" in result.stderr
    assert quantities(sqlite_url) == [40, 9]


@pytest.mark.pg
def test_without_pg_dump_a_sentence_says_what_to_install(
    postgres_url, installed, tmp_path, monkeypatch, aidlog
):
    installed(postgres_url)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = aidlog("backup", tmp_path / "b.zip")
    assert result.exit_code == 1
    assert "pg_dump is not installed" in result.stderr
    assert not (tmp_path / "b.zip").exists()


def test_pictures_travel_with_the_backup(stocked, empty_place, tmp_path, installed, aidlog):
    content = b"a picture, as far as a backup knows"
    digest = hashlib.sha256(content).hexdigest()
    kept = tmp_path / "installation" / "photos" / digest[:2] / f"{digest}.jpg"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)
    assert aidlog("backup", tmp_path / "b.zip").exit_code == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.read(f"photos/{digest}.jpg") == content
    kept.unlink()
    installed(empty_place)
    assert aidlog("restore", tmp_path / "b.zip").exit_code == 0
    assert kept.read_bytes() == content


@pytest.mark.parametrize("harm", ["gone", "another", None])
def test_verify_names_the_note_whose_picture_is_gone_or_another(
    session, stocked, database, tmp_path, aidlog, harm
):
    note, code = session.execute(
        select(GoodsReceived.id, Document.code)
        .join(Document, Document.id == GoodsReceived.document_id)
        .limit(1)
    ).one()
    session.rollback()
    content = b"a picture, as far as the books know"
    with writing(session):
        digest = keep(tmp_path / "installation", content)
        command = AddPhoto(command_id=command_id(), note_id=note, sha256=digest, size=len(content))
        once(session, make_actor(session, Role.STOREKEEPER), command, add_photo)
    session.close()
    kept = path_of(tmp_path / "installation", digest)
    if harm == "gone":
        kept.unlink()
    elif harm == "another":
        kept.write_bytes(b"another picture")
    result = aidlog("verify")
    assert result.exit_code == (1 if harm else 0), result.stderr
    assert (f"A picture of {code} is missing or was changed." in result.stderr) == bool(harm)


def test_a_changed_picture_stops_the_restore(on_sqlite, sqlite_url, tmp_path, aidlog):
    folder = tmp_path / "installation" / "photos" / "aa"
    folder.mkdir(parents=True)
    (folder / f"{'a' * 64}.jpg").write_bytes(b"not what its name says")
    assert aidlog("backup", tmp_path / "b.zip").exit_code == 0
    assert aidlog("restore", tmp_path / "b.zip", "--replace").exit_code == 1
