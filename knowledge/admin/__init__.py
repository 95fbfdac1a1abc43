"""Where authors write. State changes only by verbs; every text stays in the list of revisions."""

from knowledge.admin import articles, gaps

__all__ = ["articles", "gaps"]
