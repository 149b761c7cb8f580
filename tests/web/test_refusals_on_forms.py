"""A form that shows a refusal answers with the refusal's own number."""

from __future__ import annotations

import pytest
from flask import render_template_string

from aidlog.core.actor import Permission
from aidlog.core.errors import Conflict, Refusal
from aidlog.core.text import Message
from aidlog.db.transaction import Busy
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import requires
from tests.signing import sign_in
from tests.web.conftest import add_someone

REFUSALS = {
    "rule": (Refusal(Message("Write a quantity.")), 422),
    "changed": (Conflict(Message("Only 1 free in stock; 3 asked.")), 409),
    "busy": (Busy(Message("Someone else is changing this just now.")), 503),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_changed_meanwhile_is_409_and_still_shows_the_form(app, name):
    refusal, status = REFUSALS[name]

    @requires(Permission.HOME_VIEW)
    def view():
        form = CommandForm()
        if form.validate_on_submit():
            show_on(form, refusal)
        return render_template_string("{{ form.form_errors }}", form=form), 422

    app.add_url_rule("/form", "form", view, methods=["POST"])
    answer = sign_in(app.test_client(), add_someone(app)).post("/form", data={})
    assert answer.status_code == status
    assert str(refusal.message) in answer.text


def test_a_form_that_was_filled_in_wrongly_is_422(app):
    @requires(Permission.HOME_VIEW)
    def view():
        return "Choose one.", 422

    app.add_url_rule("/form", "form", view, methods=["POST"])
    answer = sign_in(app.test_client(), add_someone(app)).post("/form", data={})
    assert answer.status_code == 422
