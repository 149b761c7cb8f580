"""Flask's extensions, made once and bound to an app in app.py."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from aidlog.db.base import Base

#: Engine and session only: the tables derive from our own base (its ``db.Model`` is untyped).
db = SQLAlchemy(metadata=Base.metadata)
login = LoginManager()
csrf = CSRFProtect()
babel = Babel()


class Migrations:
    """Flask-Migrate's place in ``app.extensions``, taken by itself when a command first asks.

    A web worker never does: Alembic and what it brings are a tenth of its start and memory.
    """

    def __init__(self, app: Flask, directory: str) -> None:
        self._app = app
        self._directory = directory
        app.extensions["migrate"] = self

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        Migrate().init_app(self._app, db, directory=self._directory)
        return getattr(self._app.extensions["migrate"], name)
