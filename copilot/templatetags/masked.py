"""Masked texts on pages."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from copilot.redaction.wording import pieces

register = template.Library()


@register.filter
def masked(text: str) -> SafeString:
    """Escaped, with a marked word in brackets for each value that is not shown."""
    return format_html_join("", "{}", ((_piece(said, hidden),) for said, hidden in pieces(text)))


def _piece(said: str, hidden: bool) -> str:
    return format_html('<span class="masked">[{}]</span>', said) if hidden else said
