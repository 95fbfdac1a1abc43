"""`.venv/bin/python scripts/screenshot.py [TICKET]`: makes docs/desk.png from the running demo."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-headless-shell")
TARGET = Path(__file__).resolve().parent.parent / "docs" / "desk.png"
ADDRESS = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{ADDRESS}/login/")
        page.fill("input[name=username]", "mira")
        page.fill("input[name=password]", "copydesk-demo")
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/desk/**")
        page.goto(f"{ADDRESS}/desk/{sys.argv[1]}/" if len(sys.argv) > 1 else f"{ADDRESS}/desk/?view=drafted")
        if len(sys.argv) == 1:
            page.locator("a[href^='/desk/']").filter(has_not_text="Queue").last.click()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(TARGET))
        browser.close()


if __name__ == "__main__":
    main()
