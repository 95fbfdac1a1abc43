"""Whether actions of members wait for the model: real processes with the demo's data while drafts are written.

    python scripts/bench_lanes.py [--json] [--short] [--model real|hanging|dead] [--mails 300] [--replies 20]
        [--redis URL]

Prints one JSON object with `--json`, otherwise a table; progress goes to stderr. `--model real` needs the models of
`manage.py fetch_models`. `--mails` is the number of mails that go through `receive_mail` meanwhile.

`--short` only shows that it works: without an embedding model, and without waiting for the scheduler's turn.

- `reply_s`: from Send until the mail was sent; `beyond_undo` without the undo window.
- `note_ms`: one POST of a note.  `publish_s`: from `approve` until the vectors are stored and marked.
- `grouping_late_s`: how late the grouping of gaps started and ended.
- `queue`: the most jobs that waited in each lane, and how many waited twice.
- `drafts`: how many were finished, and how many messages have more than one.
"""

import argparse
import base64
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.stack import FAKE_EMBEDDER, SCHEDULES, STAND_IN, Stack, free_port, mail  # noqa: E402

UNDO = 1


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def spread(values: Sequence[float], digits: int = 2) -> dict[str, float]:
    """Nearest-rank percentiles."""
    ordered = sorted(values)
    at = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    found = {name: round(ordered[max(0, math.ceil(len(ordered) * share) - 1)], digits) for name, share in at.items()}
    return found | {"n": len(ordered)}


class Watch(threading.Thread):
    """Reads the queue twice a second during the measurement."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self.stack, self.most, self.twice, self.over = stack, {"worker": 0, "slow": 0}, 0, threading.Event()

    def run(self) -> None:
        code = "from scripts import bench_lanes_inside as inside\ninside.watch()"
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        with subprocess.Popen(command, cwd=ROOT, env=self.stack.env, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                seen = json.loads(line)
                self.most = {lane: max(most, seen[lane]) for lane, most in self.most.items()}
                self.twice = max(self.twice, seen["twice"])
                if self.over.is_set():
                    process.kill()


class Agent:
    """Mira at her desk, by HTTP."""

    def __init__(self, stack: Stack) -> None:
        self.client = httpx.Client(base_url=stack.url, trust_env=False, timeout=60, follow_redirects=True)
        page = self.client.get("/login/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None
        form = {"username": "mira", "password": "copydesk-demo", "csrfmiddlewaretoken": found[1]}
        self.client.post("/login/", data=form, headers={"Referer": stack.url}).raise_for_status()

    def post(self, path: str, **form: str) -> float:
        """Seconds."""
        token = self.client.cookies["csrftoken"]
        began = time.monotonic()
        self.client.post(path, data=form, headers={"X-CSRFToken": token}).raise_for_status()
        return time.monotonic() - began


def prepare(stack: Stack, model: str) -> subprocess.Popen[bytes] | None:
    """Start everything, until drafts are being written (or fail)."""
    say("seeding the demo")
    stack.prepare(SCHEDULES)
    stack.manage("seed_demo")
    stand_in = None
    if model == "hanging":
        port = str(httpx.URL(stack.env["LLM_BASE_URL"]).port)
        stand_in = subprocess.Popen([sys.executable, str(STAND_IN), port, model])
    stack.start("chroma", *(["model"] if model == "real" else []), "worker", "slow", "drafter", "web")
    say("waiting for the index and the first drafts")
    stack.wait_for("not __import__('knowledge.sync.storing').sync.storing.pending()", timeout=300)
    if model != "dead":
        stack.wait_for("Draft.objects.filter(state='writing').exists()", timeout=300)
    return stand_in


class Mails(threading.Thread):
    """Sends `count` mails during the measurement, as fast as they are accepted."""

    def __init__(self, stack: Stack, count: int) -> None:
        super().__init__(daemon=True)
        self.stack, self.count, self.taken = stack, count, 0

    def run(self) -> None:
        if not self.count:
            return
        rows = []
        for number in range(self.count):
            raw = mail(f"Question {number}", f"How do I change room {number}?", message_id=f"bench-{number}@x.example")
            rows.append(json.dumps({"raw_b64": base64.b64encode(raw.encode()).decode()}))
        file = self.stack.var / "mails.jsonl"
        file.write_text("\n".join(rows), encoding="utf-8")
        self.taken = json.loads(self.stack.manage("receive_mail", "--json", "--jsonl", str(file)))["mails"]


def measure(stack: Stack, replies: int, short: bool) -> dict[str, Any]:
    mira = Agent(stack)
    stack.ask("Schedule.objects.filter(func='knowledge.tasks.group_gaps').update(next_run=timezone.now())")
    asked_at = time.time()
    if short:
        stack.ask("run_schedules()")
    tickets = stack.ask(f"list(Ticket.objects.filter(status='open').values_list('pk', flat=True)[:{replies}])")
    say(f"sending {len(tickets)} replies and as many notes")
    notes = []
    for ticket in tickets:
        notes.append(mira.post(f"/desk/{ticket}/note", text="Looked at it."))
        mira.post(f"/desk/{ticket}/reply", text="It is done.", then="pending", submission=str(uuid.uuid4()))
    mine = f"OutgoingMail.objects.filter(message__ticket__in={tickets}, message__text='It is done.')"
    stack.wait_for(f"not {mine}.exclude(state='sent').exists()", timeout=300)
    took = stack.ask(f"[(r.sent_at - r.message.created_at).total_seconds() for r in {mine}.select_related('message')]")
    say("publishing")
    published = [stack.ask(f"publish({number})") for number in range(2 if short else 10)]
    say("waiting for the grouping")
    grouping = "Task.objects.filter(func='knowledge.tasks.group_gaps', success=True"
    done = f"{grouping}, stopped__gt=moment({asked_at:f}))"
    stack.wait_for(f"{done}.exists()", timeout=400)
    ended = stack.ask(f"{done}.order_by('stopped').first().stopped.timestamp()")
    return {
        "reply_s": spread(took),
        "reply_beyond_undo_s": spread([each - UNDO for each in took]),
        "note_ms": spread([each * 1000 for each in notes], 0),
        "publish_s": spread(published),
        "grouping_late_s": round(ended - asked_at, 1),
    }


def bench(model: str, mails: int, replies: int, redis: str, short: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="copydesk-lanes-") as var:
        extra = {"LLM_BASE_URL": f"http://127.0.0.1:{free_port()}/v1"} if model != "real" else {}
        extra |= FAKE_EMBEDDER if short else {}
        stack = Stack(Path(var), UNDO_SEND_SECONDS=str(UNDO), REDIS_URL=redis, **extra)
        stack.asker_code += (ROOT / "scripts/bench_lanes_inside.py").read_text(encoding="utf-8")
        stand_in, watch = None, Watch(stack)
        try:
            stand_in = prepare(stack, model)
            watch.start()
            piping = Mails(stack, mails)
            piping.start()
            load = os.getloadavg()[0]
            figures = measure(stack, replies, short)
            say("counting")
            piping.join(180)
            drafts = stack.ask("drafts()")
        finally:
            watch.over.set()
            stack.stop()
            if stand_in is not None:
                stand_in.kill()
    queue = {"most_waiting": watch.most, "twice": watch.twice}
    return {"model": model, "mails": piping.taken, "load": round(load, 1), **figures, "queue": queue, "drafts": drafts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--model", choices=["real", "hanging", "dead"], default="real")
    parser.add_argument("--mails", type=int, default=0)
    parser.add_argument("--replies", type=int, default=20)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--redis", default="", help="REDIS_URL, to use Redis as the broker")
    options = parser.parse_args()
    figures = bench(options.model, options.mails, options.replies, options.redis, options.short)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<20} {json.dumps(value)}")


if __name__ == "__main__":
    main()
