"""Flask's extensions, made once and bound to an app in app.py."""

from __future__ import annotations

from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from aidlog.db.base import Base

#: Engine and session only: the tables derive from our own base (its ``db.Model`` is untyped).
db = SQLAlchemy(metadata=Base.metadata)
login = LoginManager()
csrf = CSRFProtect()
babel = Babel()
migrate = Migrate()
