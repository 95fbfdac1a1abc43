"""/knowledge/gaps/ and /knowledge/hygiene/: who may, what they see, what each action does, and undo."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from knowledge import tasks
from knowledge.articles import publishing
from knowledge.gaps import views as gaps_views
from knowledge.gaps.recording import record_gap
from knowledge.hygiene import findings, pages
from knowledge.hygiene import views as hygiene_views
from knowledge.hygiene.edits import Editing
from knowledge.hygiene.usage import Usage
from knowledge.models import Article, Finding, Gap, GapTopic
from knowledge.sync import storing
from tests.knowledge.fakes import MemoryStore
from tickets.models import User

ROLES = ("mira", "rosa", "ken", "ada", "otto")
CURATORS = {"rosa", "ken", "ada"}
READ = {"gaps": [], "gap_topic": ["topic"], "hygiene": []}
ACTIONS = {
    **{f"gap_{name}": ["topic"] for name in ("rename", "dismiss", "reopen", "merge", "unmerge", "split")},
    **{name: ["article"] for name in ("hygiene_archive", "hygiene_restore", "hygiene_review")},
    **{name: ["finding"] for name in ("hygiene_dismiss", "hygiene_reopen")},
    "gaps_group": [],
    "hygiene_check": [],
}


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> list[str]:
    settings.VAR_DIR = tmp_path
    asked: list[str] = []
    for views in (gaps_views, hygiene_views):
        monkeypatch.setattr(views, "queue", lambda job, lane: asked.append(job.removeprefix("knowledge.tasks.")))
    monkeypatch.setattr(tasks, "later", lambda job, *ids: asked.append(job))
    return asked


@pytest.fixture
def topic(db: None) -> GapTopic:
    made = GapTopic.objects.create(name="Reminders by <b>WhatsApp</b>", keywords="whatsapp, reminders")
    for number, tier in ((1, "enterprise"), (2, "paid")):
        gap = record_gap(
            f"ticket:{number} message:{number}",
            f"Can you send reminders by WhatsApp? {number} <script>",
            category="product_question",
            language="en",
            best_score=0.31,
            tier=tier,
            value=1000,
        )
        Gap.objects.filter(pk=gap.pk).update(topic=made)
    return made


@pytest.fixture
def finding(store: MemoryStore, write: Any) -> Finding:
    same = "A workspace can have {} keys. Give each of your programs a key with a name of its own."
    write(title="Keys", body=same.format(5))
    write(title="Keys again", body=same.format(3))
    storing.sync_all()
    findings.sweep()
    return Finding.objects.get(kind="contradiction")


@pytest.fixture
def ids(topic: GapTopic, finding: Finding) -> dict[str, int]:
    return {"topic": topic.pk, "article": finding.first_article_id, "finding": finding.pk}


@pytest.fixture
def author(client: Client, ken: User) -> Client:
    client.force_login(ken)
    return client


def url(name: str, ids: dict[str, int]) -> str:
    return reverse(f"knowledge:{name}", args=[ids[each] for each in (READ | ACTIONS)[name]])


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return str(response.content.decode())


@pytest.mark.parametrize("name", [*READ, *ACTIONS])
def test_strangers_are_sent_to_log_in(client: Client, ids: dict[str, int], name: str) -> None:
    for answer in (client.get(url(name, ids)), client.post(url(name, ids))):
        assert answer.status_code == 405 or answer.headers["Location"].startswith("/login/")


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("name", READ)
def test_curators_and_auditors_may_look(client: Client, request: Any, ids: dict[str, int], name: str, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    allowed = who in CURATORS | {"otto"}
    assert client.get(url(name, ids)).status_code == (200 if allowed else 403)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("name", ACTIONS)
def test_only_curators_may_act_and_only_by_post(
    client: Client, request: Any, ids: dict[str, int], name: str, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(url(name, ids)).status_code == 405
    answer = client.post(url(name, ids))
    assert (answer.status_code in {302, 200, 400}) if who in CURATORS else answer.status_code == 403


@pytest.mark.parametrize("name", [*READ, *ACTIONS])
def test_a_wrong_id_is_not_there(author: Client, db: None, name: str) -> None:
    wanted = (READ | ACTIONS)[name]
    if wanted:
        answer = author.post(url(name, dict.fromkeys(wanted, 987654)))
        assert answer.status_code in {404, 405}


class TestGaps:
    def test_ranked_topics_with_their_figures(self, author: Client, topic: GapTopic) -> None:
        page = text(author.get(reverse("knowledge:gaps")))
        assert "Reminders by &lt;b&gt;WhatsApp&lt;/b&gt;" in page
        assert "product question 2" in page and "enterprise 1" in page and "€2,000" in page
        assert "Ranked by tickets × trend × value" in page and "<svg" in page

    def test_search_and_state(self, author: Client, topic: GapTopic) -> None:
        page = reverse("knowledge:gaps")
        assert "WhatsApp" in text(author.get(page, {"q": "whatsapp reminders"}))
        assert "No topic matches" in text(author.get(page, {"q": "invoice"}))
        assert "No dismissed topics yet" in text(author.get(page, {"state": "dismissed"}))
        partial = author.get(page, {"q": "whatsapp"}, headers={"HX-Request": "true"})
        assert "<html" not in text(partial)

    def test_the_empty_page_explains(self, author: Client, db: None) -> None:
        assert "Every ten minutes" in text(author.get(reverse("knowledge:gaps")))

    def test_a_topic_shows_masked_questions_and_links_tickets_by_role(
        self, client: Client, topic: GapTopic, ken: User, rosa: User
    ) -> None:
        page = reverse("knowledge:gap_topic", args=[topic.pk])
        client.force_login(ken)
        shown = text(client.get(page))
        assert "best score 0.31" in shown and "&lt;script&gt;" in shown and "/desk/1/" not in shown
        client.force_login(rosa)
        assert "/desk/1/" in text(client.get(page))

    def test_dismiss_and_undo(self, author: Client, topic: GapTopic) -> None:
        answer = author.post(reverse("knowledge:gap_dismiss", args=[topic.pk]), follow=True)
        assert "Dismissed by Ken Adeyemi" in text(answer) and "Undo" in text(answer)
        answer = author.post(reverse("knowledge:gap_reopen", args=[topic.pk]), follow=True)
        assert "Topic reopened" in text(answer)

    def test_rename_and_merge_say_what_happened(self, author: Client, topic: GapTopic) -> None:
        rename = reverse("knowledge:gap_rename", args=[topic.pk])
        assert "needs a name" in text(author.post(rename, {"name": "  "}, follow=True))
        assert "Renamed." in text(author.post(rename, {"name": "WhatsApp"}, follow=True))
        other = GapTopic.objects.create(name="Messages")
        merge = reverse("knowledge:gap_merge", args=[topic.pk])
        assert "Choose another topic" in text(author.post(merge, {"into": "x"}, follow=True))
        assert "Merged" in text(author.post(merge, {"into": other.pk}, follow=True))
        assert other.gaps.count() == 2

    def test_a_merge_can_be_undone(self, author: Client, topic: GapTopic) -> None:
        other = GapTopic.objects.create(name="Messages")
        own = record_gap("ticket:9 message:9", "Where do messages go?", category="", language="en", best_score=None)
        Gap.objects.filter(pk=own.pk).update(topic=other)
        shown = author.post(reverse("knowledge:gap_merge", args=[topic.pk]), {"into": other.pk}, follow=True)
        undo = reverse("knowledge:gap_unmerge", args=[other.pk])
        assert undo in text(shown) and other.gaps.count() == 3
        assert "Merge undone" in text(author.post(undo, follow=True))
        again = GapTopic.objects.get(name=topic.name)
        assert (again.gaps.count(), list(other.gaps.all())) == (2, [own])
        assert "no longer be undone" in text(author.post(undo, follow=True))

    def test_chosen_questions_become_a_topic_and_come_back(self, author: Client, topic: GapTopic) -> None:
        split = reverse("knowledge:gap_split", args=[topic.pk])
        first, second = topic.gaps.all()
        for wrong in ([], ["x"], [first.pk, second.pk], ["9" * 30]):
            assert "but not all of them" in text(author.post(split, {"gap": wrong}, follow=True))
        shown = author.post(split, {"gap": [first.pk]}, follow=True)
        own = Gap.objects.get(pk=first.pk).topic
        assert own is not None and own != topic and list(topic.gaps.all()) == [second]
        assert own.name in text(shown) and "stays separate" in text(shown)
        author.post(reverse("knowledge:gap_merge", args=[own.pk]), {"into": topic.pk})
        assert topic.gaps.count() == 2

    def test_an_answered_topic_says_by_what(self, author: Client, topic: GapTopic, write: Any) -> None:
        article = write(title="WhatsApp")
        topic.gaps.update(closed_at=timezone.now(), answered_by=article)
        GapTopic.objects.update(outcome="answered", answered_by=article, closed_at=timezone.now())
        page = text(author.get(reverse("knowledge:gap_topic", args=[topic.pk])))
        assert "2 of 2 questions now find it" in page and "WhatsApp</a>" in page

    def test_the_button_asks_the_worker(self, author: Client, topic: GapTopic, jobs: list[str]) -> None:
        assert "are being grouped" in text(author.post(reverse("knowledge:gaps_group"), follow=True))
        assert jobs == ["group_gaps"]

    def test_queries_do_not_grow_with_the_topics(self, author: Client, topic: GapTopic) -> None:
        page = reverse("knowledge:gaps")
        author.get(page)
        with CaptureQueriesContext(connection) as few:
            author.get(page)
        for number in range(20):
            made = GapTopic.objects.create(name=f"Topic {number}")
            gap = record_gap(f"ticket:{number + 50}", "x")
            Gap.objects.filter(pk=gap.pk).update(topic=made)
        with CaptureQueriesContext(connection) as many:
            author.get(page)
        assert len(many) == len(few)


class TestHygiene:
    def test_reasons_in_words(self, write: Any) -> None:
        now = timezone.now()
        article = write(review_by=timezone.localdate() - timedelta(days=3), expires_at=now - timedelta(days=1))
        article.published_at = now - timedelta(days=40)
        edits = Editing(0.1, 0.4, 5, 5)
        found = dict(pages.reasons(article, Usage(5, 4, 1, 0, 3, 0), edits, now))
        assert set(found) == {"review", "expired", "rejected"}
        assert "rejected 3 of the 4 reviewed drafts that cited it (75%)" in found["rejected"]
        assert "0.40 in the last 4 weeks" in found["review"]

    def test_never_retrieved_only_when_old_enough(self, write: Any) -> None:
        article, now = write(), timezone.now()
        assert pages.reasons(article, Usage(), None, now) == []
        article.published_at = now - timedelta(days=31)
        assert [name for name, _ in pages.reasons(article, Usage(), None, now)] == ["unused"]
        assert pages.reasons(article, Usage(1), None, now) == []

    def test_few_drafts_or_a_small_rise_are_not_rising(self) -> None:
        assert not Editing(0.1, 0.4, 2, 9).rising and not Editing(0.3, 0.35, 9, 9).rising

    @pytest.mark.parametrize(
        ("day", "later"), [("2026-03-31", "2026-09-30"), ("2025-08-31", "2026-02-28"), ("2026-01-05", "2026-07-05")]
    )
    def test_six_months_later(self, day: str, later: str) -> None:
        from datetime import date

        assert pages.months_later(date.fromisoformat(day)).isoformat() == later

    def test_a_contradiction_side_by_side_with_marks(self, author: Client, finding: Finding) -> None:
        page = text(author.get(reverse("knowledge:hygiene"), {"show": "contradictions"}))
        assert "<mark>5</mark>" in page and "<mark>3</mark>" in page and "Different numbers" in page
        assert page.count("Edit article") == 2

    def test_dismissing_a_pair_and_undo(self, author: Client, finding: Finding, ken: User) -> None:
        headers = {"HX-Request": "true"}
        answer = author.post(reverse("knowledge:hygiene_dismiss", args=[finding.pk]), headers=headers)
        assert "Undo" in text(answer)
        finding.refresh_from_db()
        assert (finding.state, finding.judged_by) == ("dismissed", ken)
        answer = author.post(reverse("knowledge:hygiene_reopen", args=[finding.pk]), headers=headers)
        assert "<mark>5</mark>" in text(answer)
        finding.refresh_from_db()
        assert finding.state == "open"

    def test_archiving_and_undo(self, author: Client, write: Any) -> None:
        article = write()
        revision = article.published_id
        headers = {"HX-Request": "true"}
        answer = author.post(reverse("knowledge:hygiene_archive", args=[article.pk]), headers=headers)
        article.refresh_from_db()
        assert article.state == "archived"
        token = answer.context["values"]["token"]
        restore = reverse("knowledge:hygiene_restore", args=[article.pk])
        assert "published again" in text(author.post(restore, {"token": token}, headers=headers))
        article.refresh_from_db()
        assert (article.state, article.published_id) == ("approved", revision)
        assert author.post(restore, {"token": token}).status_code == 400

    def test_a_forged_undo_publishes_nothing(self, author: Client, write: Any) -> None:
        article = write()
        publishing.archive(article)
        answer = author.post(reverse("knowledge:hygiene_restore", args=[article.pk]), {"token": "1:2:forged"})
        assert answer.status_code == 400
        article.refresh_from_db()
        assert article.state == "archived"

    def test_review_in_six_months_and_undo(self, author: Client, write: Any) -> None:
        was = timezone.localdate() - timedelta(days=3)
        article = write(review_by=was)
        review = reverse("knowledge:hygiene_review", args=[article.pk])
        headers = {"HX-Request": "true"}
        answer = author.post(review, headers=headers)
        article.refresh_from_db()
        assert article.review_by == pages.months_later(timezone.localdate())
        author.post(review, answer.context["values"], headers=headers)
        article.refresh_from_db()
        assert article.review_by == was
        assert author.post(review, {"review_by": "soon"}).status_code == 400

    def test_each_tab_explains_itself_when_empty(self, author: Client, db: None) -> None:
        for name, words in pages.EXPLANATIONS.items():
            assert str(words) in text(author.get(reverse("knowledge:hygiene"), {"show": name})).replace("&#x27;", "'")

    def test_the_auditor_sees_no_buttons(self, client: Client, otto: User, write: Any) -> None:
        write(review_by=timezone.localdate() - timedelta(days=3))
        client.force_login(otto)
        page = text(client.get(reverse("knowledge:hygiene"), {"show": "review"}))
        assert "Review was due" in page and "Archive</button>" not in page

    def test_queries_do_not_grow_with_the_articles(self, author: Client, write: Any) -> None:
        write(title="First", review_by=timezone.localdate() - timedelta(days=3))
        page = reverse("knowledge:hygiene") + "?show=review"
        author.get(page)
        with CaptureQueriesContext(connection) as few:
            author.get(page)
        original = Article.objects.get()
        for number in range(8):
            write(title=f"Article {number}", review_by=timezone.localdate(), translation_of=original, language="de")
        with CaptureQueriesContext(connection) as many:
            author.get(page)
        assert len(many) == len(few)
