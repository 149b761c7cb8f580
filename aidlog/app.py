"""Put the parts together: the only file that knows them all."""

from __future__ import annotations

from flask import Flask

from aidlog import settings as reading
from aidlog.db import audit, commands, numbering, outbox, work  # noqa: F401 - tables to migrate
from aidlog.db.transaction import prepare
from aidlog.dispatch import models as dispatch  # noqa: F401
from aidlog.donations import models as donations  # noqa: F401
from aidlog.extensions import db, migrate
from aidlog.jobs import queue as jobs
from aidlog.needs import models as needs  # noqa: F401
from aidlog.planning import models as planning  # noqa: F401
from aidlog.registry import models as registry  # noqa: F401
from aidlog.settings import Settings
from aidlog.stock import journal, models  # noqa: F401


def create_app(settings: Settings | None = None) -> Flask:
    """Return the app, ready to serve or to run commands."""
    settings = settings or reading.load()
    app = Flask("aidlog", template_folder="web/templates", static_folder="web/static")
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        AIDLOG=settings,
    )
    db.init_app(app)
    migrate.init_app(app, db, directory=str(reading.resource("migrations")))
    with app.app_context():
        prepare(db.engine)
        audit.use_key(db.engine, settings.audit_key.encode())
    jobs.bind(app)
    return app
