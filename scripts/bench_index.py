"""How fast articles become searchable, and how fast they are found, with real processes and temporary data.

    python scripts/bench_index.py [--articles 300] [--publishes 20] [--questions 50]

Makes articles of about 150 words, imports and indexes them with a real worker, a real Chroma and the default embedding
model, asks questions, publishes articles one by one while the worker is idle, then as many at once, and compares
all indexes at the end. Prints one JSON object; progress goes to stderr. Needs the models of
`manage.py fetch_models`. 10,000 articles take about half an hour on two cores.

- `import`: `import_articles --approve`; words are searchable from then on.
- `indexing`: from the start of the worker until no article waits for its vectors.
- `search`: the whole of `knowledge.search.retrieval`, reranker and all; `found`: the article asked about is among
  the passages.
- `publish_one`, `publish_many`: from the call of `approve` until Chroma answers with all vectors of the article, in
  a process as the web process is.
- `sweep`: how fast all passages are compared with each other, from a cold start.
- `memory_mb`: resident; `searching` is a process as the web process is, with embedder and reranker loaded.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config.numbers import percentile  # noqa: E402
from scripts.bench_index_articles import article  # noqa: E402
from tests.browser.stack import SCHEDULES, Stack  # noqa: E402


def spread(seconds: Sequence[float]) -> dict[str, float]:
    shares = {"p50_ms": 0.5, "p95_ms": 0.95, "max_ms": 1.0}
    return {name: round(percentile(seconds, share) * 1000) for name, share in shares.items()} | {"n": len(seconds)}


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def until(done: Callable[[], Any], every: float, patience: float = 7200) -> Any:
    """The first truthy result."""
    end = time.monotonic() + patience
    while not (answer := done()):
        if time.monotonic() > end:
            raise SystemExit(f"gave up after {patience:.0f} s")
        time.sleep(every)
    return answer


# --- In a separate process, like the web process: `--inside` ---------------------------------------


def inside(articles: int, publishes: int, questions: int) -> None:
    import django

    django.setup()
    from knowledge.search.retrieval import warm

    warm()
    picked = random.Random(1).sample(range(articles), min(questions, articles))  # noqa: S311
    figures: dict[str, Any] = {"search": search_all([article(number) for number in picked])}
    stop_comparing()
    say("publishing one by one")
    figures["publish_one"] = spread([*publish_one_by_one(articles, publishes)])
    say("publishing at once")
    figures["publish_many"] = spread(publish(articles + publishes, publishes))
    figures["searching_mb"] = resident(os.getpid())
    say("comparing passages for half a minute")
    figures["sweep"] = sweep_for(30)
    print(json.dumps(figures))


def stop_comparing() -> None:
    """Stop the comparison of all passages after the import, which would keep the worker busy for long."""
    from django_q.models import Schedule

    from config.background import brokers
    from config.background.lanes import SLOW

    Schedule.objects.filter(func="knowledge.tasks.check_hygiene").delete()
    slow = brokers.of(SLOW)

    def stopped() -> bool:
        slow.purge_queue()  # each part queues the next when it ends
        return slow.load()[1] == 0

    for _ in range(2):
        until(stopped, 0.5, patience=300)


def sweep_for(seconds: float) -> dict[str, int]:
    from knowledge.hygiene.findings import sweep

    began = time.monotonic()
    report, _ = sweep(seconds=seconds)
    return {"pairs_a_minute": round(60 * report.compared / (time.monotonic() - began))}


def search_all(wanted: list[dict[str, str]]) -> dict[str, Any]:
    from knowledge.search.retrieval import search

    took, found, modes = [], 0, set()
    for each in wanted:
        result = search(each["question"])
        took.append(result.took_ms / 1000)
        modes.add(str(result.degradation or result.mode))
        found += any(passage.title == each["title"] for passage in result.passages)
    return {**spread(took), "found": round(found / len(wanted), 2), "modes": sorted(modes)}


def publish_one_by_one(first: int, count: int) -> Iterator[float]:
    from config.background import brokers
    from config.background.lanes import WORKER

    for number in range(first, first + count):
        until(lambda: brokers.of(WORKER).load()[:2] == (0, 0), 0.05)  # the worker is idle
        yield from publish(number, 1)


def publish(first: int, count: int) -> list[float]:
    """Seconds from the call of `approve` until Chroma answers with all vectors of the article."""
    from knowledge.articles import publishing
    from knowledge.index.embeddings import get_embedder
    from knowledge.index.vectors import get_store
    from knowledge.models import Article, Chunk

    rows = []
    for number in range(first, first + count):
        made = article(number)
        rows.append(Article(title=made["title"], body_md=made["body_md"]))
        publishing.save_revision(rows[-1])
    began = {}
    for row in rows:
        began[row.pk] = time.monotonic()
        publishing.approve(row)
    waiting = {row.pk: set(Chunk.objects.filter(article=row).values_list("id", flat=True)) for row in rows}
    store, took = get_store(get_embedder().name), []

    def all_there() -> bool:
        stored = store.hashes(list(waiting)).keys()
        now = time.monotonic()
        for article_id in [each for each, chunks in waiting.items() if chunks <= stored]:
            took.append(now - began[article_id])
            del waiting[article_id]
        return not waiting

    until(all_there, 0.02, patience=300)
    return took


def resident(*pids: int) -> int:
    """MB. Each process counts its part of shared pages, if the kernel knows it."""
    return round(sum(_kilobytes(pid) for pid in pids) / 1024)


def _kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


# --- Outside: processes and clocks ---------------------------------------------------------------------


def bench(stack: Stack, articles: int, publishes: int, questions: int) -> dict[str, Any]:
    stack.prepare(SCHEDULES)
    stack.start("chroma")
    say(f"importing {articles} articles")
    imported = import_articles(stack, articles)
    chunks = stack.ask("Chunk.objects.count()")
    say(f"indexing {chunks} passages")
    began = time.monotonic()
    stack.start("worker", "slow")
    until(lambda: stack.ask("not Article.objects.exclude(indexed=models.F('published')).exists()"), 1.0)
    indexing = time.monotonic() - began
    say("searching")
    within = ["scripts/bench_index.py", "--inside", f"--articles={articles}", f"--publishes={publishes}"]
    measured = json.loads(run(stack, *within, f"--questions={questions}"))
    memory = {
        "searching": measured.pop("searching_mb"),
        "chroma": resident(*family(stack.running["chroma"].pid)),
        "worker": resident(*family(stack.running["worker"].pid)),
    }
    jobs = stack.ask(
        "list(__import__('django_q.models').models.Task.objects.values_list('func', 'started', 'stopped'))"
    )
    stack.kill("worker", "slow")
    say("comparing all indexes")
    began = time.monotonic()
    compared = json.loads(run(stack, "manage.py", "verify_index", "--json", check=False))
    measured["verify"] = {"seconds": round(time.monotonic() - began, 1), "agrees": compared["agrees"]}
    return {
        "articles": articles,
        "passages": chunks,
        "cores": os.cpu_count(),
        "import": {"seconds": round(imported, 1), "articles_per_second": round(articles / imported)},
        "indexing": {"seconds": round(indexing, 1), "passages_per_second": round(chunks / indexing, 1)},
        **measured,
        "memory_mb": memory,
        "queued_to_done_max_s": slowest(jobs),
    }


def slowest(jobs: list[tuple[str, str, str]]) -> dict[str, float]:
    """The longest time of each kind of job, waiting and running, in seconds: django-q counts from queueing."""
    longest: dict[str, float] = {}
    for func, started, stopped in jobs:
        seconds = (datetime.fromisoformat(stopped) - datetime.fromisoformat(started)).total_seconds()
        longest[func] = max(longest.get(func, 0.0), round(seconds, 2))
    return dict(sorted(longest.items(), key=lambda job: -job[1])[:5])


def import_articles(stack: Stack, count: int) -> float:
    file = stack.var / "articles.jsonl"
    with file.open("w") as lines:
        for number in range(count):
            made = article(number)
            lines.write(json.dumps({name: made[name] for name in ("id", "title", "body_md")}) + "\n")
    began = time.monotonic()
    run(stack, "manage.py", "import_articles", str(file), "--approve")
    return time.monotonic() - began


def run(stack: Stack, *arguments: str, check: bool = True) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, text=True, check=check).stdout


def family(pid: int) -> list[int]:
    """The process and all its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--publishes", type=int, default=20)
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = vars(parser.parse_args())
    if options.pop("inside"):
        inside(**options)
        return
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-index-") as var:
        stack = Stack(Path(var))
        try:
            figures = bench(stack, **options)
        finally:
            stack.stop()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
