"""Template tags that every page uses: ages, initials, keys, money."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago, in the queue's shortest form: `4 m`, `3 h`, `2 d`."""
    if moment is None:
        return ""
    minutes = int((timezone.now() - moment) / timedelta(minutes=1))
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} m"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} d"


@register.filter
def initials(name: str) -> str:
    words = [word for word in (name or "").replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words))[:2].upper() or "?"


@register.filter
def spaced(name: str) -> str:
    """`product_question` → product question."""
    return str(name).replace("_", " ")


@register.filter
def money(amount: Decimal | None) -> str:
    return "" if amount is None else f"€{amount:,.0f}"


@register.simple_tag
def key(combination: str) -> SafeString:
    """A visible key, e.g. `{% key "Ctrl ⏎" %}`; a Mac shows ⌘ for Ctrl (static/js/page/keyboard.js)."""
    return format_html('<kbd aria-hidden="true">{}</kbd>', combination)
