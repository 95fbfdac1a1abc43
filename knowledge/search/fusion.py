"""Makes one ranking of those by meaning, by words and by the reranker. Pure; search and evaluation both use it.

Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): a candidate's fused score is the sum of weight / (K + rank)
over the rankings that contain it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

DEPTH = 30  # candidates of each ranking
# A larger K favors what both rankings contain over what one of them has at the top.
# K of 3, 5, 10, 20, 60 and word weights of .3, .5, .7, 1 were tried on both development sets with bge-small: 5 and .7
# equaled the best pair on each of hit@1, MRR@10 and nDCG@10, and beat either ranking alone on all of them.
K = 5
WORDS_WEIGHT = 0.7
# The reranker was trained on single web questions. For those (insuranceQA) a weight of 1 to 1.5 was best. For questions
# with the conversation before them (DSTC10) .2 to .5 was best, and 1 was worse than no vote at all.
RERANK_WEIGHT = 1.0
RERANK_WEIGHT_IN_CONVERSATION = 0.3


@dataclass(frozen=True)
class Ranked:
    id: int
    fused: float
    dense_rank: int | None
    lexical_rank: int | None
    similarity: float | None  # cosine, of those found by meaning
    fused_rank: int | None = None  # before the reranker's vote
    logit: float | None = None  # of those that the reranker read
    rerank_rank: int | None = None


def fuse(
    dense: Sequence[tuple[int, float]],
    lexical: Sequence[tuple[int, float]],
    k: int = K,
    words_weight: float = WORDS_WEIGHT,
) -> list[Ranked]:
    """Best first. If one ranking is empty, the other's order is kept."""
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
    """Adds the reranker's vote. Candidates that it did not read follow after the others, in their order."""
    weight = RERANK_WEIGHT_IN_CONVERSATION if in_conversation else RERANK_WEIGHT
    read = sorted((each for each in ranked if each.id in logits), key=lambda each: -logits[each.id])
    voted = [
        replace(each, fused=each.fused + weight / (k + rank), logit=logits[each.id], rerank_rank=rank)
        for rank, each in enumerate(read, 1)
    ]
    return sorted(voted, key=_order) + [each for each in ranked if each.id not in logits]


def _order(each: Ranked) -> tuple[float, int, int]:
    return (-each.fused, each.dense_rank or DEPTH + 1, each.id)
