"""The authors' pages. An article's state changes only by buttons; every saved text stays as a revision."""

from knowledge.admin import articles, gaps

__all__ = ["articles", "gaps"]
