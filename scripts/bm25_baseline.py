"""Plain BM25 over the files of `evaluate_retrieval`, with the library bm25s, as a baseline.

Copydesk does not need `bm25s`; install it to run this: `pip install bm25s`. Documents are searched as a whole (no
chunks), tokenised by bm25s with its English stopwords; a conversation before the question is searched with it.

    python scripts/bm25_baseline.py --corpus C --queries Q
"""

import json
import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--no-history", action="store_true")
    given = parser.parse_args()

    import bm25s

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    import numpy as np

    django.setup()
    from knowledge.evaluation.retrieval import read_documents, read_questions, score

    documents = read_documents(given.corpus)
    questions = read_questions(given.queries, with_history=not given.no_history)
    index = bm25s.BM25()
    texts = [f"{each.title}\n{each.body}" for each in documents]
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    rankings, times = [], []
    for question in questions:
        before = time.perf_counter()
        tokens = bm25s.tokenize(" ".join([question.query, *question.history]), stopwords="en", show_progress=False)
        found, _ = index.retrieve(tokens, k=10, show_progress=False)
        times.append((time.perf_counter() - before) * 1000)
        rankings.append([documents[int(number)].id for number in found[0]])
    figures = score(rankings, [question.gold for question in questions])
    p50, p95 = (round(float(np.percentile(times, each)), 1) for each in (50, 95))
    print(json.dumps({"queries": len(questions), **figures, "p50_ms": p50, "p95_ms": p95, "mode": "bm25s"}))


if __name__ == "__main__":
    main()
