"""The speed of the desk for an agent, in a real browser with real processes and temporary data.

Prints one JSON object. Absolute times depend on the machine; the ratios compare times of the same run:
`draft_to_ticket` (how much later than the ticket itself its prepared draft is visible) and
`first_text_to_first_words` (how much later than on the server the first words of a draft are visible).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from config.numbers import percentile  # noqa: E402
from tests.browser.conftest import CHROMIUM  # noqa: E402
from tests.browser.stack import FAKE_EMBEDDER, PASSWORD, Stack, mail  # noqa: E402

OPENED, ASKED = 20, 10
SHORT = (2, 1)  # enough to check that everything works, without real models

SEED = """
from tests.browser.seed import many_tickets, prepared_tickets, seed
from tickets.models import Ticket
seed()
many_tickets({others})
numbers = prepared_tickets({count})
Ticket.objects.filter(pk__in=numbers).update(priority=Ticket.Priority.URGENT)
print(numbers)
"""

# Times are measured inside the page, without the latency of the driver.
OPEN = """
(number) => new Promise((resolve) => {
  const begun = performance.now();
  let ticket = null;
  const look = () => {
    const now = performance.now() - begun;
    const title = document.querySelector("#content .chip.figure");
    if (ticket === null && title && title.textContent === `#${number}`) ticket = now;
    const editor = document.querySelector(`#composer[data-ticket="${number}"] #editor`);
    if (ticket !== null && editor && editor.querySelector(".cite")) return resolve({ ticket, draft: now });
    if (now > 20000) return resolve(null);
    requestAnimationFrame(look);
  };
  document.querySelector(`#row-${number} a`).click();
  requestAnimationFrame(look);
})
"""
ASK = """
() => new Promise((resolve) => {
  const begun = performance.now();
  const before = document.querySelector("#draft-number").textContent;
  let first = null, started = false;
  const look = () => {
    const now = performance.now() - begun;
    const writing = !document.querySelector("#draft-stop").hidden;
    started ||= writing;
    if (started && first === null && document.querySelector("#editor").textContent.trim()) first = now;
    const none = document.querySelector("#figures-state").textContent.startsWith("No source");
    const done = none || (started && !writing && document.querySelector("#draft-number").textContent !== before);
    if (done) return resolve({ first, total: now });
    if (now > 120000) return resolve(null);
    requestAnimationFrame(look);
  };
  document.querySelector("#draft-regenerate").click();
  requestAnimationFrame(look);
})
"""


def spread(values: Sequence[float]) -> dict[str, float | None]:
    """No figures if nothing was measured."""
    p50, p95 = (percentile(values, share) if values else None for share in (0.5, 0.95))
    return {"p50_ms": p50 and round(p50), "p95_ms": p95 and round(p95), "n": len(values)}


def ratio(upper: float | None, lower: float | None) -> float | None:
    return round(upper / lower, 2) if upper and lower else None


def open_tickets(page: Page, stack: Stack, numbers: list[int]) -> dict[str, Any]:
    page.goto(f"{stack.url}/desk/?view=open")
    page.wait_for_selector(f"#row-{numbers[-1]}")
    found = [page.evaluate(OPEN, number) for number in numbers]
    seen = [each for each in found if each]
    ratios = [each["draft"] / each["ticket"] for each in seen]
    return {
        "ticket_visible": spread([each["ticket"] for each in seen]),
        "draft_visible": spread([each["draft"] for each in seen]),
        "draft_to_ticket": ratio(percentile(ratios, 0.5), 1),
        "missed": len(found) - len(seen),
    }


def ask_for_drafts(page: Page, stack: Stack, count: int) -> dict[str, Any]:
    questions = [
        "How long does a pending authorisation stay on my card?",
        "When does a new booking reach my Google calendar?",
        "How long is the link to reset my password valid?",
        "Where do I see which charges were really collected?",
        "Can I start the calendar sync by hand?",
    ]
    # Without a worker nothing is prepared in advance: every draft here is the first one for its message.
    numbers = [stack.receive(mail(f"Question {n}", questions[n % len(questions)]))["ticket"] for n in range(count)]
    found = []
    for number in numbers:
        page.goto(f"{stack.url}/desk/{number}/")
        page.wait_for_function("() => !document.querySelector('#draft-regenerate').disabled")
        found.append(page.evaluate(ASK))
    seen = [each for each in found if each and each["first"] is not None]
    own = stack.ask(
        f"list(DraftRecord.objects.filter(draft__ticket__in={numbers}).values_list('first_token_ms', flat=True))"
    )
    words = [each for each in own if each]
    return {
        "first_text": spread([each["first"] for each in seen]),
        "total": spread([each["total"] for each in seen]),
        "first_words": spread(words),
        "first_text_to_first_words": ratio(percentile([each["first"] for each in seen], 0.5), percentile(words, 0.5)),
        "refused_or_missed": len(found) - len(seen),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--short", action="store_true", help="only check that it works")
    options.add_argument("--tickets", type=int, default=0, help="so many others are there too")
    given = options.parse_args()
    short = given.short
    opened, asked = SHORT if short else (OPENED, ASKED)
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as var, sync_playwright() as playwright:
        stack = Stack(Path(var), **(FAKE_EMBEDDER if short else {}))
        try:
            stack.use_model("slow" if short else "real")
            stack.prepare()
            stack.start("chroma", "model", "worker", "web")
            printed = stack.code(SEED.format(count=opened, others=given.tickets))
            numbers = json.loads(printed.strip().splitlines()[-1])
            stack.wait_for("not Article.objects.filter(indexed=None).exists()")
            stack.kill("worker")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{stack.url}/login/")
            page.locator("[name=username]").fill("mira")
            page.locator("[name=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_selector("#queue")
            figures = {
                "open_prepared": open_tickets(page, stack, numbers),
                "on_demand": ask_for_drafts(page, stack, asked),
            }
            browser.close()
        finally:
            stack.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
