"""The gaps pages for authors and leads: ranked topics, and one topic with its questions."""

from collections import defaultdict
from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from config.jobs import SLOW, queue
from config.numbers import whole
from knowledge.access import curator_required
from knowledge.gaps import decisions
from knowledge.gaps.ranking import EXPLANATION, Ranked, figures, rank, tier_name
from knowledge.gaps.trend import spark
from knowledge.models import Gap, GapTopic

Outcome = GapTopic.Outcome
STATES = {
    "open": pgettext_lazy("gaps", "Open"),
    "answered": pgettext_lazy("gaps", "Answered"),
    "dismissed": pgettext_lazy("gaps", "Dismissed"),
}
TOPIC_LIMIT = 300  # on the page
QUESTION_LIMIT = 200  # on a topic's page
MERGED = "gap_merged"  # session key: what the last merge moved, for undo


@require_GET
@curator_required
def gaps(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    wanted = " ".join(request.GET.get("q", "").split())[:100]
    rows = ranked(GapTopic.objects.filter(outcome=state), wanted)
    context = {
        "state": state,
        "q": wanted,
        "states": _counts(),
        "rows": [(row, spark(row.figures.weekly)) for row in rows[:TOPIC_LIMIT]],
        "formula": EXPLANATION,
        "ungrouped": Gap.objects.filter(topic=None, closed_at=None).count(),
        "done": request.GET.get("done", ""),
    }
    partial = bool(getattr(request, "htmx", False))
    return render(request, "knowledge/_gap_topics.html" if partial else "knowledge/gaps.html", context)


def ranked(topics: Iterable[GapTopic], wanted: str = "") -> list[Ranked]:
    """The topics whose name, keywords or questions contain every wanted word. Two queries."""
    listed = list(topics)
    by_topic: dict[int, list[Gap]] = defaultdict(list)
    for gap in Gap.objects.filter(topic__in=[topic.pk for topic in listed]).defer("vector"):
        by_topic[gap.topic_id or 0].append(gap)
    words = wanted.lower().split()

    def holds(topic: GapTopic) -> bool:
        said = " ".join([topic.name, topic.keywords, *(gap.query for gap in by_topic[topic.pk])]).lower()
        return all(word in said for word in words)

    return rank([topic for topic in listed if holds(topic)], by_topic, timezone.now())


def _counts() -> list[tuple[str, str, int]]:
    outcomes = list(GapTopic.objects.values_list("outcome", flat=True))
    return [(value, str(label), outcomes.count(value)) for value, label in STATES.items()]


@require_GET
@curator_required
def gap_topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic = get_topic(topic_id)
    done = request.GET.get("done", "")
    origin = done.removeprefix("split-") if done.startswith("split-") else ""
    asked = list(topic.gaps.select_related("answered_by").defer("vector")[: QUESTION_LIMIT + 1])
    found = figures(asked, timezone.now())
    context = {
        "topic": topic,
        "figures": found,
        "spark": spark(found.weekly),
        "questions": [(gap, _ticket(gap), tier_name(gap.tier)) for gap in asked[:QUESTION_LIMIT]],
        "more": len(asked) > QUESTION_LIMIT,
        "others": GapTopic.objects.exclude(pk=topic.pk)
        .exclude(outcome=Outcome.DISMISSED)
        .order_by("name")[:TOPIC_LIMIT],
        "done": done,
        "origin": GapTopic.objects.filter(pk=whole(origin) or 0).first(),
        "can_unmerge": request.session.get(MERGED, {}).get("into") == topic.pk,
        "article_url": f"/copilot/gaps/{topic.pk}/article",
    }
    return render(request, "knowledge/gap_topic.html", context)


def get_topic(topic_id: int) -> GapTopic:
    found = GapTopic.objects.select_related("answered_by", "draft", "closed_by").filter(pk=topic_id).first()
    if found is None:
        raise Http404
    return found


def _ticket(gap: Gap) -> str:
    """The number of the ticket: "12" of "ticket:12 message:34"; empty for help center visits."""
    kind, _, rest = gap.asked_in.partition(":")
    number = rest.split(" ")[0]
    return number if kind == "ticket" and whole(number) is not None else ""


@require_POST
@curator_required
def gap_rename(request: HttpRequest, topic_id: int) -> HttpResponse:
    done = decisions.rename(get_topic(topic_id), request.POST.get("name", ""))
    return _back(topic_id, "renamed" if done else "no-name")


@require_POST
@curator_required
def gap_dismiss(request: HttpRequest, topic_id: int) -> HttpResponse:
    decisions.dismiss(get_topic(topic_id), request.user)
    return _back(topic_id, "dismissed")


@require_POST
@curator_required
def gap_reopen(request: HttpRequest, topic_id: int) -> HttpResponse:
    decisions.reopen(get_topic(topic_id))
    return _back(topic_id, "reopened")


@require_POST
@curator_required
def gap_merge(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic, into = get_topic(topic_id), whole(request.POST.get("into", ""))
    if into is None:
        return _back(topic_id, "no-target")
    moved = decisions.merge(topic, get_topic(into))
    if moved is None:
        return _back(into, "no-target")
    request.session[MERGED] = {"into": into, "name": topic.name, "gaps": moved}
    return _back(into, "merged")


@require_POST
@curator_required
def gap_unmerge(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Undo the last merge, while its questions are still together."""
    topic, merged = get_topic(topic_id), request.session.pop(MERGED, None)
    if merged is None or merged["into"] != topic_id:
        return _back(topic_id, "no-undo")
    again = decisions.split(topic, merged["gaps"], merged["name"])
    return _back(again.pk, "unmerged") if again else _back(topic_id, "no-undo")


@require_POST
@curator_required
def gap_split(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Make a new topic of the chosen questions."""
    chosen = [gap for value in request.POST.getlist("gap") if (gap := whole(value)) is not None]
    own = decisions.split(get_topic(topic_id), chosen)
    return _back(own.pk, f"split-{topic_id}") if own else _back(topic_id, "no-split")


@require_POST
@curator_required
def gaps_group(request: HttpRequest) -> HttpResponse:
    """Queue the job that otherwise runs every ten minutes."""
    queue("knowledge.tasks.group_gaps", lane=SLOW)
    return HttpResponseRedirect(reverse("knowledge:gaps") + "?done=grouping")


def _back(topic_id: int, done: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("knowledge:gap_topic", args=[topic_id]) + f"?done={done}")
