"""Links from article to article: `article:ID`, by the id an article was imported under, and where it is read now.

An address of the desk would name a row, which another installation does not have.
"""

import re
from urllib.parse import quote, unquote

from django.urls import reverse

from knowledge.headings import fragment
from knowledge.markup import presentable
from knowledge.models import Article
from knowledge.parsing import heading_ids

SCHEME = "article:"
ADDRESS = re.compile(r"article:([\w.~%!$*+-]{1,600})(?:#([^\s()<>\"]{0,200}))?")


def address(external_id: str, name: str = "") -> str:
    return f"{SCHEME}{quote(external_id, safe='')}" + (f"#{name}" if name else "")


def resolve(markdown: str) -> dict[str, str]:
    """`{address: path on the desk}` of the published articles that a text links to: one query, none without links."""
    if SCHEME not in markdown:
        return {}
    found = {each[0]: (unquote(each[1]), each[2] or "") for each in ADDRESS.finditer(markdown)}
    wanted = Article.objects.filter(external_id__in={key for key, _ in found.values()})
    published = wanted.filter(state=Article.State.APPROVED, published__isnull=False).select_related("published")
    articles = {article.external_id: article for article in published}
    return {each: _path(articles[key], name) for each, (key, name) in found.items() if key in articles}


def _path(article: Article, name: str) -> str:
    path = reverse("knowledge:article", args=[article.pk])
    if not name or article.published is None:
        return path
    return f"{path}#{fragment(name, heading_ids(presentable(article.published.body_md)))}"
