"""Receivers of signals, connected in apps.py.

A deleted article's full-text rows are deleted too. `sync_all` deletes its vectors; until then SQL hides them.
"""

from typing import Any

from knowledge.index.lexical import INDEX
from knowledge.models import Article


def on_article_deleted(sender: type[Article], instance: Article, **kwargs: Any) -> None:
    INDEX.delete(list(instance.chunks.values_list("id", flat=True)))
    # Its revisions are deleted first, but an approved article must have one (article_approved_has_revision).
    Article.objects.filter(pk=instance.pk).update(state=Article.State.DRAFT, published=None, indexed=None)
