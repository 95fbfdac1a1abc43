"""The words of every searchable chunk, in the database's own full-text index."""

from config.fulltext import FullTextIndex

INDEX = FullTextIndex("knowledge_fulltext", ("title", "headings", "body"), (3.0, 2.0, 1.0))
