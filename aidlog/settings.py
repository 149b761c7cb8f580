"""Settings: read once, checked once, frozen. The only place that reads the environment.

Order: ``config/default.toml``, then the file named by AIDLOG_CONFIG, then AIDLOG_* variables.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs. Sizes in bytes, spans in seconds unless the name says."""

    secret_key: str
    audit_key: str
    database_url: str
    jobs_url: str = ""
    data_dir: str
    languages: tuple[str, ...] = ("en", "fr", "sw", "rw")
    default_language: str = "en"
    time_zone: str = "Africa/Kigali"
    operation_name: str = "aidlog"
    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    trusted_proxies: int = 0
    secure_cookies: bool = False
    session_hours: int = 12
    upload_bytes: int = 10_000_000
    solve_seconds: int = 60
    open_request_days: int = 14
    transit_grace_hours: int = 24
    mail_url: str = ""
    mail_from: str = ""
    base_url: str = ""
    log_level: str = "INFO"
    demo_password: str = ""


def resource(name: str) -> Path:
    """Return the folder ``name`` (config or migrations): in the package, else in the checkout."""
    package = Path(__file__).parent
    inside = package / f"_{name}"
    return inside if inside.is_dir() else package.parent / name


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of this installation; make and keep its keys on first start.

    Raises:
        Refusal: a setting is unknown or not of its kind; the sentence names it.
    """
    values: dict[str, Any] = _read(resource("config") / "default.toml")
    if path := environ.get("AIDLOG_CONFIG"):
        values |= _read(Path(path))
    kinds = {field.name: field.type for field in fields(Settings)}
    for name, text in environ.items():
        key = name.removeprefix("AIDLOG_").lower()
        if name.startswith("AIDLOG_") and key in kinds:
            values[key] = _parsed(name, text, str(kinds[key]))
    if unknown := sorted(set(values) - set(kinds)):
        raise Refusal(
            Message(
                N_("There is no setting “{name}”. Remove it from the file."), {"name": unknown[0]}
            )
        )
    folder = Path(values.get("data_dir") or environ.get("AIDLOG_HOME") or "instance").absolute()
    values["data_dir"] = str(folder)
    values.setdefault("database_url", "")
    if not values["database_url"]:
        values["database_url"] = f"sqlite:///{folder / 'aidlog.db'}"
    for key in ("secret_key", "audit_key"):
        if not values.get(key):
            values[key] = _kept_key(folder / key)
    made: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Settings(**made)


def as_environment(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return ``environ`` with ``settings`` in it, so that a child process reads the same ones."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return dict(environ) | {
        f"AIDLOG_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in values.items()
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refusal(
            Message(N_("The settings file {path} is not there."), {"path": path.name})
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise Refusal(
            Message(
                N_("The settings file {path} cannot be read: {error}."),
                {"path": path.name, "error": error},
            )
        ) from None


def _parsed(name: str, text: str, kind: str) -> str | int | bool | tuple[str, ...]:
    """Read ``text`` as ``kind``; a key of digits stays text."""
    if kind.startswith("tuple"):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind == "bool" and text.lower() in {"1", "true", "yes", "0", "false", "no"}:
        return text.lower() in {"1", "true", "yes"}
    if kind == "int" and text.isascii() and text.isdigit():
        return int(text)
    if kind in {"bool", "int"}:
        raise Refusal(
            Message(
                N_("{name} is “{text}”. Write a whole number, or yes or no where it is a switch."),
                {"name": name, "text": text[:40]},
            )
        )
    return text


def _kept_key(path: Path) -> str:
    """Return the key kept in ``path``, made on the first start and readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key
