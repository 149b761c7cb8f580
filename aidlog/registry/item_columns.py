"""The columns of a catalogue, and what other people call them."""

from __future__ import annotations

from aidlog.core.sheets import Column, Kind, SheetPlan
from aidlog.core.text import N_
from aidlog.registry.item_words import COUNTED_IN, PACKS_AND_PIECE, URGENCY

ITEM_COLUMNS = SheetPlan(
    "items",
    N_("Items"),
    N_("The catalogue: what is stocked, what it weighs and the packs it comes in."),
    (
        Column(
            field="code", heading=N_("Item code"), kind=Kind.CODE, required=True,
            note=N_("As in the IFRC catalogue where it has one. It never changes."),
            also=("code", "sku", "item no", "item number", "article", "code article",
                  "catalogue no", "code produit", "product code", "material",
                  "namba ya bidhaa", "kode"),
            hxl=("#item+code", "#item+code+v_ifrc"), example=("MATPLA1", "RICE25", "OIL5"),
        ),
        Column(
            field="name_en", heading=N_("Name"), kind=Kind.TEXT, required=True,
            note=N_("What people call it, in English."),
            also=("item", "item name", "item description", "description", "name en", "english name",
                  "name in english",
                  "english", "designation", "désignation", "article description", "product",
                  "nom", "libellé", "jina", "izina", "bidhaa"),
            hxl=("#item+name", "#item+name+en"),
            example=("Plastic mat 180×90", "Rice, 25 kg bag", "Vegetable oil, 5 L"),
        ),
        Column(
            field="name_fr", heading=N_("Name in French"), kind=Kind.TEXT, longest=200,
            also=("name fr", "french", "french name", "français", "nom fr", "nom français"),
            hxl=("#item+name+fr",), example=("Natte en plastique 180×90", "Riz, sac de 25 kg", ""),
        ),
        Column(
            field="name_sw", heading=N_("Name in Swahili"), kind=Kind.TEXT, longest=200,
            also=("name sw", "swahili", "kiswahili"), hxl=("#item+name+sw",),
        ),
        Column(
            field="name_rw", heading=N_("Name in Kinyarwanda"), kind=Kind.TEXT, longest=200,
            also=("name rw", "kinyarwanda", "ikinyarwanda"), hxl=("#item+name+rw",),
        ),
        Column(
            field="category", heading=N_("Category"), kind=Kind.TEXT, for_all=True, longest=40,
            also=("catégorie", "item category", "group", "family", "jamii", "icyiciro", "sector"),
            hxl=("#sector", "#item+type"), example=("bedding", "food", "food"),
        ),
        Column(
            field="base_unit", heading=N_("Counted in"), kind=Kind.WORD, required=True,
            for_all=True, choices=COUNTED_IN,
            note=N_("Piece, kilogram or litre. Stock is counted in it for ever."),
            also=("unit", "base unit", "uom", "unit of measure", "units", "unité", "inventory unit",
                  "kipimo", "igipimo"),
            hxl=("#item+unit",), example=("piece", "kilogram", "litre"),
        ),
        Column(
            field="tier", heading=N_("Urgency"), kind=Kind.WORD, choices=URGENCY, for_all=True,
            note=N_("1 life-saving, 2 important, 3 useful. Empty is 2."),
            also=("tier", "criticality", "priority", "urgence", "criticité"),
            example=("1", "1", "1"),
        ),
        Column(
            field="weight_kg", heading=N_("Weight of one, kg"), kind=Kind.DECIMAL, places=6,
            rounded=True, note=N_("Of one piece or one litre. Empty where it is not known."),
            also=("weight kg", "kg", "weight", "poids", "poids kg", "uzito", "uburemere",
                  "unit weight", "gross weight kg"),
            example=("0.86", "", "0.92"),
        ),
        Column(
            field="volume_l", heading=N_("Volume of one, litres"), kind=Kind.DECIMAL, places=6,
            rounded=True, note=N_("Of one piece or one kilogram. Empty where it is not known."),
            also=("volume litre", "volume litres", "volume l", "litres", "litre",
                  "volume en litres"),
            example=("3", "1.25", ""),
        ),
        Column(
            field="volume_m3", heading=N_("Volume of one, m³"), kind=Kind.DECIMAL, places=9,
            rounded=True, also=("m3", "volume m3", "cbm", "volume"),
        ),
        Column(field="length_cm", heading=N_("Length, cm"), kind=Kind.DECIMAL, places=4,
               rounded=True, also=("length cm", "longueur cm", "length")),
        Column(field="width_cm", heading=N_("Width, cm"), kind=Kind.DECIMAL, places=4,
               rounded=True, also=("width cm", "largeur cm", "width")),
        Column(field="height_cm", heading=N_("Height, cm"), kind=Kind.DECIMAL, places=4,
               rounded=True, also=("height cm", "hauteur cm", "height")),
        Column(
            field="pack_kind", heading=N_("Smallest pack that leaves"), kind=Kind.WORD,
            choices=PACKS_AND_PIECE, for_all=True,
            note=N_("Piece, bale, box, bag … Nothing smaller leaves a warehouse."),
            also=("pack", "pack kind", "pack type", "packaging", "handling unit", "conditionnement",
                  "emballage", "colis", "kifurushi", "ipaki"),
            example=("bale", "bag", "bottle"),
        ),
        Column(
            field="pack_size", heading=N_("In the smallest pack"), kind=Kind.DECIMAL, places=6,
            for_all=True, note=N_("How many pieces, kilograms or litres are in it."),
            also=("pack size", "pack quantity", "units per pack", "qty per pack", "pieces per pack",
                  "quantité par colis", "pack qty"),
            example=(20, 25, 5),
        ),
        Column(
            field="pack2_kind", heading=N_("Larger pack"), kind=Kind.WORD, choices=PACKS_AND_PIECE,
            also=("second pack", "outer pack", "larger pack kind"),
            example=("", "pallet", "carton"),
        ),
        Column(
            field="pack2_size", heading=N_("In the larger pack"), kind=Kind.DECIMAL, places=6,
            also=("larger pack size", "outer pack size"), example=("", 1_000, 20),
        ),
        Column(
            field="source", heading=N_("Where the figures come from"), kind=Kind.TEXT,
            for_all=True, longest=200, also=("source", "reference", "référence", "chanzo"),
        ),
    ),
)  # fmt: skip
