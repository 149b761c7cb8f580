"""Every page that the table of doors knows: readable by all, on a phone and on a desk.

The pages are those of tests/web/golden/doors.csv, each opened by the first person whom the
table lets in; a page that is added there is looked at here.
"""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESK, PHONE, Axe, sideways
from tests.web import doors
from tests.web.estate import ANONYMOUS, OWN, settle

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def estate(live):
    return settle(live.app)


def pages(app, estate):
    """Yield (endpoint, address, who) for every page that someone of the estate may open."""
    table = doors.read()
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        row = table.get((rule.endpoint, "GET", OWN), {})
        who = next((actor for actor, status in row.items() if status == "200"), None)
        if who is not None and rule.endpoint not in {"static", "public.health"}:
            yield rule.endpoint, doors.address(app, estate, rule, OWN), who


#: In the dark only the colours are new, so only they are looked at once more.
COLOURS = {"runOnly": ["color-contrast"]}


@pytest.mark.parametrize(
    ("size", "scheme", "looked_at"),
    [(PHONE, "light", None), (DESK, "dark", COLOURS)],
    ids=["phone-light", "desk-dark"],
)
def test_every_page_is_accessible_and_fits(live, open_page, estate, size, scheme, looked_at):
    page = open_page(size=size, color_scheme=scheme)
    faults, seen = [], 0
    for endpoint, address, who in pages(live.app, estate):
        page.context.clear_cookies()
        if who != ANONYMOUS:
            page.context.add_cookies(
                [{"name": "aidlog", "value": estate.tokens[who], "url": live.url}]
            )
        answer = page.request.get(live.url + address)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        seen += 1
        page.goto(live.url + address)
        found = Axe().run(page, options=looked_at)
        if found.violations_count:
            faults.append(f"{endpoint} ({who}): {found.generate_report()}")
        if (wider := sideways(page)) > 0:
            faults.append(f"{endpoint} ({who}): scrolls sideways by {wider} px")
        faults += [f"{endpoint} ({who}): {said}" for said in live.complaints]
        live.complaints.clear()
    assert seen > 20
    assert faults == [], "\n\n".join(faults)
