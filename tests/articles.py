"""Articles that customers may read."""

from typing import Any

from knowledge.articles import publishing
from knowledge.models import Article
from knowledge.sync import storing


def approved(title: str, text: str, **fields: Any) -> Article:
    """Found by its words; it has no vectors yet."""
    article = Article(title=title, body_md=text, **fields)
    publishing.save_revision(article)
    publishing.approve(article, sync=False)
    return article


def indexed(title: str, text: str, **fields: Any) -> Article:
    """Found by its meaning too."""
    article = approved(title, text, **fields)
    storing.sync_all()
    return article
