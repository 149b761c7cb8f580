"""The catalogues against the sentences in the code.

``python -m tests.i18n.catalogues`` writes newly found sentences into every catalogue, keeps
what is translated, drops what no longer stands in the code, and prints what is missing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "aidlog" / "translations"
LANGUAGES = ("fr", "sw", "rw")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "ngettext": (1, 2),
    "N_": None,
}
#: Stands above a translation that no native speaker has confirmed.
UNCERTAIN = "uncertain"
GAP = re.compile(r"\{\w+[^}]*\}|%\(\w+\)[sd]")


def sentences() -> Catalog:
    """Return every marked sentence of the code and the templates."""
    found = Catalog(project="aidlog")
    for name, line, message, comments, context in extract_from_dir(
        ROOT,
        method_map=[("aidlog/**.py", "python"), ("aidlog/web/templates/**.html", "jinja2")],
        options_map={"aidlog/web/templates/**.html": {"trimmed": "true", "silent": "false"}},
        keywords=KEYWORDS,
        directory_filter=lambda path: Path(path).name not in {".venv", "static", "tests"},
    ):
        del line, comments
        found.add(message, locations=[(name, 0)], context=context)
    return found


def catalogue(language: str) -> Catalog:
    """Return the catalogue of ``language`` as it stands, empty where there is none."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale=language, project="aidlog", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def gaps(text: str) -> set[str]:
    """Return the gaps of a sentence as they are written: {name} or %(name)s."""
    return set(GAP.findall(text))


def write(language: str, known: Catalog) -> None:
    """Write a catalogue in one order and without dates, so that a change shows what changed."""
    known.header_comment = f"# {known.locale.english_name} for aidlog. Licence: Apache-2.0."
    known.project, known.version = "aidlog", ""
    known.msgid_bugs_address = known.last_translator = known.language_team = ""
    known.creation_date = known.revision_date = datetime(2026, 11, 24, tzinfo=UTC)
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, known, width=98, no_location=True, sort_output=True)


def update() -> None:
    """Bring every catalogue to the sentences of the code; print what is to be translated."""
    found = sentences()
    for language in LANGUAGES:
        known = catalogue(language)
        known.update(found, no_fuzzy_matching=True, update_header_comment=False)
        known.obsolete.clear()
        write(language, known)
        missing = [message.id for message in known if message.id and not _translated(message)]
        print(f"{language}: {len(known)} sentences, {len(missing)} missing")


def _translated(message: object) -> bool:
    string = message.string  # type: ignore[attr-defined]
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    update()
