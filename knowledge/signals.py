"""Signals of the knowledge base, sent by config/signal_delivery.py. Each one lists its arguments."""

from django.dispatch import Signal

# A revision is published: article_id, revision_id. Sender: Article.
article_published = Signal()
# The article is no longer published: article_id, revision_id (what was published, or None). Sender: Article.
article_unpublished = Signal()
