"""The step "triage" of a preparation: what a message is about, with the classifier in use."""

import logging

from copilot.triage import versions
from copilot.triage.classifier import BadModel
from copilot.triage.judging import Triaged, TriageInput, by_signals, judge
from knowledge.index.embeddings import EmbedderUnavailable

log = logging.getLogger(__name__)
DOWN = "classifier"


def triage(given: TriageInput) -> Triaged:
    """Signals are found without a classifier too."""
    if not given.trained:
        return by_signals(given, "there is no classifier yet")
    try:
        return judge(given, versions.load(given.model))
    except (BadModel, EmbedderUnavailable) as error:
        log.warning("message not classified: %s", error)
        return by_signals(given, "the classifier does not work", DOWN)
