"""Template tags that every page uses: ages, initials, keys, money. Texts are in the language of the page."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago, as short as possible: `4 m`, `3 h`, `2 d`. static/js/page/ages.js writes the same."""
    if moment is None:
        return ""
    minutes = int((timezone.now() - moment) / timedelta(minutes=1))
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("%(count)s m") % {"count": minutes}
    if minutes < 48 * 60:
        return _("%(count)s h") % {"count": minutes // 60}
    return _("%(count)s d") % {"count": minutes // (24 * 60)}


@register.filter
def remaining(moment: datetime | None) -> str:
    """How long until then, or since: `12 m left`, `2 h overdue`. static/js/page/ages.js writes the same."""
    if moment is None:
        return ""
    now = timezone.now()
    away = max(abs(moment - now), timedelta(minutes=1))
    text = _("%(time)s overdue") if moment <= now else _("%(time)s left")
    return text % {"time": age(now - away)}


@register.filter
def is_past(moment: datetime | None) -> bool:
    return moment is not None and moment <= timezone.now()


@register.filter
def moment(at: datetime | None) -> str:
    """A time within a year, by the clocks of the desk: `Mon 30 Nov 09:00`."""
    here = at and timezone.localtime(at)
    return " ".join(date_format(here, each) for each in ("D", "MONTH_DAY_FORMAT", "H:i")) if here else ""


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
    """Whole euros as the language of the page writes them: €1,840; 1.840 €."""
    if amount is None:
        return ""
    # Rounded first: number_format cuts decimals off.
    return _("€%(amount)s") % {"amount": number_format(round(amount), use_l10n=True, force_grouping=True)}


@register.filter
def sentence(text: str) -> str:
    """With a full stop at its end, so that another sentence can follow."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


@register.simple_tag
def key(combination: str) -> SafeString:
    """A visible key, e.g. `{% key "Ctrl ⏎" %}`. On a Mac static/js/page/keyboard.js shows ⌘ instead of Ctrl."""
    shown = combination.replace("Ctrl", _("Ctrl"))
    return format_html('<kbd aria-hidden="true">{}</kbd>', shown)
