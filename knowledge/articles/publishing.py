"""The only writer of an article's text and state. Full-text rows change in the same transaction, vectors later."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from config.jobs import SLOW, WORKER, queue
from config.signal_delivery import send_on_commit
from knowledge.index.lexical import INDEX
from knowledge.models import Article, Chunk, Revision
from knowledge.signals import article_published, article_unpublished
from knowledge.text.chunking import Piece, chunk

# A tickets.User, or None for an import. The type is open because knowledge does not import tickets.
Author = Any


class EditConflict(Exception):
    """Somebody saved a newer revision while this one was being written. Nothing is lost."""

    def __init__(self, newest: Revision) -> None:
        super().__init__(_("Somebody has saved revision %(number)d in the meantime.") % {"number": newest.number})
        self.newest = newest


class NothingToPublish(Exception):
    """An article without text cannot be approved."""

    def __init__(self, title: str) -> None:
        super().__init__(_("“%(title)s” has no text yet.") % {"title": title})


class NeedsAnotherPerson(Exception):
    """With KB_SECOND_PAIR_OF_EYES nobody approves a text of his own."""

    def __init__(self, revision: Revision) -> None:
        text = _("You wrote revision %(number)d yourself. Ask another member to approve it.")
        super().__init__(text % {"number": revision.number})


# Fields that functions write, never the form: a form that was open meanwhile would restore old values.
NOT_IN_THE_FORM = frozenset(
    {
        *("id", "created_at", "state", "published", "published_at", "indexed"),
        *("proposed", "proposed_by", "proposed_at", "publish_at", "translated_revision", "reminded_on"),
    }
)
NO_PROPOSAL: dict[str, None] = dict.fromkeys(("proposed", "proposed_by", "proposed_at", "publish_at"))


def content_hash(title: str, body_md: str) -> str:
    return hashlib.sha256(f"{title}\n{body_md}".encode()).hexdigest()


def save_revision(
    article: Article,
    *,
    author: Author = None,
    note: str = "",
    based_on: int | None = None,
    model: str = "",
    sources: Sequence[dict[str, str]] = (),
) -> Revision:
    """Save the article's fields, and its text as a revision when the text is new.

    `based_on` is the number of the revision that the author had open. If there is a newer one
    by now, EditConflict is raised and nothing is saved. `model` names the language model that
    wrote the text, `sources` what the model was given: [{"ref": "ticket:12", "label": "…"}].
    """
    with transaction.atomic():
        if conflict := conflicting_revision(article, based_on, article.title, article.body_md):
            raise EditConflict(conflict)
        newest = _newest(article)
        article.updated_at = timezone.now()
        _save_fields(article)
        if newest and newest.content_hash == _hash_of(article):
            return newest
        return Revision.objects.create(
            article=article,
            number=(newest.number if newest else 0) + 1,
            title=article.title,
            body_md=article.body_md,
            author=author,
            note=note[:200],
            content_hash=_hash_of(article),
            model=model[:120],
            sources=list(sources),
        )


def may_approve(revision: Revision, by: Author) -> bool:
    """Commands (`by` is None) always may; with KB_SECOND_PAIR_OF_EYES members may not approve their own text."""
    return by is None or not settings.KB_SECOND_PAIR_OF_EYES or revision.author_id != by.pk


def conflicting_revision(article: Article, based_on: int | None, title: str, body_md: str) -> Revision | None:
    """A newer revision than the one the author had open, if its text differs. Call inside a transaction."""
    _lock(article)
    newest = _newest(article)
    if newest is None or based_on is None or newest.number <= based_on:
        return None
    return None if newest.content_hash == content_hash(title, body_md) else newest


def approve(article: Article, *, revision: Revision | None = None, by: Author = None, sync: bool = True) -> Revision:
    """Publish a revision (the newest by default). Drafts may use it from the commit on. Clears any proposal.

    An import passes `sync=False` and queues one `sync_all` at its end. Commands pass no `by`: whoever may run
    commands on the server needs no colleague's approval.
    """
    revision = revision or _newest(article) or save_revision(article, author=by)
    if not may_approve(revision, by):
        raise NeedsAnotherPerson(revision)
    # Splitting the text is the slow part and needs no lock.
    pieces = chunk(revision.body_md, revision.title)
    if not pieces:
        raise NothingToPublish(revision.title)
    now = timezone.now()
    with transaction.atomic():
        _lock(article)
        _replace_chunks(article, revision, pieces)
        _update(
            article,
            state=Article.State.APPROVED,
            published=revision,
            published_at=now,
            updated_at=now,
            translated_revision_id=_published_original(article),
            **NO_PROPOSAL,
        )
        send_on_commit(article_published, Article, article_id=article.pk, revision_id=revision.pk)
        if sync:
            queue_sync(article.pk)
    return revision


def unpublish(article: Article) -> None:
    """Back to draft: no search finds it after the commit."""
    _withdraw(article, Article.State.DRAFT)


def archive(article: Article) -> int | None:
    """Keep the article, but no search finds it after the commit. Returns the id of the revision that was published."""
    return _withdraw(article, Article.State.ARCHIVED)


def restore(article: Article, revision: Revision, *, by: Author = None) -> Revision:
    """Save an old text as the newest revision. Readers see it after the next approval."""
    article.title, article.body_md = revision.title, revision.body_md
    return save_revision(article, author=by, note=f"restored revision {revision.number}")


def _withdraw(article: Article, state: Article.State) -> int | None:
    with transaction.atomic():
        _lock(article)
        revision_id: int | None = Article.objects.values_list("published", flat=True).get(pk=article.pk)
        _delete_chunks(list(article.chunks.values_list("id", flat=True)))
        _update(article, state=state, published=None, published_at=None, updated_at=timezone.now(), **NO_PROPOSAL)
        send_on_commit(article_unpublished, Article, article_id=article.pk, revision_id=revision_id)
        queue_sync(article.pk)
    return revision_id


def _replace_chunks(article: Article, revision: Revision, pieces: list[Piece]) -> None:
    """An unchanged chunk keeps its row, and so its vector and its citations."""
    spare: dict[str, list[Chunk]] = {}
    for row in article.chunks.order_by("-ordinal"):
        spare.setdefault(row.content_hash, []).append(row)
    kept: list[Chunk] = []
    new: list[Chunk] = []
    for ordinal, piece in enumerate(pieces):
        found = spare.get(key := piece.content_hash(revision.title))
        if found:
            row = found.pop()
            row.revision, row.ordinal = revision, ordinal
            kept.append(row)
        else:
            new.append(_row(article, revision, ordinal, piece, key))
    _delete_chunks([row.pk for rows in spare.values() for row in rows])
    # So that new ordinals do not collide with old ones: (revision, ordinal) is unique.
    article.chunks.update(ordinal=F("ordinal") + 1_000_000)
    Chunk.objects.bulk_update(kept, ["revision", "ordinal"])
    Chunk.objects.bulk_create(new)
    INDEX.put_many([(row.pk, revision.title, row.heading_path, row.text) for row in new])


def _row(article: Article, revision: Revision, ordinal: int, piece: Piece, key: str) -> Chunk:
    return Chunk(
        article=article,
        revision=revision,
        ordinal=ordinal,
        heading_path=piece.heading_path,
        text=piece.text,
        tokens=piece.tokens,
        content_hash=key,
    )


def _delete_chunks(ids: list[int]) -> None:
    INDEX.delete(ids)
    Chunk.objects.filter(pk__in=ids).delete()


def _save_fields(article: Article) -> None:
    """Only the fields that authors edit in the form."""
    if article.pk is None:
        article.state = Article.State.DRAFT
        article.save()
        return
    article.save(update_fields=[field.name for field in Article._meta.fields if field.name not in NOT_IN_THE_FORM])


def _published_original(article: Article) -> int | None:
    """A translation is up to date with the revision of its original that is published now (translations.py)."""
    if article.translation_of_id is None:
        return None
    return Article.objects.filter(pk=article.translation_of_id).values_list("published_id", flat=True).first()


def _newest(article: Article) -> Revision | None:
    if article.pk is None:
        return None
    return article.revisions.order_by("-number").first()


def _lock(article: Article) -> None:
    """Writers of one article take turns (on SQLite the immediate transaction does that already)."""
    if article.pk is not None:
        Article.objects.select_for_update().filter(pk=article.pk).first()


def _hash_of(article: Article) -> str:
    return content_hash(article.title, article.body_md)


def _update(article: Article, **values: object) -> None:
    for name, value in values.items():
        setattr(article, name, value)
    article.save(update_fields=[name.removesuffix("_id") for name in values])


def rechunk(article: Article) -> int:
    """Split the published text again and rewrite its full-text rows, e.g. after an upgrade. How many chunks."""
    with transaction.atomic():
        _lock(article)
        # Read again: another revision may have been published since `article` was loaded, or none.
        revision = Revision.objects.filter(pk__in=Article.objects.filter(pk=article.pk).values("published")).first()
        if revision is None:
            _delete_chunks(list(article.chunks.values_list("id", flat=True)))
            return 0
        pieces = chunk(revision.body_md, revision.title)
        _replace_chunks(article, revision, pieces)
        rows = article.chunks.all()
        INDEX.put_many([(row.pk, revision.title, row.heading_path, row.text) for row in rows])
    return len(pieces)


def queue_sync(article_id: int) -> None:
    """In the fast lane, because its author waits. If the queue is down, the next `sync_all` finds what is missing."""
    queue("knowledge.tasks.sync_article", article_id, lane=WORKER)


def queue_sync_all() -> None:
    queue("knowledge.tasks.sync_all", lane=SLOW)
