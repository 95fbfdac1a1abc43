"""Loads the search models and the tagger before the first search, in each process that searches, when it starts.

The drafter loads them before its first draft (copilot/drafter.py).
"""

from typing import Any

from config.background.lanes import WORKER


def warm_search() -> None:
    """Imports inside, so that importing this module does not load numpy and onnxruntime."""
    from knowledge.masking import forms
    from knowledge.search import retrieval

    retrieval.warm()
    forms.warm()


def warm_worker(**kwargs: Any) -> None:
    """Processes of the worker lane store vectors of published articles and search for new messages."""
    from django_q.conf import Conf

    if Conf.CLUSTER_NAME == WORKER:
        warm_search()
