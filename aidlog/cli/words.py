"""Sentences on the command line and in its files, in the language asked for."""

from __future__ import annotations

from aidlog.reports.words import LANGUAGES, catalogue, speaker, translator

__all__ = ["LANGUAGES", "catalogue", "speaker", "translator"]
