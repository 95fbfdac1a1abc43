"""What the copilot stores: preparations, drafts and their sources, model calls, questions as vectors, texts."""

from copilot.models.calls import ModelCall
from copilot.models.drafts import Citation, Draft, DraftQuerySet, DraftRecord
from copilot.models.gap_articles import GapArticleRun
from copilot.models.preparation import MaskedValue, Preparation
from copilot.models.questions import QuestionVector
from copilot.models.texts import TextActivation, TextTrial, TextVersion, TrialCase

__all__ = [
    "Citation",
    "Draft",
    "DraftQuerySet",
    "DraftRecord",
    "GapArticleRun",
    "MaskedValue",
    "ModelCall",
    "Preparation",
    "QuestionVector",
    "TextActivation",
    "TextTrial",
    "TextVersion",
    "TrialCase",
]
