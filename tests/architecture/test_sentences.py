"""What users read is marked as whole sentences, so that every language can say it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import jinja2
import pytest
from jinja2 import nodes as jinja

from tests.architecture.test_house import SOURCES, calls, name_of

TEMPLATES = Path(__file__).parents[2] / "aidlog" / "web" / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt", ".svg"})
MARKERS = {
    "N_": 1, "_": 1, "gettext": 1, "lazy_gettext": 1, "_l": 1,
    "ngettext": 2, "lazy_ngettext": 2, "pgettext": 2, "npgettext": 3,
}  # fmt: skip
environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def page_of(path: Path) -> jinja.Template:
    return environment.parse(path.read_text(encoding="utf-8"))


def marked() -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCES:
        for call in calls(path, *MARKERS):
            yield f"{name_of(path)}:{call.lineno}", call


def marker(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def percent_gaps(template: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", template))


def brace_gaps(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


#: Where a template arrives in a variable because it was marked elsewhere.
SAYING = {"web/i18n.py", "reports/words.py", "web/forms.py", "web/logistics/stock.py"}

#: Gaps that WTForms fills itself in the message of a validator.
OF_VALIDATORS = {"min", "max", "length"}


def test_a_marked_sentence_is_one_literal():
    """An f-string, a sum or a variable is invisible to translators."""
    broken = [
        f"{where} {ast.unparse(call)[:60]}"
        for where, call in marked()
        if where.split(":")[0] not in SAYING
        if not (call.args and all(is_text(arg) for arg in call.args[: MARKERS[marker(call)]]))
    ]
    assert broken == []


def test_every_gap_of_a_message_is_filled_and_no_value_is_left_over():
    broken = []
    for path in SOURCES:
        for call in calls(path, "Message"):
            templates = [
                part.args[0].value
                for part in (*call.args, *(word.value for word in call.keywords))
                if isinstance(part, ast.Call) and getattr(part.func, "id", "") == "N_"
            ]
            filled = call.args[1] if len(call.args) > 1 else ast.Dict([], [])
            if not templates or not isinstance(filled, ast.Dict) or None in filled.keys:
                continue
            gaps = set().union(*(brace_gaps(template) for template in templates))
            keys = {key.value for key in filled.keys}
            if gaps != keys:
                broken.append(f"{name_of(path)}:{call.lineno} gaps {gaps}, values {keys}")
    assert broken == []


def test_every_gap_of_a_translated_sentence_is_filled():
    broken = []
    for where, call in marked():
        if marker(call) == "N_" or where.split(":")[0] in SAYING:
            continue
        if any(word.arg is None for word in call.keywords):
            continue
        gaps = set().union(*(percent_gaps(arg.value) for arg in call.args if is_text(arg)))
        given = (
            OF_VALIDATORS
            | {word.arg for word in call.keywords}
            | ({"num"} if "n" in marker(call)[:1] else set())
        )
        if not gaps <= given:
            broken.append(f"{where} {gaps - given}")
    assert broken == []


def test_there_are_pages_to_check():
    assert len(PAGES) > 10


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_page_marks_whole_sentences_and_fills_their_gaps(path):
    for call in page_of(path).find_all(jinja.Call):
        if not isinstance(call.node, jinja.Name) or call.node.name not in MARKERS:
            continue
        templates = call.args[: MARKERS[call.node.name]]
        assert templates, f"line {call.lineno}: nothing to say"
        assert all(isinstance(part, jinja.Const) for part in templates), f"line {call.lineno}"
        if call.dyn_kwargs is None:
            gaps = set().union(*(percent_gaps(part.value) for part in templates))
            assert gaps <= {word.key for word in call.kwargs} | {"num"}, f"line {call.lineno}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_page_escapes_everything_and_needs_no_inline_code(path):
    """The content security policy would block inline scripts and styles without a word."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not [found for found in page_of(path).find_all(jinja.Filter) if found.name == "safe"]
    assert not re.search(r"\bautoescape\b", text)
    assert not re.search(r"\sstyle\s*=", text), "use a class"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "listen in a script file"
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script\b(?![^>]*\ssrc=)", text)
    assert "javascript:" not in text


def test_no_python_makes_markup_of_its_own():
    found = {
        name_of(path)
        for path in SOURCES
        for call in calls(path, "Markup")
        if not (call.args and is_text(call.args[0]))
    }
    assert found == {"web/i18n.py"}, "the words of the catalogues, and nothing else"
