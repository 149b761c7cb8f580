"""After act three: a picture of what came torn, and a maker's recall."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path

from sqlalchemy import select

from aidlog.cli.demo_operation.giving import PLANNER, STOREKEEPER
from aidlog.cli.demo_operation.stage import Stage
from aidlog.donations.models import GoodsReceived, GoodsReceivedLine
from aidlog.donations.photos import AddPhoto, add_photo, clean, keep
from aidlog.stock.models import Lot
from aidlog.stock.recalling import OpenRecall, open_recall

RECALLED, WHY = "OR-1", "The maker writes that sachets of this lot let moisture in."

#: The picture is drawn: a tarpaulin on the ground, and a tear across it.
_WIDE, _HIGH = 480, 320
_GROUND, _SHEET, _EDGE, _TEAR = "#8a7358", "#2f6f9f", "#dfe7ec", "#3b2f24"


def warn(stage: Stage, data_dir: Path) -> None:
    """Keep a picture with the note of what came torn, and recall a lot.

    The picture lies in the demo's ``data_dir`` and in the one around it: the keys are kept
    there, and who serves or verifies the demo's database later does so from there.
    """
    picture = clean(_drawn())
    digest = keep(data_dir, picture)
    keep(data_dir.parent, picture)
    stage.do(STOREKEEPER, partial(_photo, stage, digest, len(picture)), add_photo)
    stage.do(PLANNER, partial(_recall, stage), open_recall)


def _photo(stage: Stage, digest: str, size: int, id_: str) -> AddPhoto:
    torn = stage.session.scalars(
        select(GoodsReceived.id)
        .join(GoodsReceivedLine, GoodsReceivedLine.note_id == GoodsReceived.id)
        .where(GoodsReceivedLine.damaged > 0)
        .order_by(GoodsReceived.id)
    ).first()
    assert torn is not None, "something of the demo came torn"
    return AddPhoto(command_id=id_, note_id=torn, sha256=digest, size=size)


def _recall(stage: Stage, id_: str) -> OpenRecall:
    lot = stage.session.scalars(select(Lot).where(Lot.number == RECALLED)).one()
    return OpenRecall(command_id=id_, lots=(lot.id,), why=WHY)


def _drawn() -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (_WIDE, _HIGH), _GROUND)
    pen = ImageDraw.Draw(picture)
    pen.polygon([(60, 70), (420, 50), (440, 270), (40, 280)], fill=_SHEET, outline=_EDGE, width=4)
    pen.line([(150, 110), (200, 160), (190, 190), (270, 230)], fill=_TEAR, width=9)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
