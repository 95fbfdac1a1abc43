"""Gaps that ask for the same article become one topic: embedded once, grouped by meaning, named readably.

Grouping is average-linkage clustering on cosine distance. It runs anew each time, so that a topic grows and splits as
questions come in, and is then matched with what was there: a cluster keeps the topic that most of its members had,
with its id and name. What a person has touched (renamed, merged, dismissed) or what an article was prepared for or
answers is held together whatever the vectors say.

JOIN_WITHIN was chosen on the 18 unanswered questions of the demo, with two embedders (MiniLM, BGE): from 0.60 to 0.62
the same five groups come out with both, all of them right; from 0.64 on, BGE joins a question about currencies with
one about a refund, and from 0.66 on it also joins the German question about WhatsApp with the English ones. The
company's own name is left out of what is embedded: it stands in most questions and made all of them alike.
"""

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from knowledge.gaps.naming import essential, keywords, name_of
from knowledge.index.embeddings import Embedder, get_embedder
from knowledge.index.similarity import Likeness
from knowledge.models import Gap, GapTopic

logger = logging.getLogger(__name__)

JOIN_WITHIN = 0.62  # distance on the scale of likeness.py (1: unrelated), average over all pairs
MOST = 2000  # gaps grouped at a time, newest first: older ones keep their topic
BATCH = 64
# Distances that no average of real ones (0 to 2) can outweigh.
TOGETHER, APART = 0.0, 1e6

Outcome = GapTopic.Outcome


@dataclass(frozen=True)
class Report:
    """What one run did, in counts."""

    gaps: int = 0
    topics: int = 0
    new: int = 0
    removed: int = 0

    def __str__(self) -> str:
        return f"{self.gaps} questions in {self.topics} topics, {self.new} new, {self.removed} removed"


def assign(
    vectors: np.ndarray, existing: Sequence[int | None], held: Collection[int] = (), within: float = JOIN_WITHIN
) -> list[int]:
    """A group for every row: the id of an existing topic, or a negative number for a new one.

    `within` is a cosine distance. `existing` names the topic that each row has now; rows of a `held` topic stay in
    it, and two held topics apart.
    """
    if not len(vectors):
        return []
    clusters = _clusters(vectors, existing, frozenset(held), within)
    ids = _kept_ids(clusters, existing, frozenset(held))
    return [ids[cluster] for cluster in clusters]


def _clusters(vectors: np.ndarray, existing: Sequence[int | None], held: frozenset[int], within: float) -> list[int]:
    if len(vectors) == 1:
        return [0]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = np.clip(1.0 - (vectors @ vectors.T).astype(np.float64), 0.0, 2.0)
    kept = np.array([topic if topic in held else 0 for topic in existing])
    both = (kept[:, None] > 0) & (kept[None, :] > 0)
    same = kept[:, None] == kept[None, :]
    distances[both & same] = TOGETHER
    distances[both & ~same] = APART
    np.fill_diagonal(distances, 0.0)
    distances = (distances + distances.T) / 2
    tree = linkage(squareform(distances, checks=False), method="average")
    return [int(number) for number in fcluster(tree, t=within, criterion="distance")]


def _kept_ids(clusters: Sequence[int], existing: Sequence[int | None], held: frozenset[int]) -> dict[int, int]:
    """Which topic each cluster carries on: held ones first, then by the number of members in common."""
    shared = Counter((cluster, topic) for cluster, topic in zip(clusters, existing, strict=True) if topic)
    ids: dict[int, int] = {}
    taken: set[int] = set()
    wishes = sorted(shared.items(), key=lambda item: (item[0][1] not in held, -item[1], item[0][1], item[0][0]))
    for (cluster, topic), _ in wishes:
        if cluster not in ids and topic not in taken:
            ids[cluster] = topic
            taken.add(topic)
    for cluster in dict.fromkeys(clusters):
        ids.setdefault(cluster, -1 - len(ids))
    return ids


def embed_gaps(embedder: Embedder) -> int:
    """Vectors for gaps that have none of this embedder; each text is embedded once. Returns how many."""
    waiting = Gap.objects.filter(Q(vector=None) | ~Q(vector_model=embedder.name)).order_by("-asked_at")
    done = 0
    rows = list(waiting.only("id", "query")[:MOST])
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        vectors = embedder.embed_passages([without_own_name(essential(row.query)) for row in part])
        for row, vector in zip(part, vectors, strict=True):
            row.vector, row.vector_model = vector.astype(np.float32).tobytes(), embedder.name
        Gap.objects.bulk_update(part, ["vector", "vector_model"])
        done += len(part)
    return done


def without_own_name(text: str) -> str:
    """Not the company's name, which stands in most questions and tells nothing."""
    own = {word.lower() for word in re.findall(r"\w+", settings.SUPPORT_NAME)} - {"support", "help", "team", "desk"}
    return " ".join(word for word in text.split() if word.lower().strip(".,!?:;()\"'").removesuffix("'s") not in own)


def regroup(embedder: Embedder | None = None) -> Report:
    """Embed, decide, then write once. Raises EmbedderUnavailable."""
    embedder = embedder or get_embedder()
    embed_gaps(embedder)
    gaps = list(
        Gap.objects.filter(vector_model=embedder.name, vector__isnull=False)
        .filter(Q(closed_at=None) | Q(topic__isnull=False))
        .order_by("-asked_at", "-id")[:MOST]
    )
    topics = {topic.pk: topic for topic in GapTopic.objects.all()}
    vectors = np.array([np.frombuffer(bytes(gap.vector or b""), dtype=np.float32) for gap in gaps])
    held = [pk for pk, topic in topics.items() if _held(topic)]
    within = JOIN_WITHIN * (1 - Likeness(embedder.embed_passages).unrelated)
    groups = assign(vectors, [gap.topic_id for gap in gaps], held, within)
    return _write(gaps, vectors, groups, topics)


def _held(topic: GapTopic) -> bool:
    """Somebody decided about it, so its questions are not moved elsewhere."""
    return topic.renamed or topic.outcome != Outcome.OPEN or topic.draft_id is not None


def _write(gaps: Sequence[Gap], vectors: np.ndarray, groups: Sequence[int], topics: Mapping[int, GapTopic]) -> Report:
    members: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    words = dict(zip(members, keywords([[gaps[row].query for row in rows] for rows in members.values()]), strict=True))
    with transaction.atomic():
        if _changed_meanwhile(gaps):
            logger.info("Questions changed while they were grouped; the next run goes on")
            return Report()
        new = 0
        for group, rows in members.items():
            topic = topics.get(group)
            new += topic is None
            topic = topic or GapTopic()
            if not _held(topic):
                topic.name = name_of([gaps[row].query for row in rows], vectors[rows])
            topic.keywords = words[group]
            topic.save(update_fields=["name", "keywords"] if topic.pk else None)
            moved = [gaps[row].pk for row in rows if gaps[row].topic_id != topic.pk]
            if moved:
                Gap.objects.filter(pk__in=moved).update(topic=topic)
        removed = remove_empty()
    return Report(len(gaps), len(members), new, removed)


def remove_empty() -> int:
    """Topics that no question is in any more. Returns how many."""
    return GapTopic.objects.filter(gaps=None).delete()[1].get("knowledge.GapTopic", 0)


def _changed_meanwhile(gaps: Sequence[Gap]) -> bool:
    """Another run, or a person who merged topics, was faster."""
    ids = [gap.pk for gap in gaps]
    now = dict(Gap.objects.filter(pk__in=ids).values_list("id", "topic_id"))
    return any(gap.pk in now and now[gap.pk] != gap.topic_id for gap in gaps)
