"""A published text as a page shows it: HTML, a description, its sections. Cached for each revision and language."""

import html
import re
from dataclasses import dataclass, replace

from django.core.cache import cache
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from config.web.public_site import ui_language
from knowledge.help_center import public_articles
from knowledge.models import Revision
from knowledge.text.chunking import SENTENCE_END
from knowledge.text.images import render_article
from knowledge.text.markup import readable

DESCRIPTION = 160  # characters that search engines show
CACHED = 3600  # seconds
MIN_SECTIONS = 3  # for a table of contents
HEADING = re.compile(r'<h2 id="(s-[^"]*)">(.*?)</h2>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
# An article may write a picture's address in several ways; all end in its hash.
PICTURE = re.compile(r'(<img\b[^>]*?\bsrc=")[^"]*?([0-9a-f]{64})[^"]*(")')
ARTICLE = re.compile(r'<a href="/knowledge/articles/(\d{1,18})/(#[^"]*)?"([^>]*)>(.*?)</a>', re.DOTALL)
NO_PROSE = re.compile(r"^(?:#|\||[-*+] |\d+[.)] |>|```|~~~)")


@dataclass(frozen=True)
class Text:
    html: SafeString
    description: str
    sections: list[tuple[str, str]]  # (fragment, heading)


def text_of(revision: Revision, language: str) -> Text:
    """`language` is the article's: rendering adds words to links to pictures, in the active language."""
    ui = ui_language(language)
    key = f"help.text.{revision.pk}.{ui}"
    cached = cache.get(key)
    if cached is None:
        with translation.override(ui):
            cached = _read(revision.body_md, revision.title)
        cache.set(key, cached, CACHED)
    # Links are made each time: which other articles are public may change.
    return replace(cached, html=mark_safe(_linked(cached.html)))  # noqa: S308 - only our own addresses were put in


def _read(markdown: str, title: str) -> Text:
    shown = PICTURE.sub(_picture, render_article(markdown))
    headings = [(anchor, html.unescape(TAG.sub("", words)).strip()) for anchor, words in HEADING.findall(shown)]
    sections = headings if len(headings) >= MIN_SECTIONS else []
    return Text(mark_safe(shown), description(markdown) or title, sections)  # noqa: S308 - rendering has cleaned it


def _picture(found: re.Match[str]) -> str:
    return f"{found[1]}{reverse('help:image', args=[found[2]])}{found[3]}"


def _linked(shown: str) -> str:
    """Links to other articles lead to their public pages. Of a link to one that is not public only the text stays."""
    wanted = {int(each[1]) for each in ARTICLE.finditer(shown)}
    public = public_articles.entries(wanted) if wanted else {}

    def one(found: re.Match[str]) -> str:
        entry = public.get(int(found[1]))
        return f'<a href="{entry.url}{found[2] or ""}"{found[3]}>{found[4]}</a>' if entry else found[4]

    return ARTICLE.sub(one, shown)


def description(markdown: str) -> str:
    """For search engines: the first sentence of prose, cut between words."""
    for block in re.split(r"\n\s*\n", readable(markdown)):
        words = " ".join(block.split())
        if not words or NO_PROSE.match(words):
            continue
        sentence = SENTENCE_END.split(words, maxsplit=1)[0].strip().replace("**", "").replace("`", "")
        if len(sentence) <= DESCRIPTION:
            return sentence
        return (sentence[:DESCRIPTION].rpartition(" ")[0] or sentence[: DESCRIPTION - 1]) + "…"
    return ""
