"""What a page costs on a line of 50 kbit/s: its bytes as they travel, styles and scripts with it.

The operation of these tests is small, so this holds the shell and the forms to their budgets;
pages that grow with the operation come in parts (see the tests of their lists).
"""

from __future__ import annotations

import gzip
import re

import pytest

from tests.web import doors
from tests.web.estate import ANONYMOUS, OWN, settle

#: Bytes, everything that the first visit fetches: 12 KB fit into one flight of a fresh line.
FOR_DONORS_AND_SITES, FOR_STAFF = 12_000, 15_000
SMALL = {"arrivals", "gifts", "site_goods", "site_people", "signing_in", "tracking"}


@pytest.fixture
def costs(app):
    """Yield (endpoint, bytes, page) for every page that somebody may open."""
    estate, table = settle(app), doors.read()

    def fetch(client, path):
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        packed = answer.headers.get("Content-Encoding") == "gzip"
        return answer, len(answer.data), gzip.decompress(answer.data) if packed else answer.data

    def walk():
        for rule in app.url_map.iter_rules():
            row = table.get((rule.endpoint, "GET", OWN), {})
            who = next((actor for actor, status in row.items() if status == "200"), None)
            if who is None or rule.endpoint == "static":
                continue
            client = app.test_client()
            if who != ANONYMOUS:
                client.set_cookie("aidlog", estate.tokens[who])
            answer, size, page = fetch(client, doors.address(app, estate, rule, OWN))
            if answer.mimetype == "text/html":
                text = page.decode()
                files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
                yield rule.endpoint, size + sum(fetch(client, at)[1] for at in files), text

    return walk


def test_every_page_keeps_to_its_budget(costs):
    seen, over = 0, {}
    for endpoint, size, _page in costs():
        small = endpoint.partition(".")[0] in SMALL
        seen += 1
        if size > (FOR_DONORS_AND_SITES if small else FOR_STAFF):
            over[endpoint] = size
    assert seen > 40
    assert over == {}


def test_pages_hold_no_style_and_no_script_inside(costs):
    """The policy forbids both, so they would not work either."""
    for endpoint, _size, page in costs():
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", page), endpoint
        for tag in re.findall(r"<script[^>]*>", page):
            assert re.search(r'src="/static/', tag), endpoint


def test_pages_of_donors_need_no_script_at_all(costs):
    for endpoint, _size, page in costs():
        if endpoint.partition(".")[0] in {"tracking", "gifts"}:
            assert "<script" not in page, endpoint
