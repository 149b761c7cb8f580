"""aidlog demo: a fresh demo operation on SQLite, and the address to look at it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flask import Flask

    from aidlog.settings import Settings


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="Make the operation and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print address and people as JSON.")
@click.pass_context
def demo(ctx: click.Context, /, port: int, no_serve: bool, as_json: bool) -> None:
    """Make a demo operation with invented places and people, and serve it.

    An earlier demo is thrown away. AIDLOG_DEMO_PASSWORD sets one password for everyone.
    """
    from aidlog.app import create_app
    from aidlog.settings import load

    settings = _of_the_demo(load())
    folder = Path(settings.data_dir)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    click.echo("Making the demo operation…", err=True)
    app = create_app(settings)
    passwords = play(app, settings)
    address = f"http://localhost:{port}/"
    click.echo(_as_json(address, passwords) if as_json else _as_text(address, passwords))
    if not no_serve:
        from aidlog.cli.serve import serve_app

        serve_app(ctx, app, port=port)


def play(app: Flask, settings: Settings) -> dict[str, str]:
    """Fill the empty database of ``app``; return the password of each login."""
    import flask_migrate

    from aidlog.cli.demo_operation.asking import ask_early, ask_late
    from aidlog.cli.demo_operation.cast import PEOPLE
    from aidlog.cli.demo_operation.founding import found
    from aidlog.cli.demo_operation.giving import give
    from aidlog.cli.demo_operation.handling import handle
    from aidlog.cli.demo_operation.hearing import hear
    from aidlog.cli.demo_operation.sending import send
    from aidlog.cli.demo_operation.stage import Stage
    from aidlog.cli.demo_operation.warning import warn
    from aidlog.extensions import db
    from aidlog.registry.passwords import one_time

    passwords = {part.login: settings.demo_password or one_time() for part in PEOPLE}
    with app.app_context():
        flask_migrate.upgrade()
        stage = Stage(db.session())
        found(stage, passwords)
        give(stage)
        handle(stage)
        ask_early(stage)
        send(stage, db.engine, settings)
        warn(stage, Path(settings.data_dir))
        ask_late(stage)
        hear(stage)
        db.session.remove()
    return passwords


def _of_the_demo(settings: Settings) -> Settings:
    """The demo lives in a folder of its own, whatever database is configured."""
    folder = Path(settings.data_dir) / "demo"
    return dataclasses.replace(
        settings,
        data_dir=str(folder),
        database_url=f"sqlite:///{folder / 'aidlog.db'}",
        jobs_url="",
        operation_name="Great Lakes demo",
    )


def _as_json(address: str, passwords: dict[str, str]) -> str:
    from aidlog.cli.demo_operation.cast import PEOPLE

    people = [
        {"login": part.login, "password": passwords[part.login], "role": part.role.value,
         "place": part.place, "language": part.language}
        for part in PEOPLE
    ]  # fmt: skip
    return json.dumps({"address": address, "people": people}, indent=2)


def _as_text(address: str, passwords: dict[str, str]) -> str:
    from aidlog.cli.demo_operation.cast import PEOPLE

    rows = [
        f"  {part.login:<9} {passwords[part.login]:<22} {part.role.value:<14} {part.language}"
        f"  {part.place}".rstrip()
        for part in PEOPLE
    ]
    return "\n".join(
        [
            f"The demo is at {address}",
            "All places and people are invented. Sign in as:",
            f"  {'login':<9} {'password':<22} {'role':<14} language, place",
            *rows,
        ]
    )
