"""The authors' admin: states change by buttons, colleagues' texts are safe, nobody else gets in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.web import texts
from knowledge.articles import publishing
from knowledge.gaps.recording import close_gap, record_gap
from knowledge.models import Article, Gap
from tests.knowledge.conftest import REFUNDS
from tickets.models import User

Write = Callable[..., Article]
LIST = "admin:knowledge_article_changelist"
ADD = "admin:knowledge_article_add"


def change(article: Article) -> str:
    return reverse("admin:knowledge_article_change", args=[article.pk])


def values(article: Article | None = None, **changes: Any) -> dict[str, Any]:
    newest = article.revisions.first() if article else None
    fields = {
        "title": article.title if article else "Refunds",
        "body_md": article.body_md if article else REFUNDS,
        "audience": "public",
        "language": "en",
        "based_on": newest.number if newest else 0,
    }
    return fields | changes


@pytest.fixture
def author(client: Client, ken: User, queued: list[Any]) -> Client:
    client.force_login(ken)
    return client


def urls(article: Article) -> list[str]:
    return [
        reverse(LIST),
        reverse(ADD),
        change(article),
        reverse("admin:knowledge_article_history", args=[article.pk]),
        reverse("admin:knowledge_gap_changelist"),
    ]


@pytest.mark.parametrize("who", ["mira", "otto"])
def test_who_does_not_write_articles_is_kept_out(client: Client, request: Any, write: Write, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    article = write()
    assert {client.get(url).status_code for url in urls(article)} <= {302, 403}
    assert client.post(reverse("admin:knowledge_article_preview"), {"body_md": "x"}).status_code in {302, 403}
    assert client.post(change(article), values(article, _archive="1")).status_code in {302, 403}
    article.refresh_from_db()
    assert article.state == "approved"


@pytest.mark.parametrize("who", ["ken", "rosa", "ada"])
def test_who_writes_articles_reaches_every_page(client: Client, request: Any, write: Write, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    assert {client.get(url).status_code for url in urls(write())} == {200}


def test_the_list_shows_names_and_the_tabs_of_the_area(author: Client, ken: User, mira: User, write: Write) -> None:
    write(category="product_question", owner=ken)
    page = author.get(reverse(LIST)).content.decode()
    assert "product question</td>" in page and ">product question</a>" in page
    assert f"{ken.name}</td>" in page and f"?owner__id__exact={ken.pk}" in page
    assert mira.name not in page  # only owners of an article are in the filter
    assert 'aria-current="page">Articles' in page and reverse("knowledge:gaps") in page
    assert "nav-sidebar" not in page


def test_a_new_article_is_a_draft_and_mine(author: Client, ken: User) -> None:
    form = author.get(reverse(ADD)).context["adminform"].form
    assert form.initial["owner"] == ken.pk
    author.post(reverse(ADD), values(owner=ken.pk, _continue="1"))
    article = Article.objects.get()
    assert (article.state, article.owner, article.revisions.get().author) == ("draft", ken, ken)


def test_save_and_approve_publishes(author: Client, queued: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        author.post(reverse(ADD), values(_approve="1"))
    article = Article.objects.get()
    assert (article.state, article.published) == ("approved", article.revisions.get())
    assert article.chunks.exists()
    assert queued == [("knowledge.tasks.sync_article", article.pk)]


def test_state_cannot_be_posted(author: Client, write: Write) -> None:
    article = write(approve=False)
    author.post(change(article), values(article, state="approved", published="1", _continue="1"))
    article.refresh_from_db()
    assert (article.state, article.published) == ("draft", None)


@pytest.mark.parametrize(("button", "state"), [("_unpublish", "draft"), ("_archive", "archived")])
def test_buttons_unpublish(author: Client, write: Write, button: str, state: str) -> None:
    article = write()
    author.post(change(article), values(article, **{button: "1"}))
    article.refresh_from_db()
    assert (article.state, article.chunks.count()) == (state, 0)


def test_saving_keeps_the_published_text(author: Client, write: Write) -> None:
    article = write()
    author.post(change(article), values(article, body_md="New text.", note="shorter", _continue="1"))
    article.refresh_from_db()
    assert article.published is not None
    assert article.published.number == 1
    assert article.revisions.first().note == "shorter"  # type: ignore[union-attr]


def test_a_colleagues_newer_text_is_not_overwritten_silently(author: Client, write: Write, rosa: User) -> None:
    article = write()
    mine = values(article, body_md="My text.", _continue="1")
    article.body_md = "Her text."
    publishing.save_revision(article, author=rosa)
    page = author.post(change(article), mine)
    assert page.status_code == 200
    html = page.content.decode()
    assert "Rosa Marchetti saved revision 2 while you were writing" in html
    assert "My text." in html
    article.refresh_from_db()
    assert article.body_md == "Her text."
    again = page.context["adminform"].form["based_on"].value()
    author.post(change(article), mine | {"based_on": again})
    assert [revision.body_md for revision in article.revisions.all()][:2] == ["My text.", "Her text."]


def test_an_empty_article_cannot_be_approved_and_says_why(author: Client) -> None:
    page = author.post(reverse(ADD), values(body_md="<!-- later -->", _approve="1"), follow=True)
    assert "has no text" in page.content.decode()
    assert Article.objects.get().state == "draft"


def test_actions_on_many(author: Client, write: Write) -> None:
    articles = [write(f"A {i}", approve=False) for i in range(3)]
    chosen = {"_selected_action": [article.pk for article in articles]}
    author.post(reverse(LIST), {"action": "approve_selected", **chosen})
    assert Article.objects.published().count() == 3
    author.post(reverse(LIST), {"action": "archive_selected", **chosen})
    assert Article.objects.filter(state="archived").count() == 3


def test_deleting_is_not_offered(author: Client, write: Write) -> None:
    assert author.get(reverse("admin:knowledge_article_delete", args=[write().pk])).status_code == 403


def test_the_preview_is_cleaned_and_post_only(author: Client) -> None:
    url = reverse("admin:knowledge_article_preview")
    html = author.post(url, {"body_md": "# Hi\n\n<script>x</script>"}).content.decode()
    assert '<h1 id="s-hi">Hi</h1>' in html
    assert "script" not in html
    assert author.get(url).status_code == 403


def test_revisions_are_compared_and_restored(author: Client, write: Write) -> None:
    article = write()
    article.body_md = REFUNDS.replace("14 days", "30 days")
    publishing.save_revision(article)
    page = author.get(reverse("admin:knowledge_article_history", args=[article.pk])).content.decode()
    assert "<del>14</del>" in page
    assert "<ins>30</ins>" in page
    restore = reverse("admin:knowledge_article_restore", args=[article.pk, 1])
    assert author.get(restore).status_code == 403
    author.post(restore)
    article.refresh_from_db()
    assert article.body_md == REFUNDS
    assert article.revisions.count() == 3


def test_the_list_shows_freshness_and_index_and_filters(author: Client, write: Write) -> None:
    write("Stale one", review_by=timezone.localdate() - timedelta(days=3))
    write("Gone one", expires_at=timezone.now() - timedelta(days=3))
    write("Draft one", approve=False)
    page = author.get(reverse(LIST)).content.decode()
    assert all(
        words in page for words in ("review overdue since", "expired", "waiting for the index", "not searchable")
    )
    stale = author.get(reverse(LIST), {"freshness": "overdue"}).content.decode()
    assert "Stale one" in stale
    assert "Gone one" not in stale
    assert "Draft one" not in author.get(reverse(LIST), {"index": "waiting"}).content.decode()


def test_the_list_costs_the_same_for_any_length(
    author: Client, ken: User, write: Write, django_assert_max_num_queries: Any
) -> None:
    for i in range(12):
        write(f"A {i}", owner=ken)
    with django_assert_max_num_queries(12):
        author.get(reverse(LIST))


def test_a_german_author_gets_the_texts_of_the_scripts(author: Client, ken: User) -> None:
    assert "/texts/" not in author.get(reverse(ADD)).content.decode()
    User.objects.filter(pk=ken.pk).update(language="de")
    page = author.get(reverse(ADD)).content.decode()
    script = f'<script src="{texts.address_of("de")}"></script>'
    # After jquery.init.js, which replaces `window.django` and with it the texts.
    assert page.index("jquery.init.js") < page.index(script) < page.index("js/admin/article.js")


def test_pages_carry_no_inline_script_or_style(author: Client, write: Write) -> None:
    article = write()
    for url in (change(article), reverse("admin:knowledge_article_history", args=[article.pk]), reverse(LIST)):
        html = author.get(url).content.decode()
        assert "<style" not in html
        assert " onclick=" not in html
        assert 'style="' not in html


def test_gaps_are_listed_closed_and_turned_into_articles(author: Client) -> None:
    gap = record_gap("ticket:7", "Can I pay by PayPal?", category="billing", best_score=0.2)
    page = author.get(reverse("admin:knowledge_gap_changelist")).content.decode()
    assert "Can I pay by PayPal?" in page
    assert "title=Can+I+pay+by+PayPal%3F" in page
    author.post(reverse("admin:knowledge_gap_changelist"), {"action": "close_selected", "_selected_action": [gap.pk]})
    assert Gap.objects.get().closed_at is not None


def test_a_gap_is_recorded_once_per_place_and_opens_again(db: None) -> None:
    record_gap("ticket:7", "first")
    assert close_gap("ticket:7") is True
    assert close_gap("ticket:7") is False
    record_gap("ticket:7", "second")
    gap = Gap.objects.get()
    assert (gap.query, gap.closed_at) == ("second", None)
