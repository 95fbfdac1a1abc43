"""The only writer of an article's text and state. Words are searchable in the same transaction; vectors follow."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.jobs import SLOW, WORKER, queue
from config.signal_delivery import send_on_commit
from knowledge.index.lexical import INDEX
from knowledge.models import Article, Chunk, Revision
from knowledge.signals import article_published, article_unpublished
from knowledge.text.chunking import Piece, chunk

# Whoever writes: a tickets.User, or None for an import. Knowledge does not import tickets.
Author = Any


class EditConflict(Exception):
    """Someone saved a newer revision while this one was being written; nothing was lost."""

    def __init__(self, newest: Revision) -> None:
        super().__init__(f"Revision {newest.number} was saved meanwhile.")
        self.newest = newest


class NothingToPublish(Exception):
    """An article without words cannot be approved."""


class NeedsAnotherPerson(Exception):
    """KB_SECOND_PAIR_OF_EYES: who wrote a text does not approve it."""

    def __init__(self, revision: Revision) -> None:
        super().__init__(f"You wrote revision {revision.number} yourself: ask a colleague to approve it.")


# What a verb writes, never a form: a form that was open meanwhile would put old values back.
WRITTEN_BY_VERBS = frozenset(
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

    `based_on` is the number of the revision that the writer had open; if a newer one exists
    by now, EditConflict is raised and nothing is saved. `model` names the language model that
    wrote the text, `sources` what it wrote it from: [{"ref": "ticket:12", "label": "…"}].
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
    """By command (`by` None) always; a person not his own text where KB_SECOND_PAIR_OF_EYES asks for another."""
    return by is None or not settings.KB_SECOND_PAIR_OF_EYES or revision.author_id != by.pk


def conflicting_revision(article: Article, based_on: int | None, title: str, body_md: str) -> Revision | None:
    """A revision newer than the one the writer had open, with another text. Call inside a transaction."""
    _lock(article)
    newest = _newest(article)
    if newest is None or based_on is None or newest.number <= based_on:
        return None
    return None if newest.content_hash == content_hash(title, body_md) else newest


def approve(article: Article, *, revision: Revision | None = None, by: Author = None, sync: bool = True) -> Revision:
    """Publish a revision (the newest by default): from the commit on, drafts may rest on it.

    An import passes `sync=False` and asks for one `sync_all` at its end, and no `by`: whoever may run
    commands on the server is not held to a second pair of eyes. Any proposal is settled by it.
    """
    revision = revision or _newest(article) or save_revision(article, author=by)
    if not may_approve(revision, by):
        raise NeedsAnotherPerson(revision)
    # Cutting up the text is the slow part and needs no lock.
    pieces = chunk(revision.body_md, revision.title)
    if not pieces:
        raise NothingToPublish(f"“{revision.title}” has no text.")
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
    """Back to draft: gone from every new search at the commit."""
    _withdraw(article, Article.State.DRAFT)


def archive(article: Article) -> int | None:
    """Kept for the record, gone from every new search at the commit. Returns the revision that was published."""
    return _withdraw(article, Article.State.ARCHIVED)


def restore(article: Article, revision: Revision, *, by: Author = None) -> Revision:
    """An old text becomes the newest one; what readers see changes only with the next approval."""
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
    """Passages that did not change keep their row, and so their vector and their citations."""
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
    # Out of the way of the (revision, ordinal) constraint when the same revision is cut again.
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
    """Everything the author edits; the rest belongs to the verbs and to sync."""
    if article.pk is None:
        article.state = Article.State.DRAFT
        article.save()
        return
    article.save(update_fields=[field.name for field in Article._meta.fields if field.name not in WRITTEN_BY_VERBS])


def _published_original(article: Article) -> int | None:
    """An approved translation says what its original says at that moment (translations.py)."""
    if article.translation_of_id is None:
        return None
    return Article.objects.filter(pk=article.translation_of_id).values_list("published_id", flat=True).first()


def _newest(article: Article) -> Revision | None:
    if article.pk is None:
        return None
    return article.revisions.order_by("-number").first()


def _lock(article: Article) -> None:
    """Two writers of one article take turns (SQLite: the immediate transaction already sees to it)."""
    if article.pk is not None:
        Article.objects.select_for_update().filter(pk=article.pk).first()


def _hash_of(article: Article) -> str:
    return content_hash(article.title, article.body_md)


def _update(article: Article, **values: object) -> None:
    for name, value in values.items():
        setattr(article, name, value)
    article.save(update_fields=[name.removesuffix("_id") for name in values])


def rechunk(article: Article) -> int:
    """Cut the published text again and rewrite its words, e.g. after an upgrade; returns the number of chunks."""
    with transaction.atomic():
        _lock(article)
        # What is published now: since `article` was read another revision may have been, or none.
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
    """Its author waits for it. If the queue is down nothing is lost: the next `sync_all` finds what is missing."""
    queue("knowledge.tasks.sync_article", article_id, lane=WORKER)


def queue_sync_all() -> None:
    queue("knowledge.tasks.sync_all", lane=SLOW)
