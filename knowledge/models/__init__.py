"""What we know, how it is found, what is missing from it, and who read it."""

from knowledge.models.articles import Article, ArticleImage, ArticleQuerySet, Chunk, Revision
from knowledge.models.gaps import Gap, GapTopic
from knowledge.models.help_center import HelpRead, HelpSearch, HelpVisit, HelpVote
from knowledge.models.hygiene import Finding
from knowledge.models.retrieval import RetrievalConfiguration

__all__ = [
    "Article",
    "ArticleImage",
    "ArticleQuerySet",
    "Chunk",
    "Finding",
    "Gap",
    "GapTopic",
    "HelpRead",
    "HelpSearch",
    "HelpVisit",
    "HelpVote",
    "RetrievalConfiguration",
    "Revision",
]
