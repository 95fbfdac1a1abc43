"""Translations of articles: which there are, which are out of date, and what has changed in the original since."""

from dataclasses import dataclass

from django.db.models import F, Q
from django.urls import reverse

from config.web.public_site import NAMES
from knowledge.models import Article
from knowledge.text.diffing import DiffRow, compare

# Offered for a new translation, each by its own name. An article may be in any other language too.
LANGUAGES = NAMES
# The original has a published revision, and the translation was not made from that one.
OUT_OF_DATE = Q(translation_of__published__isnull=False) & (
    Q(translated_revision__isnull=True) | ~Q(translated_revision=F("translation_of__published"))
)


@dataclass(frozen=True)
class Linked:
    article: Article
    language: str
    original: bool
    current: bool  # the one whose form this is
    out_of_date: bool


def out_of_date(article: Article) -> bool:
    """For one article with `translation_of` loaded. Queries use OUT_OF_DATE."""
    original = article.translation_of
    return bool(original and original.published_id and article.translated_revision_id != original.published_id)


def linked(article: Article) -> list[Linked]:
    """The original and all its translations, by language. Two queries."""
    original = article.translation_of or article
    family = [original, *Article.objects.filter(translation_of=original).select_related("translation_of")]
    rows = [
        Linked(
            article=each,
            language=LANGUAGES.get(each.language, each.language),
            original=each.pk == original.pk,
            current=each.pk == article.pk,
            out_of_date=out_of_date(each),
        )
        for each in family
    ]
    return sorted(rows, key=lambda row: (not row.original, row.language))


def to_add(article: Article, rows: list[Linked]) -> list[tuple[str, str]]:
    """(name, address) of each missing language; the address opens a new article filled in for it."""
    original = article.translation_of or article
    there = {row.article.language for row in rows}
    return [
        (
            name,
            reverse(
                "admin:knowledge_article_add",
                query={
                    "translation_of": original.pk,
                    "language": code,
                    "category": original.category,
                    "audience": original.audience,
                    "title": original.title,
                },
            ),
        )
        for code, name in LANGUAGES.items()
        if code not in there
    ]


def changed_since(article: Article) -> list[DiffRow]:
    """The original's changes since this translation was made; empty if we do not know from which revision it was."""
    original = article.translation_of
    if original is None or original.published is None or article.translated_revision is None:
        return []
    return compare(article.translated_revision.body_md, original.published.body_md)


def confirm(article: Article) -> bool:
    """A member says that the translation is up to date as it is. False if the original is not published."""
    original = article.translation_of
    if original is None or original.published_id is None:
        return False
    article.translated_revision_id = original.published_id
    article.save(update_fields=["translated_revision"])
    return True
