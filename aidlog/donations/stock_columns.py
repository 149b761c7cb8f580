"""The columns of a stock list, and what other people call them."""

from __future__ import annotations

from datetime import date

from aidlog.core.sheets import Choice, Column, Kind, SheetPlan
from aidlog.core.text import N_
from aidlog.donations.receiving import LONGEST_LOT_NUMBER
from aidlog.registry.item_words import OF_STOCK, PACKS_AND_PIECE

GOOD, DAMAGED = "good", "damaged"
_CONDITIONS = (
    Choice(GOOD, N_("Good"), exact=("bon", "bonne", "nzuri", "meza", "ok"),
           like=("new", "usable", "fair", "neuf")),
    Choice(DAMAGED, N_("Damaged"), exact=("endommagé", "abîmé", "zilizoharibika", "ibyangiritse"),
           like=("broken", "torn", "wet", "unfit", "bad", "expired", "quarantine")),
)  # fmt: skip

STOCK_COLUMNS = SheetPlan(
    "stock",
    N_("Stock"),
    N_("What stands in the warehouses when the books begin: one row a lot."),
    (
        Column(
            field="warehouse", heading=N_("Warehouse"), kind=Kind.TEXT, required=True, for_all=True,
            note=N_("Its code or its name."),
            also=("warehouse code", "warehouse name", "store", "location", "entrepôt", "magasin",
                  "dépôt", "ghala", "ububiko"),
            hxl=("#loc+code", "#loc+name", "#loc"), example=("W01", "W01"),
        ),
        Column(
            field="item_code", heading=N_("Item code"), kind=Kind.TEXT,
            note=N_("As in the catalogue. A name will do where there is no code."),
            also=("code", "sku", "article code", "item no", "code article", "product code",
                  "namba ya bidhaa", "kode"),
            hxl=("#item+code", "#item+code+v_ifrc"), example=("MATPLA1", "RICE25"),
        ),
        Column(
            field="item_name", heading=N_("Item"), kind=Kind.TEXT,
            note=N_("For reading along, or where there is no code."),
            also=("item name", "item description", "description", "designation", "désignation",
                  "article", "product", "commodity", "supply item", "jina la bidhaa", "bidhaa",
                  "izina", "ikintu", "nom", "libellé"),
            hxl=("#item+name", "#item"), example=("Plastic mat 180×90", "Rice, 25 kg bag"),
        ),
        Column(
            field="quantity", heading=N_("Quantity"), kind=Kind.DECIMAL, places=6, required=True,
            note=N_("How many of the unit. 0 is none; such rows are passed over."),
            also=("qty", "on hand", "balance", "stock", "stock balance", "quantité", "solde",
                  "en stock", "quantity on hand", "closing balance", "idadi", "zilizopo", "umubare",
                  "ibihari", "physical stock", "amount"),
            hxl=("#value+item", "#capacity+num"), example=(1_200, 150),
        ),
        Column(
            field="unit", heading=N_("Unit"), kind=Kind.WORD, choices=OF_STOCK, required=True,
            for_all=True, note=N_("Piece, kilogram, litre, or a pack such as bale or carton."),
            also=("uom", "unit of measure", "units", "unité", "unité de mesure", "unit type",
                  "kipimo", "igipimo", "packaging unit"),
            hxl=("#item+unit",), example=("piece", "bag"),
        ),
        Column(
            field="pack_kind", heading=N_("Pack"), kind=Kind.WORD, choices=PACKS_AND_PIECE,
            for_all=True, note=N_("What the lot is packed in."),
            also=("pack kind", "pack type", "packaging", "conditionnement", "emballage", "colis",
                  "kifurushi", "ipaki"),
            example=("bale", "bag"),
        ),
        Column(
            field="pack_size", heading=N_("In a pack"), kind=Kind.DECIMAL, places=6, for_all=True,
            note=N_("How many pieces, kilograms or litres are in one pack."),
            also=("pack size", "pack quantity", "units per pack", "qty per pack", "pieces per pack",
                  "quantité par colis", "pack qty"),
            example=(20, 25),
        ),
        Column(
            field="lot", heading=N_("Lot number"), kind=Kind.CODE, longest=LONGEST_LOT_NUMBER,
            note=N_("As printed on the goods. Empty where there is none."),
            also=("lot", "batch", "batch no", "batch number", "lot no", "numéro de lot", "n de lot",
                  "tracking number", "ctn", "bechi", "nimero ya lot"),
            example=("", "B2271"),
        ),
        Column(
            field="expires_on", heading=N_("Expiry date"), kind=Kind.DATE,
            also=("expiry", "expires", "expiration date", "exp date", "exp", "best before", "bbd",
                  "date de péremption", "péremption", "date d'expiration",
                  "tarehe ya kuisha muda", "itariki izarangiriraho", "expires on"),
            hxl=("#date+expiry",), example=("", date(2027, 8, 31)),
        ),
        Column(
            field="donor", heading=N_("Donor"), kind=Kind.TEXT, for_all=True, longest=120,
            note=N_("Who gave it. An organisation's name, not a person's."),
            also=("supplier donor", "supplier", "given by", "donated by", "donateur", "bailleur",
                  "source", "mfadhili", "umuterankunga"),
            hxl=("#org+funder", "#org+funder+name"), example=("Friends of the Lake", ""),
        ),
        Column(
            field="origin", heading=N_("Where it came from"), kind=Kind.TEXT, for_all=True,
            longest=120, also=("origin", "country of origin", "origine"), example=("", ""),
        ),
        Column(
            field="condition", heading=N_("Condition"), kind=Kind.WORD, choices=_CONDITIONS,
            for_all=True, note=N_("Good or damaged. Empty is good; damaged goods are held."),
            also=("state", "quality", "état", "hali", "imiterere"), example=("good", "good"),
        ),
        Column(
            field="counted_on", heading=N_("Counted on"), kind=Kind.DATE, required=True,
            for_all=True, note=N_("The day for which the list holds, such as 2026-11-02."),
            also=("date", "stock date", "as of", "date du stock", "date of count", "tarehe",
                  "itariki"),
            hxl=("#date+reported",), example=(date(2026, 11, 2), date(2026, 11, 2)),
        ),
    ),
)  # fmt: skip
