"""The columns of a list of needs: what was assessed, and what sites ask for."""

from __future__ import annotations

from datetime import date

from aidlog.core.sheets import Choice, Column, Kind, SheetPlan
from aidlog.core.text import N_
from aidlog.needs.importing_population import CONFIDENCES
from aidlog.registry.item_words import OF_STOCK

ASSESSED, ASKED = "assessed", "asked"

_KINDS = (
    Choice(ASSESSED, N_("Assessed"),
           exact=("assessment", "évalué", "évaluation", "tathmini", "isuzuma"),
           like=("assessed need", "survey")),
    Choice(ASKED, N_("Asked for"),
           exact=("requisition", "request", "requested", "demande", "demandé", "ombi", "icyifuzo"),
           like=("asked", "requisition", "réquisition")),
)  # fmt: skip

NEEDS_COLUMNS = SheetPlan(
    "needs",
    N_("Assessed and asked for"),
    N_("What an assessment found a site to need in all, or what a site asks for. Rows of one "
       "request stand under one number."),
    (
        Column(
            field="kind", heading=N_("Kind"), kind=Kind.WORD, choices=_KINDS, required=True,
            for_all=True, note=N_("Assessed, or asked for."),
            also=("type", "need type", "type de besoin"), hxl=("#meta+type",),
            example=("Assessed", "Asked for"),
        ),
        Column(
            field="site_code", heading=N_("Site code"), kind=Kind.TEXT, for_all=True,
            note=N_("A name will do where there is no code and the site is not protected."),
            also=("code", "camp code", "location code", "pcode", "place code", "code du site"),
            hxl=("#loc+code",), example=("S01", "S02"),
        ),
        Column(
            field="site_name", heading=N_("Site"), kind=Kind.TEXT,
            note=N_("For reading along, or where there is no code."),
            also=("site name", "camp", "location", "place", "lieu", "kituo", "nom du site"),
            hxl=("#loc+name", "#loc"), example=("", "Tumaini"),
        ),
        Column(
            field="item_code", heading=N_("Item code"), kind=Kind.TEXT,
            also=("article code", "code article", "sku"),
            hxl=("#item+code",), example=("MATPLA1", "RICE25"),
        ),
        Column(
            field="item_name", heading=N_("Item"), kind=Kind.TEXT,
            note=N_("For reading along, or where there is no code."),
            also=("article", "goods", "description", "item name", "bidhaa", "igikoresho"),
            hxl=("#item+name", "#item"), example=("", ""),
        ),
        Column(
            field="quantity", heading=N_("Quantity"), kind=Kind.DECIMAL, places=6, required=True,
            note=N_("Assessed: what is needed in all, what stands at the site included."),
            also=("qty", "needed", "need", "quantité", "besoin", "idadi", "umubare", "amount"),
            hxl=("#value+item+need", "#value+item", "#need+num"), example=(310, 40),
        ),
        Column(
            field="unit", heading=N_("Unit"), kind=Kind.WORD, choices=OF_STOCK, required=True,
            for_all=True, note=N_("Piece, kilogram, litre, or a pack such as bale or carton."),
            also=("uom", "unit of measure", "unité", "kipimo", "igipimo"),
            hxl=("#item+unit",), example=("piece", "bag"),
        ),
        Column(
            field="day", heading=N_("Day"), kind=Kind.DATE, required=True, for_all=True,
            note=N_("The day it was assessed or asked."),
            also=("date", "assessed on", "asked on", "date de la demande", "tarehe", "itariki"),
            hxl=("#date", "#date+reported", "#date+occurred"),
            example=(date(2026, 11, 2), date(2026, 11, 3)),
        ),
        Column(
            field="until", heading=N_("Until"), kind=Kind.DATE,
            note=N_("Until when an assessment holds, or by when goods are needed."),
            also=("valid until", "needed by", "required by", "jusqu'au", "besoin avant le"),
            hxl=("#date+end",), example=(date(2027, 1, 31), ""),
        ),
        Column(
            field="source", heading=N_("Source"), kind=Kind.TEXT, required=True, for_all=True,
            longest=120, note=N_("Who assessed it, or who asks."),
            also=("assessed by", "asked by", "requested by", "demandeur", "chanzo", "inkomoko"),
            hxl=("#meta+source",), example=("Shelter team", "Site committee"),
        ),
        Column(
            field="method", heading=N_("Method"), kind=Kind.TEXT, longest=200,
            note=N_("How it was assessed."), also=("méthode", "methodology"),
            hxl=("#meta+method",), example=("Every shelter was looked at", ""),
        ),
        Column(
            field="confidence", heading=N_("How sure"), kind=Kind.WORD, choices=CONFIDENCES,
            for_all=True, note=N_("Of an assessment: counted, registered or estimated."),
            also=("confidence", "quality", "fiabilité"), example=("Counted", ""),
        ),
        Column(
            field="reason", heading=N_("Reason"), kind=Kind.TEXT, for_all=True, longest=400,
            note=N_("Of a request: why it is needed."),
            also=("why", "justification", "motif", "sababu", "impamvu"),
            example=("", "Stores got wet when the roof leaked"),
        ),
        Column(
            field="paper", heading=N_("Request number"), kind=Kind.CODE, longest=60, for_all=True,
            note=N_("The number on the paper; rows of one site and number are one request."),
            also=("requisition number", "request no", "reference", "numéro de demande"),
            hxl=("#meta+reference",), example=("", "14/26"),
        ),
    ),
)  # fmt: skip
