"""What an .xlsx file must be before anything parses it.

A workbook is a zip of XML written by a stranger. One megabyte of it can unpack to a
gigabyte, hide a macro, or hold two parts of one name so that two programs read two
different things. Each part is unpacked here once, counting as it goes, and thrown away.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message

#: A workbook that people fill in has a few dozen parts and unpacks to a few megabytes.
MOST_BYTES = 20 * 2**20
MOST_PARTS = 200
MOST_UNPACKED = 50 * 2**20
MOST_RATIO = 100

_SMALL = 2**20
_CHUNK = 2**16
_SAVE_AS = N_("Open it in a spreadsheet program and save it as an Excel workbook (.xlsx).")
_DOCTYPES = tuple(
    marker.encode(encoding)
    for marker in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)


def check_container(data: bytes) -> None:
    """Refuse ``data`` unless it is a plain, bounded .xlsx container.

    Raises:
        Refusal: empty, not a zip, encrypted or old format, damaged, more than
            :data:`MOST_PARTS` parts, more than :data:`MOST_UNPACKED` bytes unpacked or
            :data:`MOST_RATIO` times its size, a part that stands twice, a macro, or a
            document type declaration.
    """
    _refuse_other_formats(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive.infolist(), len(data))
            for part in archive.infolist():
                _unpack(archive, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise Refusal(
            Message(N_("The workbook is damaged or was cut off. Copy or save it again."))
        ) from error


def _refuse_other_formats(data: bytes) -> None:
    if not data:
        raise Refusal(Message(N_("The file is empty. Save the workbook again.")))
    if len(data) > MOST_BYTES:
        raise Refusal(
            Message(
                N_(
                    "The file has {size} MB; a workbook may have {most} MB. Remove pictures "
                    "and sheets that are not needed."
                ),
                {"size": -(-len(data) // 2**20), "most": MOST_BYTES // 2**20},
            )
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal(
            Message(
                N_(
                    "This is an old .xls workbook or one locked with a password. Save it as "
                    "an Excel workbook (.xlsx) without a password."
                )
            )
        )
    if not data.startswith(b"PK\x03\x04"):
        raise Refusal(
            Message(N_("This is not an .xlsx workbook. {remedy}"), {"remedy": Message(_SAVE_AS)})
        )


def _check_directory(parts: list[zipfile.ZipInfo], packed: int) -> None:
    names = [part.filename.replace("\\", "/").casefold() for part in parts]
    if len(parts) > MOST_PARTS:
        raise Refusal(
            Message(
                N_(
                    "The workbook has {parts} parts; {most} is the most. Copy the filled rows "
                    "into a fresh template."
                ),
                {"parts": len(parts), "most": MOST_PARTS},
            )
        )
    if len(set(names)) != len(names):
        raise Refusal(
            Message(
                N_(
                    "The workbook holds one part twice, so two programs would read it "
                    "differently. {remedy}"
                ),
                {"remedy": Message(_SAVE_AS)},
            )
        )
    if any(part.flag_bits & 0x1 for part in parts):
        raise Refusal(Message(N_("The workbook is locked with a password. Save it without one.")))
    if any(name.rsplit("/", 1)[-1].startswith(("vbaproject", "vbadata")) for name in names):
        raise Refusal(Message(N_("The workbook holds macros. Save it as .xlsx, which has none.")))
    if "xl/workbook.xml" not in names or "[content_types].xml" not in names:
        raise Refusal(
            Message(N_("This is not an .xlsx workbook. {remedy}"), {"remedy": Message(_SAVE_AS)})
        )
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or unpacked > max(_SMALL, MOST_RATIO * packed):
        raise _too_large()


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpack one part to nowhere: its true size, its checksum, its forbidden words."""
    size = 0
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > max(_SMALL, MOST_RATIO * part.compress_size):
                raise _too_large()
            window = tail + chunk
            if any(marker in window for marker in _DOCTYPES):
                raise Refusal(
                    Message(
                        N_(
                            "The workbook holds a document type declaration, which no "
                            "spreadsheet program writes. {remedy}"
                        ),
                        {"remedy": Message(_SAVE_AS)},
                    )
                )
            if part.filename == "[Content_Types].xml" and b"macroEnabled" in window:
                raise Refusal(
                    Message(N_("The workbook holds macros. Save it as .xlsx, which has none."))
                )
            tail = chunk[-32:]


def _too_large() -> Refusal:
    return Refusal(
        Message(
            N_(
                "The workbook unpacks to more than {most} MB or more than {ratio} times its "
                "size. Copy the filled rows into a fresh template."
            ),
            {"most": MOST_UNPACKED // 2**20, "ratio": MOST_RATIO},
        )
    )
