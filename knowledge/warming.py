"""Loads the search models ahead of the first search: each process that searches does so when it begins to serve.

The drafter does it before its first draft (copilot/drafter.py).
"""

from typing import Any

from config.background.lanes import WORKER


def warm_search() -> None:
    """Imports late: numpy and onnxruntime are not loaded before the first request."""
    from knowledge.search import retrieval

    retrieval.warm()


def warm_worker(**kwargs: Any) -> None:
    """A new process of the worker lane stores vectors of what is published and searches for who has just written."""
    from django_q.conf import Conf

    if Conf.CLUSTER_NAME == WORKER:
        warm_search()
