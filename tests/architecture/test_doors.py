"""Every page says who may open it."""

from __future__ import annotations

from aidlog.core.actor import Permission
from aidlog.web.guards import PUBLIC


def test_every_view_names_its_permission_or_is_public_by_name(app):
    closed = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC
        and not isinstance(
            getattr(app.view_functions[rule.endpoint], "permission", None), Permission
        )
    ]
    assert closed == []


def test_a_public_page_is_not_also_asked_for_a_permission(app):
    both = [
        name for name in PUBLIC if hasattr(app.view_functions.get(name, object()), "permission")
    ]
    assert both == []


def test_no_name_on_the_public_list_is_without_a_page(app):
    """A stale name would open whatever is called so one day."""
    assert set(app.view_functions) >= PUBLIC


def test_a_view_that_names_nothing_is_shut(app):
    assert len(list(app.url_map.iter_rules())) > 5
    app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    assert app.test_client().get("/forgotten").status_code == 403
