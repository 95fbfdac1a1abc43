"""The state of the models, for doctor, /health and `manage.py up`."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from config import catalogue
from config.formats import percent
from config.running.doctor import Answer, degraded, down, ok, probe
from config.running.processes import health_check
from copilot import llm
from copilot.drafting import min_score
from copilot.models import TriageModel
from copilot.redaction import values
from copilot.triage import versions
from copilot.triage.classifier import BadModel
from knowledge.masking import tagger
from knowledge.models import Article
from tickets.models import Ticket

RUN = "make run"
LATELY = timedelta(days=30)
LISTED = 6  # languages


@health_check("model")
async def model_settled(age: float) -> bool:
    """Ready, or without a model file, which waiting would not change."""
    return (await sync_to_async(llm.health)()).code in {"ready", "no_model"}


@probe("model")
def model() -> Answer:
    health = llm.health()
    where = f"{settings.LLM_BASE_URL}"
    if health.ready:
        return ok(f"{health.model or settings.COPILOT_MODEL} at {where}")
    if health.code == "loading":
        return degraded("The model is being loaded", "Wait a moment; see var/log/model.log if it lasts.")
    if health.code == "no_model":
        return down(f"No file for {settings.COPILOT_MODEL} in {settings.MODELS_DIR}", "manage.py fetch_models")
    mend = f"{RUN}, or manage.py serve_model" if settings.LLM_EMBEDDED else "Start the server that LLM_BASE_URL names."
    return down(f"Nothing answers at {where}; drafts wait, the desk works", mend)


@probe("embedder")
def embedder() -> Answer:
    if catalogue.is_present(settings.EMBEDDING_MODEL):
        return ok(settings.EMBEDDING_MODEL)
    return degraded(
        f"{settings.EMBEDDING_MODEL} is not in {settings.MODELS_DIR}; search goes by words only",
        "manage.py fetch_models",
    )


@probe("tagger")
def names_of_others() -> Answer:
    """Whether names and street addresses of anybody are masked, not only those of the customer."""
    if not settings.REDACTION_MODEL:
        return degraded(
            "Switched off by REDACTION_MODEL; names of others are found by rules alone", "Remove the setting."
        )
    tagger.words("Hello, Anna")  # a damaged file shows only when it is used
    if tagger.name():
        return ok(settings.REDACTION_MODEL)
    return degraded(
        f"{settings.REDACTION_MODEL} in {settings.MODELS_DIR} is missing or damaged; rules alone find names",
        "manage.py fetch_models",
    )


@probe("classifier")
def classifier() -> Answer:
    """Whether messages are classified, and how well that was measured."""
    number = versions.current()
    if not number:
        return degraded(
            f"None for {settings.EMBEDDING_MODEL} yet; only sensitive signals are found",
            "Wait two minutes after the start, or run manage.py train_triage --activate.",
        )
    try:
        versions.load(number)
    except BadModel as error:
        return degraded(f"{error} Only sensitive signals are found", "manage.py train_triage --activate")
    accuracy = TriageModel.objects.values_list("report__accuracy", flat=True).get(pk=number)
    return ok(f"number {number}; {percent(accuracy or 0)} right on messages kept apart")


@probe("draft score")
def min_score_of_drafts() -> Answer:
    """Whether the writer has a minimum score, and where it comes from."""
    wanted = min_score.of_writer()
    writer = settings.COPILOT_MODEL if settings.LLM_EMBEDDED else f"the writer at {settings.LLM_BASE_URL}"
    number = f"minimum score {wanted.value:.2f} for {writer}"
    match wanted.source:
        case "measured":
            return ok(f"{number}; measured")
        case "set":
            return ok(
                f"{number}; set by DRAFT_MIN_SCORE"
                + ("" if wanted.value else ": whatever is found counts as an answer")
            )
        case _:
            mend = "Set DRAFT_MIN_SCORE to what manage.py evaluate_refusals --cases F suggests."
            return degraded(f"{number}; nobody has measured this writer", mend)


@probe("masked values")
def masked_values() -> Answer:
    """Whether what placeholders stand for can be opened. If SECRET_KEY was changed, the oldest or the newest cannot."""
    count = values.not_opened()
    if not count:
        return ok("what placeholders stand for can be opened")
    return degraded(
        f"At least {count} masked values were sealed with another SECRET_KEY; their placeholders stay in drafts",
        "Add the SECRET_KEY from before to SECRET_KEY_FALLBACKS.",
    )


@probe("languages")
def languages_of_mails() -> Answer:
    """Whether mails arrive in languages in which nothing is published, and what is done about them."""
    articles = Article.objects.published().filter(audience=Article.Audience.PUBLIC).values_list("language", flat=True)
    tickets = Ticket.objects.filter(created_at__gte=timezone.now() - LATELY).exclude(language="")
    counts = tickets.exclude(language__in=articles.distinct()).values_list("language").annotate(count=Count("pk"))
    missing = ", ".join(f"{language} {count}" for language, count in counts.order_by("-count", "language")[:LISTED])
    if not missing:
        return ok("there are articles in the languages of all mails of the last 30 days")
    if settings.EMBEDDING_MULTILINGUAL:
        return ok(f"no articles in {missing} (mails of the last 30 days); the embedder knows many languages")
    if llm.health().ready:
        return ok(f"no articles in {missing} (mails of the last 30 days); the writer translates these questions")
    return degraded(
        f"No articles in {missing} (mails of the last 30 days), and no writer that translates these questions",
        "Start the writer, publish articles in these languages, or use an embedder for many (see .env.example).",
    )
