"""Gaps become topics: stable, readable, fixed where a member decided, closed when their questions find an answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from knowledge.gaps import closing, decisions, topics
from knowledge.gaps.naming import essential, headline, keywords
from knowledge.gaps.ranking import figures, rank
from knowledge.gaps.recording import record_gap
from knowledge.index.embeddings import FakeEmbedder
from knowledge.models import Article, Gap, GapTopic
from knowledge.sync import storing
from tests.knowledge.fakes import MemoryStore
from tickets.models import User

WHATSAPP = ("send reminders by whatsapp", "reminders by whatsapp please", "can you send whatsapp reminders")
PRINTER = ("which label printer works", "label printer for labels which one works")


@pytest.fixture(autouse=True)
def fake_embedder(settings: Any) -> None:
    settings.EMBEDDING_MODEL = "fake"


def ask(number: int, query: str, **fields: Any) -> Gap:
    return record_gap(f"ticket:{number} message:{number}", query, **fields)


def some_gaps() -> None:
    for number, query in enumerate([*WHATSAPP, *PRINTER], start=1):
        ask(number, query)


def vectors(*texts: str) -> np.ndarray:
    return FakeEmbedder().embed_passages(list(texts))


class TestAssign:
    def test_questions_on_one_thing_are_one_group(self) -> None:
        groups = topics.assign(vectors(*WHATSAPP, *PRINTER), [None] * 5, within=0.6)
        assert len(set(groups[:3])) == 1 and len(set(groups[3:])) == 1 and groups[0] != groups[3]
        assert all(group < 0 for group in groups)

    def test_a_cluster_keeps_the_topic_of_most_of_its_members(self) -> None:
        assert topics.assign(vectors(*WHATSAPP, *PRINTER), [7, 7, None, 9, None], within=0.6) == [7, 7, 7, 9, 9]
        assert topics.assign(vectors(*WHATSAPP), [7, 8, 8], within=0.6) == [8, 8, 8]

    def test_what_a_person_put_together_stays_together_and_two_such_topics_apart(self) -> None:
        both = [7, 7, 7, 7, 7]
        assert topics.assign(vectors(*WHATSAPP, *PRINTER), both, fixed=[7], within=0.6) == both
        assert topics.assign(vectors(*WHATSAPP), [7, 8, None], fixed=[7, 8], within=0.9)[:2] == [7, 8]

    def test_none_and_one(self) -> None:
        assert topics.assign(np.zeros((0, 4)), []) == []
        assert topics.assign(vectors("one"), [3]) == [3]


class TestNaming:
    def test_the_name_is_the_question_without_greeting_and_thanks(self) -> None:
        greeting = "Re: WhatsApp\nHello Mira,\n"
        asked = greeting + "our clients never read mail. Can you send reminders by WhatsApp?\nThanks, <NAME>"
        assert headline(asked) == "Can you send reminders by WhatsApp?"

    def test_it_is_short_and_ends_between_words(self) -> None:
        name = headline(
            "Which of the many label printers in your long list of devices works with the labels for repairs?"
        )
        assert len(name) <= 70 and name.endswith("…") and " wo" not in name[-5:]

    @pytest.mark.parametrize("text", ["", "???", "<NAME>", "Hi,\n\n", "\n\n"])
    def test_a_question_without_words_has_a_name_too(self, text: str) -> None:
        assert headline(text)
        assert isinstance(essential(text), str)

    def test_keywords_distinguish_topics(self) -> None:
        first, second = keywords([WHATSAPP, PRINTER])
        assert "whatsapp" in first and "printer" in second and len(first.split(", ")) <= 3


@pytest.mark.django_db
class TestRegroup:
    def test_gaps_become_named_topics(self) -> None:
        some_gaps()
        report = topics.regroup()
        assert (report.gaps, report.topics, report.new) == (5, 2, 2)
        whatsapp = Gap.objects.get(query=WHATSAPP[0]).topic
        assert whatsapp is not None and "whatsapp" in whatsapp.name.lower() and "whatsapp" in whatsapp.keywords

    def test_a_second_run_changes_nothing_and_embeds_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        some_gaps()
        topics.regroup()
        before = dict(Gap.objects.values_list("id", "topic_id"))
        assert topics.embed_gaps(FakeEmbedder()) == 0
        report = topics.regroup()
        assert (report.new, report.removed) == (0, 0)
        assert dict(Gap.objects.values_list("id", "topic_id")) == before

    def test_new_questions_join_and_the_topic_keeps_id_and_chosen_name(self) -> None:
        some_gaps()
        topics.regroup()
        topic = Gap.objects.get(query=WHATSAPP[0]).topic
        assert topic is not None and decisions.rename(topic, "  Reminders   by WhatsApp ")
        late = ask(9, "please send reminders by whatsapp")
        topics.regroup()
        late.refresh_from_db()
        topic.refresh_from_db()
        assert late.topic_id == topic.pk and topic.name == "Reminders by WhatsApp" and topic.renamed

    def test_an_emptied_topic_is_deleted(self) -> None:
        some_gaps()
        topics.regroup()
        Gap.objects.filter(query__in=PRINTER).delete()
        assert topics.regroup().removed == 1
        assert GapTopic.objects.count() == 1

    def test_a_merge_survives_the_next_run(self) -> None:
        some_gaps()
        topics.regroup()
        first, second = (Gap.objects.get(query=each[0]).topic for each in (WHATSAPP, PRINTER))
        assert first is not None and second is not None and decisions.merge(second, first)
        topics.regroup()
        assert set(Gap.objects.values_list("topic_id", flat=True)) == {first.pk}
        assert decisions.merge(first, first) is None

    def test_what_was_split_off_stays_apart(self) -> None:
        some_gaps()
        topics.regroup()
        topic = Gap.objects.get(query=WHATSAPP[0]).topic
        assert topic is not None
        own = decisions.split(topic, [Gap.objects.get(query=WHATSAPP[0]).pk])
        topics.regroup()
        topic.refresh_from_db()
        assert own is not None and [gap.query for gap in own.gaps.all()] == [WHATSAPP[0]]
        assert topic.name.lower() in {gap.query for gap in topic.gaps.all()}
        assert decisions.split(own, list(own.gaps.values_list("id", flat=True))) is None

    def test_a_person_who_merges_while_it_runs_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        some_gaps()
        topics.regroup()
        assign = topics.assign

        def slow(*args: Any, **kwargs: Any) -> list[int]:
            first, second = GapTopic.objects.all()
            decisions.merge(second, first)
            return assign(*args, **kwargs)

        monkeypatch.setattr(topics, "assign", slow)
        assert topics.regroup() == topics.Report()
        assert GapTopic.objects.count() == 1

    def test_another_embedder_embeds_anew(self) -> None:
        ask(1, "which printer")
        Gap.objects.update(vector=b"\0\0\0\0", vector_model="old")
        topics.regroup()
        assert Gap.objects.get().vector_model == "fake"

    def test_asking_again_with_another_text_embeds_anew(self) -> None:
        ask(1, "which printer")
        topics.regroup()
        ask(1, "something else entirely")
        assert Gap.objects.get().vector is None

    def test_the_company_name_does_not_make_questions_alike(self, settings: Any) -> None:
        settings.SUPPORT_NAME = "Tallybird Support"
        assert topics.without_company_name("Does Tallybird's app print? Tallybird!") == "Does app print?"


@pytest.mark.django_db
class TestRanking:
    def test_tickets_trend_and_value_decide(self) -> None:
        now = timezone.now()
        quiet, rich, busy = (GapTopic.objects.create(name=name) for name in ("quiet", "rich", "busy"))
        for topic, tickets, value, tier, days in (
            (quiet, 2, 100, "free", 60),
            (rich, 2, 9000, "enterprise", 60),
            (busy, 4, 100, "paid", 2),
        ):
            for number in range(tickets):
                gap = ask(topic.pk * 100 + number, "x", value=value, tier=tier)
                Gap.objects.filter(pk=gap.pk).update(topic=topic, asked_at=now - timedelta(days=days))
        by_topic = {topic.pk: list(topic.gaps.all()) for topic in (quiet, rich, busy)}
        assert [row.topic.name for row in rank([quiet, rich, busy], by_topic, now)] == ["busy", "rich", "quiet"]

    def test_messages_of_one_ticket_are_one_ticket_and_one_value(self) -> None:
        gaps = [record_gap(f"ticket:5 message:{number}", "x", value=100, tier="paid") for number in (1, 2)]
        found = figures(gaps, timezone.now())
        assert (found.questions, found.tickets, found.value, found.tiers) == (2, 1, 100, {"paid": 2})
        assert found.weekly[-1] == 2 and found.trend == 2.0

    @pytest.mark.parametrize(
        ("asked_in", "said"),
        [
            (["ticket:1 message:1"], "ticket"),
            (["ticket:1 message:1", "ticket:2 message:3"], "tickets"),
            (["help:1"], "visit"),
            (["help:1", "help:2"], "visits"),
            (["help:1", "ticket:2 message:3"], "tickets or visits"),
        ],
    )
    def test_the_figure_is_called_by_what_it_counts(self, asked_in: list[str], said: str) -> None:
        assert figures([record_gap(each, "x") for each in asked_in], timezone.now()).origins == said


@pytest.mark.django_db
class TestClosing:
    @pytest.fixture
    def topic(self, store: MemoryStore) -> GapTopic:
        for number, query in enumerate(WHATSAPP, start=1):
            ask(number, query)
        topics.regroup()
        Gap.objects.update(asked_at=timezone.now() - timedelta(days=1))
        return GapTopic.objects.get()

    def publish(self, write: Callable[..., Article]) -> Article:
        article = write(
            title="Reminders by WhatsApp", body="Can you send reminders by WhatsApp? Please send them by SMS."
        )
        storing.sync_all()
        return article

    def test_a_published_article_answers_the_topic(self, topic: GapTopic, write: Callable[..., Article]) -> None:
        article = self.publish(write)
        assert closing.recheck_for([article.pk]) == 3
        topic.refresh_from_db()
        assert topic.outcome == "answered" and topic.answered_by == article and topic.closed_at

    def test_an_article_that_was_there_before_does_not(self, topic: GapTopic, write: Callable[..., Article]) -> None:
        article = self.publish(write)
        Gap.objects.update(asked_at=timezone.now() + timedelta(minutes=1))
        assert closing.recheck_for([article.pk]) == 0

    def test_a_new_unanswered_question_opens_it_again(self, topic: GapTopic, write: Callable[..., Article]) -> None:
        article = self.publish(write)
        closing.recheck_for([article.pk])
        for number in range(10, 20):  # many answered ones, so that the share stays high
            gap = ask(number, WHATSAPP[0])
            Gap.objects.filter(pk=gap.pk).update(topic=topic, closed_at=timezone.now(), answered_by=article)
        closing.update_outcomes()
        ask(99, "send whatsapp reminders please")
        topics.regroup()
        closing.update_outcomes()
        topic.refresh_from_db()
        assert topic.outcome == "open" and topic.answered_by is None and topic.closed_at is None

    def test_a_topic_whose_article_is_withdrawn_opens_again(
        self, topic: GapTopic, write: Callable[..., Article]
    ) -> None:
        from knowledge.articles import publishing

        article = self.publish(write)
        closing.recheck_for([article.pk])
        publishing.archive(article)
        closing.update_outcomes()
        topic.refresh_from_db()
        assert topic.outcome == "open"

    def test_a_dismissed_topic_is_left_alone_until_it_is_reopened(self, topic: GapTopic, rosa: User) -> None:
        assert decisions.dismiss(topic, rosa) and not decisions.dismiss(topic, rosa)
        closing.update_outcomes()
        topic.refresh_from_db()
        assert topic.outcome == "dismissed" and topic.closed_by == rosa
        assert decisions.reopen(topic)
        topic.refresh_from_db()
        assert topic.outcome == "open"
