"""Who may see the figures about the team and its drafts, and who may change the classifier."""

from django.http import Http404

from config.roles import Capability
from config.web.access import require
from copilot.models import TriageModel
from knowledge.index import embeddings

figures_required = require(Capability.SEE_FIGURES)
classifiers_required = require(Capability.CHANGE_TEXTS)


def get_classifier(number: int) -> TriageModel:
    """One of the embedder in use, without its file, or 404."""
    found = TriageModel.objects.filter(pk=number, embedder=embeddings.get_embedder().name).defer("file").first()
    if found is None:
        raise Http404
    return found
