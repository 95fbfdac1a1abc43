"""Links from article to article: `article:ID` with the external id, and the page that it leads to.

The address of a page contains a row's number, which is different in another installation.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from django.urls import reverse
from markdown_it.common.normalize_url import normalizeLink

from knowledge.models import Article
from knowledge.text.headings import fragment
from knowledge.text.markup import presentable
from knowledge.text.parsing import heading_ids

SCHEME = "article:"
ADDRESS = re.compile(r"article:([\w.~%!$*+-]{1,2400})(?:#([^\s()<>\"]{0,200}))?")


def address(external_id: str, name: str = "") -> str:
    return f"{SCHEME}{quote(external_id, safe='')}" + (f"#{name}" if name else "")


def resolve(markdown: str) -> dict[str, str]:
    """`{address: path on the desk}` of the published articles that a text links to. One query, or none without links.

    The keys are addresses as the parser writes them: percent-encoded where they are not ASCII.
    """
    if SCHEME not in markdown:
        return {}
    found = {each[0]: (unquote(each[1]), each[2] or "") for each in ADDRESS.finditer(markdown)}
    wanted = Article.objects.filter(external_id__in={key for key, _ in found.values()})
    published = wanted.filter(state=Article.State.APPROVED, published__isnull=False).select_related("published")
    articles = {article.external_id: article for article in published}
    named = {key for key, name in found.values() if name and key in articles}
    revisions = {key: articles[key].published for key in named}
    headings = {key: heading_ids(presentable(each.body_md)) for key, each in revisions.items() if each}
    return {
        normalizeLink(each): _path(articles[key], name, headings.get(key, {}))
        for each, (key, name) in found.items()
        if key in articles
    }


def _path(article: Article, name: str, headings: Mapping[str, str]) -> str:
    path = reverse("knowledge:article", args=[article.pk])
    return f"{path}#{fragment(name, headings)}" if name else path
