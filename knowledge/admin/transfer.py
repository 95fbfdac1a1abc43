"""Export articles as a zip of Markdown, and import them: upload, see what would change, confirm."""

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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.access import may_write
from knowledge.articles import uploads
from knowledge.articles.exporting import export_zip
from knowledge.articles.importing import ImportReport, Unreadable, import_articles
from knowledge.articles.publishing import queue_sync_all
from knowledge.models import Article

ROWS_SHOWN = 300
# outcome in ImportReport.rows: colour and label of its badge
OUTCOMES = {
    "created": ("ok", gettext_lazy("new")),
    "updated": ("sel", gettext_lazy("updated")),
    "unchanged": ("dim", gettext_lazy("unchanged")),
    "error": ("bad", gettext_lazy("error")),
}


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
        "title": _("Import articles"),
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
    # With KB_SECOND_PAIR_OF_EYES a colleague approves imported articles, as all others.
    approve = bool(request.POST.get("approve")) and not settings.KB_SECOND_PAIR_OF_EYES
    if key := request.POST.get("key", ""):
        path = uploads.find(key, int(request.user.pk or 0))
        report = import_articles(path, approve=approve, by=request.user)
        uploads.forget(path)
        if report.created + report.updated:
            queue_sync_all()
        text = _("Imported: %(created)d new, %(updated)d updated, %(unchanged)d unchanged.")
        messages.success(request, text % vars(report))
        for problem in (*report.errors, *report.warnings)[:20]:
            messages.warning(request, f"{_short(problem['file'], path)}:{problem['line']}: {problem['error']}")
        return HttpResponseRedirect(reverse("admin:knowledge_article_changelist"))
    file = request.FILES.get("file")
    if file is None:
        raise uploads.Refused(_("Choose a zip of Markdown files or a JSONL file."))
    key, path = uploads.keep(file, int(request.user.pk or 0))
    report = import_articles(path, approve=approve, dry_run=True)
    context |= {"key": key, "approve": approve, "report": report, "rows": _rows(report, path)}
    return None


def _rows(report: ImportReport, root: Path) -> list[dict[str, Any]]:
    """What would happen to each article, errors first, with its warnings."""
    warnings: dict[tuple[str, int], list[str]] = {}
    for each in report.warnings:
        warnings.setdefault((each["file"], each["line"]), []).append(each["error"])
    rows = [
        row
        | _shown(row)
        | {"file": _short(row["file"], root), "warnings": warnings.get((row["file"], row["line"]), [])}
        for row in report.rows
    ]
    return sorted(rows, key=lambda row: (row["outcome"] != "error", not row["warnings"]))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    level, label = OUTCOMES[row["outcome"]]
    words = row["words"] if row["outcome"] == "error" else Article.State(row["words"]).label
    return {"level": level, "label": label, "words": words}


def _short(file: str, root: Path) -> str:
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) and path != root else path.name
