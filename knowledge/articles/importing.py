"""Writes imported articles into the knowledge base, through publishing. importing_rows reads them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.articles import importing_links, publishing
from knowledge.articles.article_files import body
from knowledge.articles.importing_pictures import localise
from knowledge.articles.importing_rows import BadRow, Place, Row, Unreadable, read, row
from knowledge.models import Article

__all__ = ["BadRow", "ImportReport", "Unreadable", "import_articles", "read", "row"]

PLAIN = ("title", "body_md", "category", "audience", "language", "tags", "product_version")


@dataclass
class ImportReport:
    """`rows`: for each article its file, line, title and outcome, or what the outcome would be."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "rows"}

    def refuse(self, place: Place, reason: str) -> None:
        self.errors.append(place.error(reason))
        self.rows.append({"file": place.file, "line": place.line, "title": "", "outcome": "error", "words": reason})

    def note(self, place: Place, item: Row, outcome: str, state: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        self.rows.append(
            {"file": place.file, "line": place.line, "title": item.title, "outcome": outcome, "words": state}
        )


@dataclass
class _Run:
    approve: bool
    dry_run: bool
    by: Any
    report: ImportReport = field(default_factory=ImportReport)
    places: dict[str, Place] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


def import_articles(path: Path, *, approve: bool = False, dry_run: bool = False, by: Any = None) -> ImportReport:
    """Create or update by external id. Nothing is published without `approve`, or if the file says it is a draft.

    `by`: the member who imports. Commands pass nobody; then the article's owner counts as its author.
    """
    run = _Run(approve, dry_run, by)
    translations: list[Row] = []
    found = list(_once_each(read(path), run))
    ids = {importing_links.key(item.path): item.external_id for place, item in found if item.path}
    for place, row_ in found:
        item = _linked(row_, place, ids, run)
        try:
            _import_one(item, place, run)
        except (DatabaseError, publishing.NothingToPublish) as error:
            run.report.refuse(place, str(error))
            continue
        if item.translation_of:
            translations.append(item)
    if run.report.errors and not run.places and path.is_file():
        first = run.report.errors[0]
        raise Unreadable(f"{first['file']}:{first['line']}: {first['error']}")
    if not dry_run:
        for item in translations:
            _link_translation(item, run)
    return run.report


def _once_each(found: Iterator[tuple[Place, Row | BadRow]], run: _Run) -> Iterator[tuple[Place, Row]]:
    for place, item in found:
        if isinstance(item, Row) and item.external_id in run.places:
            item = BadRow(
                _("The id %(id)s occurs twice, first in %(file)s.")
                % {"id": item.external_id, "file": run.places[item.external_id].file}
            )
        if isinstance(item, BadRow):
            run.report.refuse(place, str(item))
            continue
        run.places[item.external_id] = place
        yield place, item


def _linked(item: Row, place: Place, ids: Mapping[str, str], run: _Run) -> Row:
    if not item.path:
        return item
    text, problems = importing_links.localise(item.body_md, item.path, ids)
    run.report.warnings += [place.error(problem) for problem in problems]
    return replace(item, body_md=text)


def _import_one(item: Row, place: Place, run: _Run) -> None:
    if place.root:
        folder = Path(place.file).parent
        text, problems = localise(item.body_md, folder, place.root, write=not run.dry_run, by=run.by)
        item = replace(item, body_md=text)
        run.report.warnings += [place.error(problem) for problem in problems]
    if item.held_back:
        text = _("Imported as a draft, not published, because the file says: %(field)s")
        run.report.warnings.append(place.error(text % {"field": item.held_back}))
    article = Article.objects.filter(external_id=item.external_id).select_related("published", "owner").first()
    state = target_state(item, article, run.approve)
    if article and _same(article, item, state):
        run.report.note(place, item, "unchanged", state)
        return
    if not run.dry_run:
        owner = get_user_model().objects.filter(username=item.owner).first() if item.owner else None
        if item.owner and owner is None:
            text = _("There is no member %(name)s, so the article has no owner.")
            run.report.warnings.append(place.error(text % {"name": item.owner}))
        with transaction.atomic():
            _write(article or Article(external_id=item.external_id), item, owner, state, run.by)
        run.changed.add(item.external_id)
    run.report.note(place, item, "updated" if article else "created", state)


def target_state(item: Row, article: Article | None, approve: bool) -> str:
    """The article's state after the import. Pure."""
    if item.state in {Article.State.DRAFT, Article.State.ARCHIVED}:
        return item.state
    if approve:
        return Article.State.APPROVED
    return article.state if article else Article.State.DRAFT


def _same(article: Article, item: Row, state: str) -> bool:
    if article.state != state or any(getattr(article, name) != getattr(item, name) for name in PLAIN[2:]):
        return False
    # Blank lines around the text are not written to files, but articles may have them.
    if (article.title, body(article.body_md)) != (item.title, item.body_md):
        return False
    given = {"review_by": item.review_by, "expires_at": item.expires_at}
    if any(value is not None and getattr(article, name) != value for name, value in given.items()):
        return False
    if state != Article.State.APPROVED or article.published is None:
        return True
    return (article.published.title, body(article.published.body_md)) == (item.title, item.body_md)


def _write(article: Article, item: Row, owner: Any, state: str, by: Any) -> None:
    for name in PLAIN:
        setattr(article, name, getattr(item, name))
    article.owner = owner or article.owner
    if item.review_in_days is not None:
        article.review_by = timezone.localdate() + timedelta(days=item.review_in_days)
    article.review_by = item.review_by or article.review_by
    article.expires_at = item.expires_at or article.expires_at
    was = article.state
    revision = publishing.save_revision(article, author=by or owner, note="imported")
    if state == Article.State.APPROVED:
        # An approved article stays approved only if the import may approve; see target_state.
        if was != state or article.published_id != revision.pk:
            publishing.approve(article, revision=revision, by=by, sync=False)
    elif state == Article.State.ARCHIVED:
        publishing.archive(article)
    elif was == Article.State.APPROVED:
        publishing.unpublish(article)
    _date_back(article, item, revision.pk)


def _date_back(article: Article, item: Row, revision_id: int) -> None:
    times = dict(item.times)
    if item.updated_days_ago is not None:
        then = timezone.now() - timedelta(days=item.updated_days_ago)
        times = {"updated_at": then, "published_at": then} | times
        article.revisions.filter(pk=revision_id).update(created_at=then)
    published = {"published_at": times.pop("published_at")} if "published_at" in times else {}
    if times:
        Article.objects.filter(pk=article.pk).update(**times)
    if published:
        Article.objects.filter(pk=article.pk, published_at__isnull=False).update(**published)


def _link_translation(item: Row, run: _Run) -> None:
    original = Article.objects.filter(external_id=item.translation_of).first()
    if original is None:
        text = _("This is a translation of %(id)s, which does not exist here.") % {"id": item.translation_of}
        run.report.warnings.append(run.places[item.external_id].error(text))
        return
    translation = Article.objects.filter(external_id=item.external_id)
    translation.update(translation_of=original)
    if item.external_id in run.changed or item.translation_of in run.changed:
        # Imported together, so the translation is up to date.
        translation.filter(published__isnull=False).update(translated_revision=original.published)
