"""Signals of the knowledge base, sent by config/signal_delivery.py. Each one lists its arguments."""

from django.dispatch import Signal

# A revision is published: article_id, revision_id. Sender: Article.
article_published = Signal()
# Nothing of the article is published any more: article_id, revision_id (the one that was; None if none was).
# Sender: Article.
article_unpublished = Signal()
