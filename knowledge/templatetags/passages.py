"""Template tags for passages of articles."""

from django import template

from knowledge.text import markup

register = template.Library()


@register.filter
def one_line(passage: str) -> str:
    """A passage as words: no Markdown of lists and tables."""
    return markup.one_line(passage)
