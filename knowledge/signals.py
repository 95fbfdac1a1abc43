"""News of the knowledge base, sent after the transaction is on disk. Arguments: article_id, revision_id."""

from django.dispatch import Signal

article_published = Signal()
article_unpublished = Signal()
