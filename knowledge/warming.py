"""Loads the search models ahead of the first search: each process that searches does so when it begins to serve.

The drafter does it before its first draft (copilot/drafter.py).
"""

import contextlib
from typing import Any

from config.background.lanes import WORKER


def warm_search() -> None:
    """For the web process. Imports late: numpy and onnxruntime are not loaded before the first request."""
    from knowledge.search import retrieval

    retrieval.warm()


def warm_worker(**kwargs: Any) -> None:
    """A new process of the worker lane stores vectors of what is published: the first author does not wait longer."""
    from django_q.conf import Conf

    if Conf.CLUSTER_NAME != WORKER:
        return
    from knowledge.index.embeddings import EmbedderUnavailable, get_embedder

    with contextlib.suppress(EmbedderUnavailable):
        get_embedder().embed_passages(["warm"])
