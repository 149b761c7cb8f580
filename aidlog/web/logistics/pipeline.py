"""The pipeline: what runs out when, and what comes before it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from aidlog.core.actor import Permission
from aidlog.extensions import db
from aidlog.planning.choices import Certainty
from aidlog.reports.pipeline import Pipeline, PipelineRow, Sight, pipeline
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics.certainty_words import CERTAINTIES
from aidlog.web.logistics.needs_words import short_names
from aidlog.web.logistics.pipeline_chart import pipeline_chart

bp = Blueprint("pipeline", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; whatever it cannot mean is left out."""

    by_month: bool
    counted: tuple[Certainty, ...]
    category: str
    only_breaks: bool
    item: str

    def address(self, endpoint: str = "pipeline.show", **changes: object) -> str:
        """Return the address of this view with ``changes``; None drops a part."""
        parts: dict[str, object] = {
            "by": "month" if self.by_month else None,
            "count": [kind.value for kind in self.counted]
            if len(self.counted) < len(Certainty)
            else None,
            "category": self.category or None,
            "only": "breaks" if self.only_breaks else None,
            "item": self.item or None,
        } | changes
        kept = {name: value for name, value in parts.items() if value is not None}
        return f"{url_for(endpoint)}?{urlencode(kept, doseq=True)}"


@bp.get("/pipeline")
@requires(Permission.PLAN_VIEW)
def show() -> ResponseReturnValue:
    """Show of each item what is there, what comes, what is needed, and when it runs out."""
    asked = _asked()
    found = _pipeline(asked)
    rows = _rows(found, asked)
    chosen = next((row for row in rows if row.item.code == asked.item), rows[0] if rows else None)
    return render_template(
        "logistics/pipeline.html",
        asked=asked,
        found=found,
        rows=rows,
        chosen=chosen,
        chart=pipeline_chart(chosen.outlook, chosen.projection) if chosen else None,
        certainties=CERTAINTIES,
        short=short_names([row.item for row in rows], language()),
    )


@bp.get("/pipeline.xlsx")
@requires(Permission.PLAN_VIEW)
def workbook() -> ResponseReturnValue:
    """Send the same pipeline as a workbook, with the periods of every item."""
    from aidlog.reports.pipeline_workbook import write_pipeline_workbook

    asked = _asked()
    found = _pipeline(asked)
    words = {kind: str(words) for kind, words in CERTAINTIES.items()}
    book = write_pipeline_workbook(found, _rows(found, asked), words, language(), say)
    return send_file(
        BytesIO(book),
        mimetype=XLSX,
        as_attachment=True,
        download_name=f"pipeline-{found.today}-restricted.xlsx",
    )


def _pipeline(asked: Asked) -> Pipeline:
    sight = Sight(
        today=datetime.now(UTC).date(),
        by_month=asked.by_month,
        counted=asked.counted,
        category=asked.category or None,
    )
    return pipeline(db.session(), actor(), sight)


def _rows(found: Pipeline, asked: Asked) -> list[PipelineRow]:
    return [row for row in found.rows if row.projection.breaks or not asked.only_breaks]


def _asked() -> Asked:
    given = request.args
    kinds = {kind.value: kind for kind in Certainty}
    counted = [kinds[name] for name in given.getlist("count") if name in kinds]
    return Asked(
        by_month=given.get("by") == "month",
        counted=tuple(dict.fromkeys(counted)) or tuple(Certainty),
        category=given.get("category", "")[:80],
        only_breaks=given.get("only") == "breaks",
        item=given.get("item", "")[:80],
    )
