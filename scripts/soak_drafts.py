"""Whether the drafter keeps up its work: real processes, many mails, and the model killed again and again.

    python scripts/soak_drafts.py [--json] [--mails 300] [--kills 10] [--model real|quick]

Prints one JSON object with `--json`, otherwise a table; progress goes to stderr. `--model real` needs the models of
`manage.py fetch_models`; `quick` is a stand-in that answers at once, for thousands of drafts.

- `drafts`: those of the mails by state; `missing`: mails without one that has ended; `twice`: with more than one.
- `kills`: how often the model was killed with SIGKILL while it wrote, and started again.
- `memory_mb`: the most that each process held in the second and in the last tenth of the drafts.
- `tracebacks`: lines of the logs that begin one.
"""

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.stack import FAKE_EMBEDDER, SCHEDULES, Stack, mail  # noqa: E402

# What customers of the demo's company ask: answered by one article, by two, by none, and in other languages.
QUESTIONS = [
    "How do I export all my expenses for my accountant?",
    "Can I change the country of our company afterwards?",
    "We have {n} people. Which plan do we need, and what does it cost?",
    "My card was declined at petrol station {n}, why?",
    "How long do you keep receipts? And how do I delete one?",
    "I was charged twice, order {n}. I want my money back.",
    "Wie lade ich eine Kollegin ein, und was darf sie sehen?",
    "¿Cómo cambio el idioma de la aplicación?",
    "Do you have an app for my watch, model {n}?",
    "The receipt scanner reads {n}.00 instead of {n}0.00, what can I do?",
    "How do I turn on two-factor sign-in for {n} users?",
    "Who feeds the penguins in house {n}?",
]


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def mails(count: int) -> str:
    rows = []
    for number in range(count):
        text = QUESTIONS[number % len(QUESTIONS)].format(n=number + 2) + f"\nAccount {number}."
        raw = mail(f"Question {number}", text, f"Customer {number} <c{number}@x.example>", f"soak-{number}@x.example")
        rows.append(json.dumps({"raw_b64": base64.b64encode(raw.encode()).decode()}))
    return "\n".join(rows)


def memory(stack: Stack, name: str) -> float:
    """MB that the process and its children hold."""
    group, pages = stack.running[name].pid, 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                pages += int((folder / "statm").read_text().split()[1])
        except (OSError, ProcessLookupError):
            continue
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


OURS = "Draft.objects.filter(message__ticket__subject__startswith='Question ')"
COUNTS = f"dict({OURS}.values_list('state').annotate(models.Count('pk')))"
TWICE = f"{OURS}.values('message').annotate(n=models.Count('pk')).filter(n__gt=1).count()"
ENDED = f"{OURS}.exclude(state__in=['queued', 'writing']).values('message').distinct().count()"
STUCK = 300  # seconds without a draft that ends: then it is over


def work(stack: Stack, count: int, kills: int) -> dict[str, Any]:
    """Until every mail has its draft, or none ends any more; a kill after each equal part of them."""
    watched, samples, done, began = ("drafter", "model"), [], 0, time.monotonic()
    moved = began
    due = [round(count * (number + 0.5) / kills) for number in range(kills)]
    while done < count and time.monotonic() - moved < STUCK:
        time.sleep(1)
        before, done = done, int(stack.ask(ENDED))
        moved = time.monotonic() if done > before else moved
        samples.append((done, {name: memory(stack, name) for name in watched}))
        if due and done >= due[0] and stack.ask("Draft.objects.filter(state='writing').exists()"):
            due.pop(0)
            say(f"{done} of {count}: the model is killed")
            stack.kill("model")
            time.sleep(random.uniform(0, 3))  # noqa: S311 - any moment will do
            stack.start("model")
    seconds = time.monotonic() - began
    early = [held for ended, held in samples if count * 0.1 <= ended <= count * 0.2] or [samples[0][1]]
    late = [held for ended, held in samples if ended >= count * 0.9] or [samples[-1][1]]
    logs = "\n".join(stack.log(name) for name in stack.running)
    return {
        "mails": count,
        "seconds": round(seconds),
        "drafts": stack.ask(COUNTS),
        "missing": count - done,
        "twice": stack.ask(TWICE),
        "kills": kills - len(due),
        "memory_mb": {name: [max(held[name] for held in part) for part in (early, late)] for name in watched},
        "tracebacks": logs.count("Traceback (most recent call last)"),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true")
    options.add_argument("--mails", type=int, default=300)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--model", choices=("real", "quick"), default="real")
    given = options.parse_args()
    extra = {} if given.model == "real" else FAKE_EMBEDDER
    with tempfile.TemporaryDirectory(prefix="copydesk-soak-") as var:
        stack = Stack(Path(var), **extra)
        try:
            stack.prepare(SCHEDULES)
            stack.manage("seed_demo")
            stack.ask("Draft.objects.filter(state='queued').update(state='failed', retryable=False)")
            stack.use_model(given.model)
            stack.start("chroma", "model", "worker", "slow", "drafter")
            stack.wait_for("not __import__('knowledge.sync.storing').sync.storing.pending()", timeout=300)
            file = stack.var / "mails.jsonl"
            file.write_text(mails(given.mails), encoding="utf-8")
            say(f"{given.mails} mails arrive")
            command = [sys.executable, "manage.py", "receive_mail", "--json", "--jsonl", str(file)]
            with subprocess.Popen(command, cwd=ROOT, env=stack.env, stdout=subprocess.DEVNULL):
                found = work(stack, given.mails, given.kills)
        finally:
            stack.stop()
    print(json.dumps(found) if given.json else "\n".join(f"{name:>12}  {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
