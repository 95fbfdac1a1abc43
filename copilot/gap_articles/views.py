"""The copilot's panel on a topic's page: prepare an article, watch it being written, stop it, open it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from copilot import llm
from copilot.gap_articles import run as gap_articles_run
from copilot.gap_articles import sources
from copilot.models import GapArticleRun
from knowledge.access import curator_required
from knowledge.models import GapTopic

USUAL_WORDS = 180  # of an article: what the progress bar counts to


@require_http_methods(["GET", "POST"])
@curator_required
def gap_article(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic = _topic(topic_id)
    refused = ""
    if request.method == "POST":
        if sources.answered(topic):
            gap_articles_run.request(topic, request.user)  # type: ignore[arg-type]
        else:
            refused = _(gap_articles_run.NOT_ANSWERED)
    return _panel(request, topic, refused)


@require_POST
@curator_required
def gap_article_stop(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic = _topic(topic_id)
    run = gap_articles_run.latest(topic)
    if run is not None:
        gap_articles_run.stop(run)
    return _panel(request, topic)


def _topic(topic_id: int) -> GapTopic:
    return get_object_or_404(GapTopic.objects.select_related("draft"), pk=topic_id)


def _panel(request: HttpRequest, topic: GapTopic, refused: str = "") -> HttpResponse:
    run = gap_articles_run.latest(topic)
    topic.refresh_from_db()
    words = len(run.text.split()) if run else 0
    draft = topic.draft
    active = run is not None and run.state in GapArticleRun.ACTIVE
    answered = sources.answered(topic)
    revision = draft.revisions.first() if draft else None
    context = {
        "topic": topic,
        "run": run,
        "active": active,
        "words": words,
        "usual": max(USUAL_WORDS, words),
        "draft": draft,
        "revision": revision,
        "used_tickets": ", ".join(each["ref"].replace("ticket:", "#") for each in revision.sources) if revision else "",
        "tickets": len(sources.tickets_of(topic)),
        "answered": answered,
        "model": llm.health(timeout=0.8) if answered and not active and not draft else None,
        "refused": refused,
        "error": _(run.error) if run and run.error else "",
    }
    return render(request, "copilot/_gap_article.html", context)
