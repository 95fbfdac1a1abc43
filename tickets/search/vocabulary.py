"""The words that tickets have, to find those that are near to a word with a typo.

How often a word occurs is not kept: the index says so when it is asked, for the few words that are near. So a term is
written at most twice, when its first and when its second ticket comes, and no two writers wait for each other.

It cannot grow without bounds: words of letters only, none from tokens (terms.plain_words), so many new ones of one
ticket, and once a day those that only one ticket has, the oldest ones, are forgotten if there are too many.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from django.db import connection, transaction
from django.db.models import Count
from rapidfuzz.distance import OSA

from config.words.clauses import exactly
from config.words.fulltext import FullTextIndex
from config.words.terms import fold, plain_words
from tickets.models import Term, Trigram

NEW = 500  # terms that one ticket may add at a time
MOST = 250_000  # terms
PART = 500  # terms in one statement; SQLite takes so many parameters, and more

LEAST = 4  # letters of a word that may have a typo
LONG = 8  # letters from which on two changes are a typo too
ALTERNATIVES = 3
CANDIDATES = 200  # terms that share most trigrams with a word
COUNTED = 12  # of the nearest ones, how often they occur
OFTEN = 1000  # tickets: what is more frequent counts the same
ADVISORY_LOCK = 7_268_201


def learn(texts: Mapping[int, str]) -> list[int]:
    """Add the terms of tickets, by id. Returns the tickets to be read later, because somebody else is adding some.

    On PostgreSQL two transactions that add the same words would wait for each other, and could block each other.
    """
    if not _only_one(wait=False):
        return list(texts)
    said = {pk: plain_words(text) for pk, text in texts.items()}
    first, again = _known(sorted(set(chain.from_iterable(said.values()))))
    new: list[Term] = []
    more: set[str] = set()
    for pk, written in said.items():
        unknown = [term for term in written if term not in first and term not in again][:NEW]
        more |= {term for term in written if first.get(term, pk) != pk}
        new += [Term(term=term, ticket=pk, written=written[term]) for term in unknown]
        first |= dict.fromkeys(unknown, pk)
    _add(new)
    for part in _parts(sorted(more)):
        Term.objects.filter(term__in=part, again=False).update(again=True)
    return []


def _only_one(*, wait: bool) -> bool:
    """Whether this transaction has the vocabulary for itself until it ends. SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        return bool(cursor.fetchone()[0])


def _known(terms: Sequence[str]) -> tuple[dict[str, int], set[str]]:
    """The first ticket of the terms that one ticket has; and the terms that more have."""
    found = [Term.objects.filter(term__in=part).values_list("term", "ticket", "again") for part in _parts(terms)]
    rows = list(chain.from_iterable(found))
    return {term: pk for term, pk, again in rows if not again}, {term for term, _, again in rows if again}


def _add(new: list[Term]) -> None:
    Term.objects.bulk_create(new, batch_size=PART)
    grams = (Trigram(gram=gram, length=len(each.term), term=each.term) for each in new for gram in trigrams(each.term))
    Trigram.objects.bulk_create(grams, batch_size=PART)


@transaction.atomic
def forget_all() -> None:
    _only_one(wait=True)
    Trigram.objects.all().delete()
    Term.objects.all().delete()


def tidy() -> int:
    """Keeps the vocabulary below MOST terms; returns how many were forgotten. Words of one ticket go first, the oldest
    ones before others; then those that came last."""
    over = max(0, Term.objects.count() - MOST)
    once = list(Term.objects.filter(again=False).order_by("ticket").values_list("term", flat=True)[:over])
    rest = Term.objects.filter(again=True).order_by("-ticket").values_list("term", flat=True)[: over - len(once)]
    _remove([*once, *rest])
    return over


def _remove(terms: Sequence[str]) -> None:
    for part in _parts(terms):
        with transaction.atomic():
            _only_one(wait=True)
            Trigram.objects.filter(term__in=part).delete()
            Term.objects.filter(term__in=part).delete()


def _parts(values: Sequence) -> Iterator[Sequence]:  # type: ignore[type-arg]
    return (values[start : start + PART] for start in range(0, len(values), PART))


# --- near words -----------------------------------------------------------------------------------


def trigrams(term: str) -> set[str]:
    """With its beginning and its end, so that a word of four letters has six."""
    padded = f"  {term}  "
    return {padded[place : place + 3] for place in range(len(term) + 2)}


def may_have_typo(word: str) -> bool:
    """A word of letters. Numbers and codes are never replaced, nor are scripts without spaces, which have no words."""
    return len(fold(word)) >= LEAST and fold(word) in plain_words(word)


def near(word: str, index: FullTextIndex) -> list[Term]:
    """Terms with one change, from LONG letters on with two: a letter too much, too few, another one, or two exchanged.
    Only the nearest; the most frequent first."""
    term = fold(word)
    changes = 2 if len(term) >= LONG else 1
    distances = {
        each: distance
        for each in _candidates(term, changes)
        if (distance := OSA.distance(term, each, score_cutoff=changes)) <= changes
    }
    nearest = [each for each, distance in distances.items() if distance == min(distances.values())][:COUNTED]
    if not nearest:
        return []
    counts = dict(zip(nearest, index.counts([exactly(each) for each in nearest], OFTEN), strict=True))
    best = sorted((each for each in nearest if counts[each]), key=lambda each: (-counts[each], each))[:ALTERNATIVES]
    there = Term.objects.in_bulk(best)
    return [there[each] for each in best if each in there]


def _candidates(term: str, changes: int) -> list[str]:
    """Terms that share so many trigrams that they may be near: a change spoils three of them, an exchange four."""
    grams = trigrams(term)
    lengths = (len(term) - changes, len(term) + changes)
    found = Trigram.objects.filter(gram__in=grams, length__range=lengths).values("term").annotate(shared=Count("pk"))
    found = found.filter(shared__gte=max(1, len(grams) - 4 * changes)).order_by("-shared", "term")
    return list(found.values_list("term", flat=True)[:CANDIDATES])
