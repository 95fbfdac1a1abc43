"""Groups gaps that ask for the same article into topics, by meaning, and names the topics.

Grouping is average-linkage clustering on cosine distance. It starts from scratch each time, so that topics grow and
split as questions come in. Each cluster then gets the topic, with its id and name, that most of its members had. A
topic that a member changed (renamed, merged, dismissed), or that has an article, is fixed: its questions stay together.

JOIN_WITHIN was chosen on the 18 unanswered questions of the demo, with two embedders (MiniLM, BGE). From 0.60 to 0.62
both give the same five groups, all correct. From 0.64 on, BGE joins a question about currencies with one about a
refund; from 0.66 on, also the German question about WhatsApp with the English ones. The company's name is not embedded:
most questions contain it, which made them all similar.
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

JOIN_WITHIN = 0.62  # mean distance on the scale of index/similarity.py (1: unrelated)
GROUP_LIMIT = 2000  # gaps in one run, newest first; older ones keep their topic
BATCH = 64
# Outweigh any average of real distances (0 to 2).
TOGETHER, APART = 0.0, 1e6

Outcome = GapTopic.Outcome


@dataclass(frozen=True)
class Report:
    gaps: int = 0
    topics: int = 0
    new: int = 0
    removed: int = 0

    def __str__(self) -> str:
        return f"{self.gaps} questions in {self.topics} topics, {self.new} new, {self.removed} removed"


def assign(
    vectors: np.ndarray, existing: Sequence[int | None], fixed: Collection[int] = (), within: float = JOIN_WITHIN
) -> list[int]:
    """A group for each row: the id of an existing topic, or a negative number for a new one.

    `within`: a cosine distance. `existing`: the topic that each row has now. Rows of a `fixed` topic stay in it, and
    two fixed topics stay separate.
    """
    if not len(vectors):
        return []
    clusters = _clusters(vectors, existing, frozenset(fixed), within)
    ids = _kept_ids(clusters, existing, frozenset(fixed))
    return [ids[cluster] for cluster in clusters]


def _clusters(vectors: np.ndarray, existing: Sequence[int | None], fixed: frozenset[int], within: float) -> list[int]:
    if len(vectors) == 1:
        return [0]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = np.clip(1.0 - (vectors @ vectors.T).astype(np.float64), 0.0, 2.0)
    kept = np.array([topic if topic in fixed else 0 for topic in existing])
    both = (kept[:, None] > 0) & (kept[None, :] > 0)
    same = kept[:, None] == kept[None, :]
    distances[both & same] = TOGETHER
    distances[both & ~same] = APART
    np.fill_diagonal(distances, 0.0)
    distances = (distances + distances.T) / 2
    tree = linkage(squareform(distances, checks=False), method="average")
    return [int(number) for number in fcluster(tree, t=within, criterion="distance")]


def _kept_ids(clusters: Sequence[int], existing: Sequence[int | None], fixed: frozenset[int]) -> dict[int, int]:
    """The topic that each cluster gets: fixed ones first, then by the number of members in common."""
    shared = Counter((cluster, topic) for cluster, topic in zip(clusters, existing, strict=True) if topic)
    ids: dict[int, int] = {}
    taken: set[int] = set()
    wishes = sorted(shared.items(), key=lambda item: (item[0][1] not in fixed, -item[1], item[0][1], item[0][0]))
    for (cluster, topic), _ in wishes:
        if cluster not in ids and topic not in taken:
            ids[cluster] = topic
            taken.add(topic)
    for cluster in dict.fromkeys(clusters):
        ids.setdefault(cluster, -1 - len(ids))
    return ids


def embed_gaps(embedder: Embedder) -> int:
    """Embed the gaps that have no vector of this embedder. Returns how many."""
    waiting = Gap.objects.filter(Q(vector=None) | ~Q(vector_model=embedder.name)).order_by("-asked_at")
    done = 0
    rows = list(waiting.only("id", "query")[:GROUP_LIMIT])
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        vectors = embedder.embed_passages([without_company_name(essential(row.query)) for row in part])
        for row, vector in zip(part, vectors, strict=True):
            row.vector, row.vector_model = vector.astype(np.float32).tobytes(), embedder.name
        Gap.objects.bulk_update(part, ["vector", "vector_model"])
        done += len(part)
    return done


def without_company_name(text: str) -> str:
    """Most questions contain the company's name, so it distinguishes none."""
    own = {word.lower() for word in re.findall(r"\w+", settings.SUPPORT_NAME)} - {"support", "help", "team", "desk"}
    return " ".join(word for word in text.split() if word.lower().strip(".,!?:;()\"'").removesuffix("'s") not in own)


def regroup(embedder: Embedder | None = None) -> Report:
    """Group all gaps and store their topics in one transaction. Raises EmbedderUnavailable."""
    embedder = embedder or get_embedder()
    embed_gaps(embedder)
    gaps = list(
        Gap.objects.filter(vector_model=embedder.name, vector__isnull=False)
        .filter(Q(closed_at=None) | Q(topic__isnull=False))
        .order_by("-asked_at", "-id")[:GROUP_LIMIT]
    )
    topics = {topic.pk: topic for topic in GapTopic.objects.all()}
    vectors = np.array([np.frombuffer(bytes(gap.vector or b""), dtype=np.float32) for gap in gaps])
    fixed = [pk for pk, topic in topics.items() if _is_fixed(topic)]
    within = JOIN_WITHIN * (1 - Likeness(embedder.embed_passages).unrelated)
    groups = assign(vectors, [gap.topic_id for gap in gaps], fixed, within)
    return _write(gaps, vectors, groups, topics)


def _is_fixed(topic: GapTopic) -> bool:
    """A member decided about it, so its questions are not moved to other topics."""
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
            if not _is_fixed(topic):
                topic.name = name_of([gaps[row].query for row in rows], vectors[rows])
            topic.keywords = words[group]
            topic.save(update_fields=["name", "keywords"] if topic.pk else None)
            moved = [gaps[row].pk for row in rows if gaps[row].topic_id != topic.pk]
            if moved:
                Gap.objects.filter(pk__in=moved).update(topic=topic)
        removed = remove_empty()
    return Report(len(gaps), len(members), new, removed)


def remove_empty() -> int:
    """Delete topics without questions. Returns how many."""
    return GapTopic.objects.filter(gaps=None).delete()[1].get("knowledge.GapTopic", 0)


def _changed_meanwhile(gaps: Sequence[Gap]) -> bool:
    """Whether another run, or a member who merged topics, was faster."""
    ids = [gap.pk for gap in gaps]
    now = dict(Gap.objects.filter(pk__in=ids).values_list("id", "topic_id"))
    return any(gap.pk in now and now[gap.pk] != gap.topic_id for gap in gaps)
