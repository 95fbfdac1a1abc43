"""Articles, the settings of search, gaps, findings of hygiene, and use of the help center."""

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
