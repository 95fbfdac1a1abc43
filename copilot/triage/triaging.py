"""The step "triage" of a preparation: what a message is about, with the classifier in use."""

import logging

from copilot.triage import versions
from copilot.triage.classifier import BadModel
from copilot.triage.judging import Triaged, TriageInput, by_signals, judge
from knowledge.index.embeddings import EmbedderUnavailable
from tickets.models import Category

log = logging.getLogger(__name__)
DOWN = "classifier"


def triage(given: TriageInput) -> Triaged:
    """Signals are found without a classifier too."""
    if not given.trained:
        return by_signals(given, "there is no classifier yet")
    try:
        known = set(Category.objects.filter(active=True).values_list("slug", flat=True))
        return judge(given, versions.load(given.model), known)
    except (BadModel, EmbedderUnavailable) as error:
        log.warning("message not classified: %s", error)
        return by_signals(given, "the classifier does not work", DOWN)
