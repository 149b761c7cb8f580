"""Take the pictures of the README from a demo that is being served.

``python -m tests.browser.pictures http://localhost:8000 PASSWORD``
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent / "pictures"
CHROMIUM = os.environ.get("AIDLOG_CHROMIUM", "/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
PAGES = {"needs-board": "/needs?cell=S03.FOILMAIZRE01", "plan": "/plans/P-KRB-26-0001"}


def main(address: str, password: str) -> None:
    """Sign in as the planner and photograph the top of each page."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.fill("input[name=login]", "amina")
        page.fill("input[name=password]", password)
        page.click("main button[type=submit]")
        for name, path in PAGES.items():
            page.goto(address.rstrip("/") + path)
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
