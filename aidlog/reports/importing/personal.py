"""Columns that look like people: told, and left out unless somebody says what they are for.

aidlog needs no names, telephone numbers, papers or positions of those who receive help. A list
that holds them came from another purpose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aidlog.core.spelling import bare
from aidlog.reports.cells import Cell

#: So many cells are looked at, and so large a share (%) of them looks personal.
LOOKED_AT = 200
SHARE = 50

_WORDS = re.compile(
    r"\b("
    r"first name|last name|full name|given name|surname|family name|father|mother|maiden|"
    r"head of (?:the )?(?:household|family|hh)|name of (?:sender|recipient|receiver|beneficiary|"
    r"driver|head|collector|person)|beneficiary name|recipient|respondent|enumerator|"
    r"prenom|nom de famille|nom et prenom|nom complet|chef de (?:menage|famille)|nom du (?:chef|"
    r"beneficiaire|chauffeur)|beneficiaire|jina la (?:mkuu|mtu|kwanza|ukoo)|jina kamili|amazina|"
    r"umukuru w umuryango|"
    r"phone|phone ?\d|telephone|tel|mobile|cell ?phone|whatsapp|gsm|simu|telefoni|fax|"
    r"e ?mail ?\d?|courriel|barua pepe|contact|contact (?:name|person|number)|"
    r"passport|passeport|pasipoti|national id|id (?:no|number|card|document)|nid|indangamuntu|"
    r"carte d identite|no cni|kitambulisho|ration card|progres|registration no|individual id|"
    r"date of birth|dob|birth ?date|birthday|date de naissance|tarehe ya kuzaliwa|"
    r"itariki y amavuko|age in years|"
    r"ethnic\w*|ethnie|tribe|kabila|ubwoko|religion|dini|idini|nationality|nationalite|"
    r"uraia|ubwenegihugu|signature|saini|umukono|thumb ?print|fingerprint|empreinte|biometric\w*|"
    r"photo|health status|disab\w*|handicap\w*|pregnan\w*|hiv"
    r")\b"
)
_POSITIONS = re.compile(
    r"\b(lat|latitude|lon|long|lng|longitude|gps|coordinates?|coordonnees|x coord|y coord|"
    r"point|lat deg|lon deg|centre latitude|centre longitude)\b"
)
_TAGS = ("#contact", "#meta+id", "#affected+name")
_VALUES = (
    re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE),
    re.compile(r"\+?\(?(?:00)?\d{2,3}\)?[ -]?\d{2,3}(?:[ -]?\d{2,3}){2,3}", re.ASCII),
)


def looks_personal(heading: str, tag: str, cells: Sequence[Cell]) -> bool:
    """Say whether a column looks as if it were about single people."""
    if _WORDS.search(bare(heading)) or tag.startswith(_TAGS):
        return True
    texts = [cell.strip() for cell in cells[:LOOKED_AT] if isinstance(cell, str) and cell.strip()]
    if len(texts) < 3:
        return False
    alike = sum(any(form.fullmatch(text) for form in _VALUES) and not _grouped(text)
                for text in texts)  # fmt: skip
    return alike * 100 >= SHARE * len(texts)


def looks_like_a_position(heading: str, tag: str) -> bool:
    """Say whether a column tells where something is on the map."""
    return bool(_POSITIONS.search(bare(heading))) or tag.startswith(("#geo", "#lat", "#lon"))


def _grouped(text: str) -> bool:
    """A large number with spaces between its thousands is not a telephone number."""
    return re.fullmatch(r"\d{1,3}( \d{3})+|\d{1,11}", text, re.ASCII) is not None
