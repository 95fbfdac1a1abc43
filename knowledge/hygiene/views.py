"""The hygiene page and its actions. Each action answers with what it did, and an undo."""

from datetime import date
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from config.jobs import SLOW, queue
from knowledge.access import curator_required, get_article_to_write
from knowledge.articles import publishing
from knowledge.hygiene import pages
from knowledge.models import Article, Finding, Revision

FINDING_LIMIT = 100  # on the page, surest first
UNDO_SECONDS = 3600
SALT = "knowledge.hygiene.archive"
DIFFERENCES: dict[str, str | Promise] = {
    "number": gettext_lazy("Different numbers"),
    "date": gettext_lazy("Different dates"),
    "duration": gettext_lazy("Different durations"),
    "price": gettext_lazy("Different prices"),
    "yes_no": gettext_lazy("One says yes, the other no"),
}


@require_GET
@curator_required
def hygiene(request: HttpRequest) -> HttpResponse:
    report = pages.report(timezone.now())
    section = request.GET.get("show", "")
    if section not in pages.SECTIONS:
        section = next((name for name in pages.SECTIONS if report.count(name)), "review")
    kind = section.removesuffix("s") if section in ("duplicates", "contradictions") else ""
    context = {
        "section": section,
        "title": pages.SECTIONS[section],
        "explanation": pages.EXPLANATIONS[section],
        "tabs": [(name, label, report.count(name)) for name, label in pages.SECTIONS.items()],
        "rows": report.rows[section],
        "findings": findings(kind) if kind else [],
        "dismissed": Finding.objects.filter(kind=kind, state=Finding.State.DISMISSED).count() if kind else 0,
        "kind": kind,
        "done": request.GET.get("done", ""),
    }
    return render(request, "knowledge/hygiene.html", context)


def findings(kind: str, state: str = Finding.State.OPEN) -> list[dict[str, Any]]:
    """The pairs to show, surest first; one query."""
    rows = Finding.objects.filter(kind=kind, state=state).select_related(
        "first__revision", "second__revision", "first_article", "second_article", "judged_by"
    )
    return [shown(row) for row in rows[:FINDING_LIMIT]]


def shown(finding: Finding) -> dict[str, Any]:
    sides = []
    for name in ("first", "second"):
        chunk, article = getattr(finding, name), getattr(finding, f"{name}_article")
        text = finding.detail.get(name) or chunk.text
        start, end = finding.detail.get(f"{name}_span") or (0, 0)
        sides.append(
            {
                "article": article,
                "heading": chunk.heading_path,
                "before": text[:start],
                "marked": text[start:end],
                "after": text[end:],
            }
        )
    difference = DIFFERENCES.get(finding.detail.get("kind", ""), _("Say the same"))
    return {"finding": finding, "sides": sides, "difference": difference, "percent": round(finding.score * 100)}


@require_POST
@curator_required
def hygiene_check(request: HttpRequest) -> HttpResponse:
    queue("knowledge.tasks.check_hygiene", lane=SLOW)
    return HttpResponseRedirect(reverse("knowledge:hygiene") + "?show=contradictions&done=checking")


@require_POST
@curator_required
def hygiene_dismiss(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Both passages are fine: hide the pair until one of the texts changes."""
    finding = _finding(finding_id)
    finding.state, finding.judged_by, finding.judged_at = Finding.State.DISMISSED, request.user, timezone.now()  # type: ignore[assignment]
    finding.save(update_fields=["state", "judged_by", "judged_at"])
    undo = reverse("knowledge:hygiene_reopen", args=[finding.pk])
    return _done(request, _("Dismissed. The pair is hidden until one of the texts changes."), undo, f"{finding.kind}s")


@require_POST
@curator_required
def hygiene_reopen(request: HttpRequest, finding_id: int) -> HttpResponse:
    finding = _finding(finding_id)
    finding.state, finding.judged_by, finding.judged_at = Finding.State.OPEN, None, None
    finding.save(update_fields=["state", "judged_by", "judged_at"])
    if getattr(request, "htmx", False):
        context = {"row": shown(finding), "focus": True}
        return render(request, "knowledge/_hygiene_finding.html", context)
    return _back(f"{finding.kind}s")


def _finding(finding_id: int) -> Finding:
    return get_object_or_404(
        Finding.objects.select_related(
            "first__revision", "second__revision", "first_article", "second_article", "judged_by"
        ),
        pk=finding_id,
    )


@require_POST
@curator_required
def hygiene_archive(request: HttpRequest, article_id: int) -> HttpResponse:
    article = _published(request, article_id)
    revision_id = publishing.archive(article)
    # Signed, so that undo cannot publish a text that nobody approved.
    token = signing.dumps([article.pk, revision_id], salt=SALT)
    undo = reverse("knowledge:hygiene_restore", args=[article.pk])
    words = _("“%(title)s” is archived. It is no longer used for drafts.") % {"title": article.title}
    return _done(request, words, undo, token=token)


@require_POST
@curator_required
def hygiene_restore(request: HttpRequest, article_id: int) -> HttpResponse:
    """Undo archiving: publish the same revision again."""
    article = get_article_to_write(request.user, article_id)
    try:
        known, revision_id = signing.loads(request.POST.get("token", ""), salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return HttpResponseBadRequest(_("This can no longer be undone here. Open the article to publish it again."))
    revision = Revision.objects.filter(pk=revision_id, article=article).first()
    if known != article.pk or revision is None or article.state != Article.State.ARCHIVED:
        return HttpResponseBadRequest(_("The article has changed since. Open it to publish it again."))
    publishing.approve(article, revision=revision)
    return _done(request, _("“%(title)s” is published again.") % {"title": article.title})


@require_POST
@curator_required
def hygiene_review(request: HttpRequest, article_id: int) -> HttpResponse:
    """Set the next review to six months from now or, for undo, to the day in `review_by`."""
    article = _published(request, article_id)
    was = article.review_by
    given = request.POST.get("review_by")
    try:
        due = (date.fromisoformat(given) if given else None) if given is not None else None
    except ValueError:
        return HttpResponseBadRequest(_("This is not a date."))
    if given is None:
        due = pages.months_later(timezone.localdate())
    Article.objects.filter(pk=article.pk).update(review_by=due, updated_at=timezone.now())
    words = _reviewed(article, due)
    if given is not None:
        return _done(request, words)
    undo = reverse("knowledge:hygiene_review", args=[article.pk])
    return _done(request, words, undo, review_by=was.isoformat() if was else "")


def _reviewed(article: Article, due: date | None) -> str:
    if due is None:
        return _("“%(title)s” has no review date now.") % {"title": article.title}
    day = date_format(due, "SHORT_DATE_FORMAT")
    return _("The next review of “%(title)s” is on %(day)s.") % {"title": article.title, "day": day}


def _published(request: HttpRequest, article_id: int) -> Article:
    article = get_article_to_write(request.user, article_id)
    if article.state != Article.State.APPROVED:
        raise Http404
    return article


def _done(request: HttpRequest, words: str, undo: str = "", section: str = "", **values: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return render(request, "knowledge/_hygiene_done.html", {"words": words, "undo": undo, "values": values})
    return _back(section)


def _back(section: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("knowledge:hygiene") + (f"?show={section}" if section else ""))
