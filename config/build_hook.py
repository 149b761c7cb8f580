"""Compile the catalogues when the package is built or installed in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    """Write a .mo beside every .po; a wheel and a working copy then speak all languages."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every catalogue below aidlog/translations."""
        for source in Path(self.root, "aidlog", "translations").glob("*/LC_MESSAGES/*.po"):
            with source.open("rb") as file:
                catalogue = read_po(file)
            with source.with_suffix(".mo").open("wb") as file:
                write_mo(file, catalogue)
