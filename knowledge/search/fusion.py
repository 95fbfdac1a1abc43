"""Rankings by meaning, by words and by the reranker -> one. Pure; search and evaluation use the same lines.

Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): a candidate's worth is the sum of weight / (K + rank) over
the rankings that know it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

DEPTH = 30  # how many hits each side brings
# A hit at rank r is worth 1 / (K + r): a larger K trusts agreement of both sides more than one side's first places.
# K of 3, 5, 10, 20, 60 and word weights of .3, .5, .7, 1 were tried on both development sets with bge-small: 5 and .7
# were level with the best pair on each of hit@1, MRR@10 and nDCG@10, and above either side alone on all of them.
K = 5
WORDS_WEIGHT = 0.7
# The reranker was trained on single web questions. On such (insuranceQA) a vote of 1 to 1.5 was best; asked with the
# conversation before it (DSTC10) .2 to .5 was, and 1 was worse than no vote at all.
RERANK_WEIGHT = 1.0
RERANK_WEIGHT_IN_CONVERSATION = 0.3


@dataclass(frozen=True)
class Ranked:
    id: int
    fused: float
    dense_rank: int | None
    lexical_rank: int | None
    similarity: float | None  # cosine, where the dense side brought it
    fused_rank: int | None = None  # before the reranker's vote
    logit: float | None = None  # the reranker's, of those it read
    rerank_rank: int | None = None


def fuse(
    dense: Sequence[tuple[int, float]],
    lexical: Sequence[tuple[int, float]],
    k: int = K,
    words_weight: float = WORDS_WEIGHT,
) -> list[Ranked]:
    """Best first. Either side may be empty; then the other's order stands."""
    dense_ranks = {id_: rank for rank, (id_, _) in enumerate(dense, 1)}
    lexical_ranks = {id_: rank for rank, (id_, _) in enumerate(lexical, 1)}
    similarities = dict(dense)
    ranked = [
        Ranked(
            id=id_,
            fused=sum(
                weight / (k + ranks[id_])
                for ranks, weight in ((dense_ranks, 1.0), (lexical_ranks, words_weight))
                if id_ in ranks
            ),
            dense_rank=dense_ranks.get(id_),
            lexical_rank=lexical_ranks.get(id_),
            similarity=similarities.get(id_),
        )
        for id_ in dense_ranks | lexical_ranks
    ]
    return sorted(ranked, key=_order)


def add_vote(ranked: Sequence[Ranked], logits: Mapping[int, float], in_conversation: bool, k: int = K) -> list[Ranked]:
    """The reranker's vote on the candidates it read; those it did not read come after them, in their order."""
    weight = RERANK_WEIGHT_IN_CONVERSATION if in_conversation else RERANK_WEIGHT
    read = sorted((each for each in ranked if each.id in logits), key=lambda each: -logits[each.id])
    voted = [
        replace(each, fused=each.fused + weight / (k + rank), logit=logits[each.id], rerank_rank=rank)
        for rank, each in enumerate(read, 1)
    ]
    return sorted(voted, key=_order) + [each for each in ranked if each.id not in logits]


def _order(each: Ranked) -> tuple[float, int, int]:
    return (-each.fused, each.dense_rank or DEPTH + 1, each.id)
