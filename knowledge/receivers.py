"""What follows from news, connected in apps.py.

An erased article leaves no words behind; its vectors are found by `sync_all`, and hidden by SQL until then.
"""

from typing import Any

from knowledge.index.lexical import INDEX
from knowledge.models import Article


def on_article_deleted(sender: type[Article], instance: Article, **kwargs: Any) -> None:
    INDEX.delete(list(instance.chunks.values_list("id", flat=True)))
    # Its revisions go one by one, and an approved article must have one (article_approved_has_revision).
    Article.objects.filter(pk=instance.pk).update(state=Article.State.DRAFT, published=None, indexed=None)
