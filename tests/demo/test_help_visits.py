"""The demo's visitors: complete, consistent, the same each time, and made without a model."""

import json

import pytest
from django.utils import timezone

from demo import content, help_visits, people
from demo.people import make_staff
from knowledge.articles import importing
from knowledge.models import Article, Gap, HelpRead, HelpSearch, HelpVisit, HelpVote
from qa.metrics import deflection
from qa.metrics.selection import last_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def visited() -> int:
    make_staff()
    importing.import_articles(content.ARTICLES, approve=True)
    return help_visits.write()


def test_visitors_searched_read_and_voted(visited: int) -> None:
    assert people and visited == HelpVisit.objects.count() == help_visits.VISITS
    assert set(HelpSearch.objects.values_list("best_score", flat=True)) == {None}
    assert not Gap.objects.exists()
    assert HelpVote.objects.exclude(comment="").exists()
    assert not HelpRead.objects.exclude(article__audience="public").exists()
    assert not HelpSearch.objects.filter(searched_at__gte=timezone.now()).exists()
    found = deflection.read(last_days(90, timezone.localdate()))
    assert len(found.now.visits) == visited and 0 < (found.now.deflected.rate or 0) < 1


def test_every_article_named_is_public() -> None:
    found = json.loads((content.HERE / "help_searches.json").read_text())
    importing.import_articles(content.ARTICLES, approve=True)
    there = help_visits._articles(found)
    assert set(there) == {each["article"] for each in found["answered"]}
    assert Article.objects.exists()
