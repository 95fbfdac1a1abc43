"""What the copilot stores: preparations, drafts and their sources, model calls, revised texts, evaluations, prompts,
triage, routes, summaries, escalations, solved tickets."""

from copilot.models.calls import ModelCall
from copilot.models.drafts import Citation, Draft, DraftQuerySet, DraftRecord
from copilot.models.escalations import Escalation, EscalationQuerySet, EscalationRules
from copilot.models.evaluations import EvaluationRun
from copilot.models.gap_articles import GapArticleRun
from copilot.models.preparation import MaskedValue, Preparation
from copilot.models.questions import QuestionVector
from copilot.models.revised_texts import RevisedText
from copilot.models.routing import Route, RoutingRules
from copilot.models.sent_replies import SentReply
from copilot.models.solved_tickets import SolvedTicket
from copilot.models.summaries import ThreadSummary
from copilot.models.texts import TextActivation, TextTrial, TextVersion, TrialCase
from copilot.models.triage import Triage, TriageModel

__all__ = [
    "Citation",
    "Draft",
    "DraftQuerySet",
    "DraftRecord",
    "Escalation",
    "EscalationQuerySet",
    "EscalationRules",
    "EvaluationRun",
    "GapArticleRun",
    "MaskedValue",
    "ModelCall",
    "Preparation",
    "QuestionVector",
    "Route",
    "RoutingRules",
    "SentReply",
    "RevisedText",
    "SolvedTicket",
    "TextActivation",
    "TextTrial",
    "TextVersion",
    "ThreadSummary",
    "TrialCase",
    "Triage",
    "TriageModel",
]
