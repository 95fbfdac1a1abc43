"""Articles out as a zip of Markdown; and in again: upload, read what would happen, confirm."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from knowledge.access import may_write
from knowledge.articles import uploads
from knowledge.articles.exporting import export_zip
from knowledge.articles.importing import ImportReport, Unreadable, import_articles
from knowledge.articles.publishing import queue_sync_all

ROWS_SHOWN = 300


def download(articles: QuerySet) -> HttpResponse:
    response = HttpResponse(export_zip(articles), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="articles-{timezone.localdate():%Y-%m-%d}.zip"'
    return response


def import_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """GET: the form. POST with a file: a dry run. POST with its key: the import itself."""
    if not may_write(request.user):
        raise PermissionDenied
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "title": "Import articles",
        "opts": model_admin.opts,
        "rows_shown": ROWS_SHOWN,
        "may_approve": not settings.KB_SECOND_PAIR_OF_EYES,
    }
    if request.method == "POST":
        try:
            done = _act(request, context)
        except (Unreadable, uploads.Refused) as error:
            context["error"] = str(error)
            done = None
        if done:
            return done
    return TemplateResponse(request, "admin/knowledge/article/import.html", context)


def _act(request: HttpRequest, context: dict[str, Any]) -> HttpResponse | None:
    # Two pairs of eyes: what a person brings in waits for a colleague like anything else that he writes.
    approve = bool(request.POST.get("approve")) and not settings.KB_SECOND_PAIR_OF_EYES
    if key := request.POST.get("key", ""):
        path = uploads.find(key, int(request.user.pk or 0))
        report = import_articles(path, approve=approve, by=request.user)
        uploads.forget(path)
        if report.created + report.updated:
            queue_sync_all()
        words = f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged."
        messages.success(request, words)
        for problem in (*report.errors, *report.warnings)[:20]:
            messages.warning(request, f"{_short(problem['file'], path)}:{problem['line']}: {problem['error']}")
        return HttpResponseRedirect(reverse("admin:knowledge_article_changelist"))
    file = request.FILES.get("file")
    if file is None:
        raise uploads.Refused("Choose a zip of Markdown files or a JSONL file.")
    key, path = uploads.keep(file, int(request.user.pk or 0))
    report = import_articles(path, approve=approve, dry_run=True)
    context |= {"key": key, "approve": approve, "report": report, "rows": _rows(report, path)}
    return None


def _rows(report: ImportReport, root: Path) -> list[dict[str, Any]]:
    """What would become of each article, errors first, with the warnings that concern it."""
    warnings: dict[tuple[str, int], list[str]] = {}
    for each in report.warnings:
        warnings.setdefault((each["file"], each["line"]), []).append(each["error"])
    rows = [
        row | {"file": _short(row["file"], root), "warnings": warnings.get((row["file"], row["line"]), [])}
        for row in report.rows
    ]
    return sorted(rows, key=lambda row: (row["outcome"] != "error", not row["warnings"]))


def _short(file: str, root: Path) -> str:
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) and path != root else path.name
