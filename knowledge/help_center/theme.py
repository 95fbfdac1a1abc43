"""The company's colour and logo on the public pages: a small style sheet and a picture, both served from here."""

import hashlib
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from config.web.public_site import parse_link

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# The backgrounds of links and buttons (static/css/tokens.css: --pane, --bg), light and dark.
LIGHT = ("#ffffff", "#f6f7f8")
DARK = ("#161a1f", "#0f1215")
AA = 4.5  # WCAG 2.2, 1.4.3: the lowest contrast ratio of text
INKS = ("#ffffff", "#0d1220")
LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
LOGO_LIMIT = 512 * 1024  # bytes

Rgb = tuple[float, float, float]


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2, 0 (black) to 1 (white)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2.2, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mixed(colour: str, towards: str, share: float) -> str:
    pairs = zip(_rgb(colour), _rgb(towards), strict=True)
    return "#" + "".join(f"{round(255 * (one + (other - one) * share)):02x}" for one, other in pairs)


def readable_on(colour: str, backgrounds: tuple[str, ...], towards: str) -> str:
    """The colour, moved towards `towards` as little as it takes for AA contrast on all backgrounds."""
    for step in range(101):
        found = mixed(colour, towards, step / 100)
        if all(contrast(found, ground) >= AA for ground in backgrounds):
            return found
    return towards


def stylesheet(accent: str) -> str:
    if not COLOUR.fullmatch(accent):
        return "/* No HELP_ACCENT: the colours of the desk. */\n"
    light, dark = readable_on(accent, LIGHT, "#000000"), readable_on(accent, DARK, "#ffffff")
    inks = [max(INKS, key=lambda ink: contrast(ink, colour)) for colour in (light, dark)]
    return f":root {{\n  --acc: light-dark({light}, {dark});\n  --acc-ink: light-dark({inks[0]}, {inks[1]});\n}}\n"


@require_safe
def css(request: HttpRequest) -> HttpResponse:
    content = stylesheet(settings.HELP_ACCENT)
    return _cached(request, content.encode(), "text/css; charset=utf-8")


def _cached(request: HttpRequest, content: bytes, content_type: str) -> HttpResponse:
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response = HttpResponse(content, content_type=content_type, headers={"ETag": etag})
    answer = get_conditional_response(request, etag=etag, response=response) or response
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    path = Path(settings.HELP_LOGO)
    kind = LOGO_TYPES.get(path.suffix.lower())
    if not settings.HELP_LOGO or kind is None:
        return HttpResponseNotFound()
    try:
        content = path.read_bytes()
    except OSError:
        return HttpResponseNotFound()
    response = _cached(request, content, kind)
    # An SVG that is opened on its own is a document. It may draw, nothing else.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@register
def help_center_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [*_accent(settings.HELP_ACCENT), *_logo(settings.HELP_LOGO), *_links(), *_days()]


def _accent(accent: str) -> list[CheckMessage]:
    if not accent:
        return []
    if not COLOUR.fullmatch(accent):
        hint = "Write it like HELP_ACCENT=#2f5bea, or leave it out."
        return [Error("HELP_ACCENT is not a colour.", hint=hint, id="copydesk.E020")]
    lowest = min(contrast(accent, ground) for ground in LIGHT)
    if lowest >= AA:
        return []
    darker = readable_on(accent, LIGHT, "#000000")
    return [
        Error(
            f"HELP_ACCENT {accent} cannot be read on white: contrast {lowest:.1f}, {AA} is needed.",
            hint=f"HELP_ACCENT={darker} is the nearest shade that can.",
            id="copydesk.E021",
        )
    ]


def _logo(logo_path: str) -> list[CheckMessage]:
    path = Path(logo_path)
    fine = not logo_path or (path.suffix.lower() in LOGO_TYPES and path.is_file() and path.stat().st_size <= LOGO_LIMIT)
    hint = f"Give the path of an SVG or PNG file of at most {LOGO_LIMIT // 1024} KB."
    return [] if fine else [Error(f"HELP_LOGO {logo_path} cannot be served.", hint=hint, id="copydesk.E022")]


def _links() -> list[CheckMessage]:
    hint = "Write them like HELP_LINKS=Website=https://company.com,Status=https://status.company.com"
    bad = [written for written in settings.HELP_LINKS if parse_link(written) is None]
    return [
        Error(f"HELP_LINKS: “{each[:60]}” is not a name and an address.", hint=hint, id="copydesk.E023") for each in bad
    ]


def _days() -> list[CheckMessage]:
    if settings.HELP_VISIT_DAYS >= 1:
        return []
    return [Error("HELP_VISIT_DAYS must be at least 1.", hint="The default is 90.", id="copydesk.E024")]
