"""As much of JSON Schema as ``result.schema.json`` uses, in a page."""

from __future__ import annotations

import re
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,),
    "number": (int, float), "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_KNOWN = {
    "type", "description", "properties", "required", "additionalProperties", "items", "enum",
    "const", "minimum", "maximum", "exclusiveMinimum", "pattern", "minItems", "maxItems",
    "anyOf", "$ref", "$schema", "$defs", "title",
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "") -> list[str]:
    """Return where ``value`` is not as ``schema`` says; a keyword nobody knows is a fault."""
    if "$ref" in schema:
        return faults(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, at)
    wrong = [f"{at}: unknown keyword {word}" for word in schema.keys() - _KNOWN]
    if "anyOf" in schema and all(faults(value, one, root, at) for one in schema["anyOf"]):
        wrong.append(f"{at}: none of anyOf")
    if "const" in schema and value != schema["const"]:
        wrong.append(f"{at}: {value!r}")
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{at}: {value!r} is not one of {schema['enum']}")
    if "type" in schema and not _is(value, schema["type"]):
        return [*wrong, f"{at}: {value!r} is not {schema['type']}"]
    if isinstance(value, dict) and schema.get("type") == "object":
        wrong += _of_object(value, schema, root, at)
    if isinstance(value, list):
        wrong += _of_list(value, schema, root, at)
    if isinstance(value, int | float) and not isinstance(value, bool):
        wrong += _of_number(value, schema, at)
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        wrong.append(f"{at}: {value!r} is not as {schema['pattern']}")
    return wrong


def _is(value: Any, kinds: str | list[str]) -> bool:
    names = [kinds] if isinstance(kinds, str) else kinds
    return any(
        isinstance(value, _TYPES[name]) and not (isinstance(value, bool) and name != "boolean")
        for name in names
    )


def _of_object(value: dict[str, Any], schema: Any, root: Any, at: str) -> list[str]:
    known = schema.get("properties", {})
    wrong = [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
    rest = schema.get("additionalProperties", {})
    for name, part in value.items():
        if name in known:
            wrong += faults(part, known[name], root, f"{at}.{name}")
        elif rest is False:
            wrong.append(f"{at}: {name} is not documented")
        elif isinstance(rest, dict):
            wrong += faults(part, rest, root, f"{at}.{name}")
    return wrong


def _of_list(value: list[Any], schema: Any, root: Any, at: str) -> list[str]:
    short = len(value) < schema.get("minItems", 0)
    long = len(value) > schema.get("maxItems", len(value))
    wrong = [f"{at}: {len(value)} entries"] if short or long else []
    for number, entry in enumerate(value):
        wrong += faults(entry, schema.get("items", {}), root, f"{at}[{number}]")
    return wrong


def _of_number(value: float, schema: dict[str, Any], at: str) -> list[str]:
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    above = schema.get("exclusiveMinimum", value - 1)
    return [] if low <= value <= high and value > above else [f"{at}: {value} is out of bounds"]
