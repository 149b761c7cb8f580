"""Put the parts together: the only file that knows them all."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from aidlog import settings as reading
from aidlog.db import (  # noqa: F401 - tables to migrate
    audit,
    commands,
    imports,
    numbering,
    outbox,
    work,
)
from aidlog.db.transaction import prepare
from aidlog.dispatch import models as dispatch  # noqa: F401
from aidlog.donations import models as donations  # noqa: F401
from aidlog.extensions import Migrations, babel, csrf, db
from aidlog.jobs import queue as jobs
from aidlog.needs import models as needs  # noqa: F401
from aidlog.planning import models as planning  # noqa: F401
from aidlog.registry import models as registry  # noqa: F401
from aidlog.reports.alerts import models as alert_tables  # noqa: F401
from aidlog.settings import Settings
from aidlog.stock import models, posting, reserving  # noqa: F401
from aidlog.voice import models as voice_tables  # noqa: F401
from aidlog.web import (
    compression,
    errors,
    filters,
    finding,
    guards,
    health,
    home,
    i18n,
    logs,
    preferences,
    protection,
    sessions,
    shell,
    signing_in,
)
from aidlog.web.admin import audit as audit_pages
from aidlog.web.admin import organisations, people, setup
from aidlog.web.donors import gifts, tracking
from aidlog.web.logistics import (
    alerts,
    appeals,
    assessments,
    carriers,
    corrections,
    count_deciding,
    counts,
    exports,
    goods_papers,
    handovers,
    holding,
    importing,
    items,
    kit_building,
    kits,
    labels,
    lots,
    movements,
    need_choices,
    photos,
    pipeline,
    places,
    plan_asking,
    plan_cases,
    plan_comparing,
    plan_deciding,
    plan_periods,
    plans,
    pledges,
    purchases,
    recalls,
    receiving,
    receiving_returns,
    receiving_trucks,
    requisitions,
    routes,
    shopping,
    sites,
    standards,
    stock_dates,
    transfers,
    vehicles,
    voice,
    waybill_leaving,
    waybill_making,
    waybill_moving,
    waybills,
)
from aidlog.web.logistics import (
    needs as needs_pages,
)
from aidlog.web.logistics import (
    stock as stock_pages,
)
from aidlog.web.sites import arrivals
from aidlog.web.sites import asking as site_asking
from aidlog.web.sites import goods as site_goods
from aidlog.web.sites import people as site_people

#: Every page of aidlog. Add a blueprint in the line of its audience.
BLUEPRINTS = (
    # for everyone
    health.bp,
    home.bp,
    signing_in.bp,
    preferences.bp,
    finding.bp,
    # logistics
    needs_pages.bp,
    need_choices.bp,
    sites.bp,
    items.bp,
    importing.bp,
    places.bp,
    routes.bp,
    vehicles.bp,
    carriers.bp,
    standards.bp,
    stock_pages.bp,
    counts.bp,
    count_deciding.bp,
    corrections.bp,
    stock_dates.bp,
    lots.bp,
    labels.bp,
    holding.bp,
    recalls.bp,
    photos.bp,
    kits.bp,
    kit_building.bp,
    receiving.bp,
    receiving_trucks.bp,
    receiving_returns.bp,
    purchases.bp,
    transfers.bp,
    requisitions.bp,
    assessments.bp,
    handovers.bp,
    goods_papers.bp,
    movements.bp,
    pledges.bp,
    alerts.bp,
    exports.bp,
    appeals.bp,
    plans.bp,
    plan_asking.bp,
    plan_comparing.bp,
    plan_cases.bp,
    plan_deciding.bp,
    plan_periods.bp,
    shopping.bp,
    pipeline.bp,
    waybills.bp,
    waybill_leaving.bp,
    waybill_making.bp,
    waybill_moving.bp,
    voice.bp,
    # sites
    arrivals.bp,
    site_goods.bp,
    site_asking.bp,
    site_people.bp,
    # donors
    tracking.bp,
    gifts.bp,
    # administration
    setup.bp,
    organisations.bp,
    people.bp,
    audit_pages.bp,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the app, ready to serve or to run commands."""
    settings = settings or reading.load()
    app = Flask("aidlog", template_folder="web/templates", static_folder="web/static")
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # An error's message would quote the values of a row: names, places, counts.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        AIDLOG=settings,
    )
    protection.configure(app, settings)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    db.init_app(app)
    Migrations(app, str(reading.resource("migrations")))
    babel.init_app(
        app,
        locale_selector=i18n.language,
        timezone_selector=lambda: settings.time_zone,
        default_locale=settings.default_language,
        default_timezone=settings.time_zone,
    )
    with app.app_context():
        prepare(db.engine)
        audit.use_key(db.engine, settings.audit_key.encode())
    jobs.bind(app)
    _open_the_house(app, settings)
    return app


def _open_the_house(app: Flask, settings: Settings) -> None:
    """Set up what happens around each request, in the order in which it happens."""
    logs.start(settings.log_level)
    logs.register(app)
    protection.register(app)
    csrf.init_app(app)
    sessions.register(app)
    app.before_request(guards.guard)
    compression.register(app)
    errors.register(app)
    i18n.register(app)
    filters.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    shell.register(app)
