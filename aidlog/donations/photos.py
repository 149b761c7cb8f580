"""Pictures of goods as they came: kept by their hash, without place, time or camera.

What a phone sends is never stored. The picture is decoded and written anew as pixels only, so
that the coordinates a camera writes into its files cannot reach the disk.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.copying import file_hash
from aidlog.db.numbering import Document
from aidlog.donations.models import GoodsPhoto, GoodsReceived

#: What is taken in at most: bytes of a file, pixels of a picture, pictures of a note.
LARGEST_FILE = 8_000_000
MOST_PIXELS = 50_000_000
MOST_PHOTOS = 12
#: The longer side of what is kept, in pixels: enough to see a torn seam.
LONGEST_SIDE = 1_600
_FORMATS = ("JPEG", "PNG", "WEBP")
#: How Pillow says that bytes are no picture; the last two where what a camera wrote is damaged.
_DAMAGED = (OSError, ValueError, SyntaxError, EOFError, struct.error, TypeError)
#: The folder under the data folder; a backup takes it along.
FOLDER = "photos"


class NotAPhoto(Refusal):
    """The file is none of the accepted pictures, or is too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPhoto(Command):
    """Keep a picture with a goods received note; the file lies in its place already."""

    note_id: int
    sha256: str
    size: int


def clean(content: bytes) -> bytes:
    """Return a picture as a JPEG of pixels and nothing else, at most LONGEST_SIDE long.

    The kind is told by the content, never by a name. It is turned as the camera was held.

    Raises:
        NotAPhoto: it is no JPEG, PNG or WebP picture, is damaged, or is too large.
    """
    from PIL import Image, ImageOps

    if len(content) > LARGEST_FILE:
        raise NotAPhoto(
            Message(
                N_("The picture is larger than {size} MB. Take a smaller one."),
                {"size": LARGEST_FILE // 1_000_000},
            ),
            field="photo",
        )
    too_large = False
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            too_large = picture.width * picture.height > MOST_PIXELS
            if not too_large:
                picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (*_DAMAGED, Image.DecompressionBombError) as error:
        raise NotAPhoto(
            Message(N_("This is no whole JPEG, PNG or WebP picture. Choose another file.")),
            field="photo",
        ) from error
    if too_large:
        raise NotAPhoto(
            Message(N_("The picture has too many pixels. Take a smaller one.")), field="photo"
        )
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    kept = BytesIO()
    bare.save(kept, "JPEG", quality=80, optimize=True)
    return kept.getvalue()


def keep(data_dir: Path, picture: bytes) -> str:
    """Write a cleaned picture into its place and to the disk; return its hash.

    Written before the row that names it: a file without a row is a loose end, a row without
    a file would be a lie.
    """
    digest = hashlib.sha256(picture).hexdigest()
    target = path_of(data_dir, digest)
    if target.exists():
        return digest
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(picture)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return digest


def path_of(data_dir: Path, digest: str) -> Path:
    """Return where the picture with a hash lies."""
    assert len(digest) == 64, "a SHA-256 in hexadecimal"
    return data_dir / FOLDER / digest[:2] / f"{digest}.jpg"


def add_photo(session: Session, actor: Actor, command: AddPhoto) -> dict[str, Any]:
    """Keep a picture with a note; return ``{"note_id", "photo"}``.

    Raises:
        NotFound: the note is not the actor's, or not of a place where the actor receives.
        NotAPhoto: the note has as many pictures as it can have.
    """
    note = session.scalars(
        select(GoodsReceived).where(GoodsReceived.id == command.note_id).with_for_update()
    ).one_or_none()
    if note is None:
        raise NotFound(f"note {command.note_id}")
    actor.must_own(note.organisation_id)
    actor.must(Permission.GOODS_RECEIVE, at=note.warehouse_id)
    known = session.scalars(
        select(GoodsPhoto).where(GoodsPhoto.note_id == note.id, GoodsPhoto.sha256 == command.sha256)
    ).one_or_none()
    if known is not None:
        return {"note_id": note.id, "photo": known.id}
    if len(photos_of(session, note.id)) >= MOST_PHOTOS:
        raise NotAPhoto(
            Message(N_("A note holds at most {most} pictures."), {"most": MOST_PHOTOS}),
            field="photo",
        )
    photo = GoodsPhoto(
        note_id=note.id,
        sha256=command.sha256,
        size=command.size,
        added_at=datetime.now(UTC),
        added_by=actor.user_id,
    )
    session.add(photo)
    session.flush()
    return {"note_id": note.id, "photo": photo.id}


def photos_of(session: Session, note_id: int) -> list[GoodsPhoto]:
    """Return the pictures of a note, in the order in which they came."""
    return list(
        session.scalars(
            select(GoodsPhoto).where(GoodsPhoto.note_id == note_id).order_by(GoodsPhoto.id)
        )
    )


def photo_of(session: Session, actor: Actor, photo_id: int) -> GoodsPhoto:
    """Return a picture that the actor may see: who sees the stock of the note's warehouse.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    row = session.execute(
        select(GoodsPhoto, GoodsReceived)
        .join(GoodsReceived, GoodsReceived.id == GoodsPhoto.note_id)
        .where(GoodsPhoto.id == photo_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"photo {photo_id}")
    photo, note = row
    actor.must_own(note.organisation_id)
    actor.must(Permission.STOCK_VIEW, at=note.warehouse_id)
    assert isinstance(photo, GoodsPhoto)
    return photo


def damaged(session: Session, data_dir: Path) -> Iterator[str]:
    """Yield the code of each note for each of its pictures that is gone or is another one."""
    rows = session.execute(
        select(Document.code, GoodsPhoto.sha256)
        .join(GoodsReceived, GoodsReceived.document_id == Document.id)
        .join(GoodsPhoto, GoodsPhoto.note_id == GoodsReceived.id)
        .order_by(GoodsPhoto.id)
    )
    for code, digest in rows:
        path = path_of(data_dir, digest)
        if not path.is_file() or file_hash(path) != digest:
            yield code
