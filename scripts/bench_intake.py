"""How fast messages get in without a language model, and how fast other routing rules are tried on past tickets.

    python scripts/bench_intake.py [--messages 300] [--processes 2] [--tickets 10000]

Real models of search and redaction, a real Chroma, the demo's articles, a classifier trained from the seed, temporary
data. Prints one JSON object; progress goes to stderr.

- `intake`: mask, language, triage, route, translation (left to the writer), search and reliable hits of one message,
  in as many processes at once as given; `steps`: each of them. `with_evidence`: also the evidence, which only drafts
  need. Times in ms.
- `preview`: as the lead's page makes it: the facts of so many past tickets read from the database, routed by the rules
  in use and by others, and the newest 50 that would have moved, each with its reason; in seconds, the slowest of five.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config.numbers import percentile  # noqa: E402
from scripts.bench_index import say  # noqa: E402
from tests.browser.stack import Stack  # noqa: E402

WARM = 10  # messages before the clock starts


# --- In processes of their own: `--inside` ---------------------------------------------------------------


def prepare_desk(messages: int) -> None:
    """Members, articles, classifier, and as many new tickets as messages, with the texts of the demo's customers."""
    from copilot.triage import retraining
    from demo import content, people
    from knowledge.articles import importing
    from knowledge.sync import storing
    from tickets.models import Customer, Message, Ticket

    people.make_staff()
    importing.import_articles(content.ARTICLES, approve=True)
    storing.repair(patience=600)
    retraining.keep_one()
    stories = [(story["subject"], story["messages"][0]["text"]) for story in content.tickets()]
    customer = Customer.objects.create(email="ana@mail.example", name="Ana Torres")
    for number in range(messages):
        subject, text = stories[number % len(stories)]
        # A line that no other has, so that no cache helps.
        ticket = Ticket.objects.create(customer=customer, subject=subject)
        Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text=f"{text}\n\nMy reference: {number}")


def take(part: int, parts: int, evidence: bool) -> dict[str, Any]:
    """Every `parts`-th message, through the steps; nothing is stored, so each run does the same."""
    from copilot.preparation import pipeline, steps
    from tickets.models import Message

    chosen = [each for each in steps.STEPS if evidence or each.name != "evidence"]
    rows = list(Message.objects.select_related("ticket__customer").order_by("pk"))[part::parts]
    for message in rows[:WARM]:
        pipeline.run(steps.facts_of(message), steps=chosen)
    took, by_step, began = [], {}, time.monotonic()
    for message in rows[WARM:]:
        started = time.monotonic()
        prepared = pipeline.run(steps.facts_of(message), steps=chosen)
        took.append(time.monotonic() - started)
        for name, step in prepared.steps.items():
            by_step.setdefault(name, []).append(step["ms"])
    return {"took": took, "steps": by_step, "seconds": time.monotonic() - began}


def try_rules(tickets: int) -> dict[str, Any]:
    from dataclasses import replace

    from copilot.routing.rules import SHIPPED
    from copilot.routing_pages import choices, previewing
    from tickets.models import User

    past_tickets(tickets)
    lead = User.objects.get(username="rosa")
    other = replace(SHIPPED, urgency=3, categories=("complaint",), tiers={"paid": "ai_and_human"})
    took = []
    for _time in range(5):
        began = time.monotonic()
        found = previewing.preview(SHIPPED, other, 90, choices.load(), lead)
        took.append(time.monotonic() - began)
    return {"tickets": found.tickets, "moved": found.moved, "shown": len(found.newest), "seconds": round(max(took), 2)}


def past_tickets(count: int) -> None:
    """Classified as messages are: a category, a tone, now and then a signal."""
    from django.utils import timezone

    from copilot.models import Triage
    from tickets.models import Category, Customer, Message, Ticket

    customers = Customer.objects.bulk_create(
        Customer(email=f"c{number}@mail.example", tier=("free", "paid", "enterprise")[number % 3])
        for number in range(300)
    )
    categories, tones = list(Category.objects.filter(active=True)), ("positive", "neutral", "negative", "urgent")
    now = timezone.now()
    made = Ticket.objects.bulk_create(
        [
            Ticket(
                customer=customers[number % 300],
                subject=f"Question {number}",
                category=categories[number % len(categories)],
                created_at=now - timedelta(minutes=12 * number),
            )
            for number in range(count)
        ],
        batch_size=500,
    )
    messages = Message.objects.bulk_create(
        [Message(ticket=each, kind="customer", text="Text", created_at=each.created_at) for each in made],
        batch_size=500,
    )
    Triage.objects.bulk_create(
        [
            Triage(
                message=message,
                category_id=message.ticket.category_id,
                confidence=0.5 + (number % 50) / 100,
                sentiment=tones[number % 4],
                urgency=1 + number % 5,
                signals=[["legal_threat", "my lawyer"]] if number % 20 == 0 else [],
                because={"category": "about the invoice"},
            )
            for number, message in enumerate(messages)
        ],
        batch_size=500,
    )


# --- Outside ------------------------------------------------------------------------------------------------


def inside(stack: Stack, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "scripts/bench_intake.py", "--inside", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, text=True)  # noqa: S603


def answer(process: "subprocess.Popen[str]") -> Any:
    said = process.communicate()[0]
    if process.returncode:
        raise SystemExit(process.returncode)
    return json.loads(said)


def throughput(stack: Stack, processes: int, evidence: bool) -> dict[str, Any]:
    kind = "evidence" if evidence else "hits"
    started = [inside(stack, "take", str(part), str(processes), kind) for part in range(processes)]
    found = [answer(process) for process in started]
    took = [each for one in found for each in one["took"]]
    steps = {name: [ms for one in found for ms in one["steps"][name]] for name in found[0]["steps"]}
    return {
        "messages": len(took),
        "processes": processes,
        "per_second": round(sum(len(one["took"]) / one["seconds"] for one in found), 2),
        "p50_ms": round(1000 * percentile(took, 0.5)),
        "p95_ms": round(1000 * percentile(took, 0.95)),
        "steps": {name: {"p50": percentile(ms, 0.5), "p95": percentile(ms, 0.95)} for name, ms in steps.items()},
    }


def bench(stack: Stack, messages: int, processes: int, tickets: int) -> dict[str, Any]:
    stack.prepare()
    stack.start("chroma")
    say("articles, classifier, messages")
    answer(inside(stack, "desk", str(messages)))
    say("intake")
    intake = throughput(stack, processes, evidence=False)
    say("intake with evidence")
    more = throughput(stack, processes, evidence=True)
    say("routing preview")
    return {
        "cores": os.cpu_count(),
        "intake": intake,
        "with_evidence": more,
        "preview": answer(inside(stack, "preview", str(tickets))),
    }


def within(job: str, arguments: list[str]) -> Any:
    import django

    django.setup()
    if job == "desk":
        return prepare_desk(int(arguments[0]))
    if job == "preview":
        return try_rules(int(arguments[0]))
    return take(int(arguments[0]), int(arguments[1]), arguments[2] == "evidence")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--inside", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(within(options.inside[0], options.inside[1:])))
        return
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-intake-") as var:
        stack = Stack(Path(var), EMBEDDING_MODEL="bge-small-en-v1.5-onnx")
        try:
            found = bench(stack, options.messages, options.processes, options.tickets)
        finally:
            stack.stop()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
