"""The words of a sentence as they are compared with its source, and which of them matter. Pure."""

import re

from knowledge.claims.values import singular
from knowledge.index.lexical import FUNCTION_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[›>→%€$£]")
# Other forms of the same word. The second of a pair stands for all of them.
_FORMS = """
your yours customers customer:you|our us:we|they them:it|can't:cannot
isn't aren't don't doesn't won't didn't wasn't weren't:not|are be was were been being:is|has had:have
an the this that these those its their:a|till:until|inside:in
ihre ihren ihrem ihrer ihres:ihr|können könnt:kann|kein keine keinen keiner keinem keines:nicht
"""
FORMS = {
    word: group.partition(":")[2]
    for line in _FORMS.strip().splitlines()
    for group in line.split("|")
    for word in group.partition(":")[0].split()
}
# May come and go without changing what is said.
_SAFE = """
a you it is yes hello hi please also so then to of have own self yourself there here in this that which who whom and
ja ihr sie der die das den dem ein eine einem einen sí el la los las le un una su sus usted se oui les de du des une
votre vos vous
"""
SAFE = frozenset(_SAFE.split())
_NEGATIONS = """
not no never cannot nobody nothing none neither nor without unable impossible
nicht nie niemals ohne nunca sin ninguno ningún ninguna ne pas jamais sans aucun aucune ni
"""
NEGATIONS = frozenset(_NEGATIONS.split())
# Without "usually" a sentence says more than its source, and so with every other word here.
_HEDGES = """
may might could usually normally generally often mostly typically about approximately around some most
meist meistens normalerweise kann etwa ungefähr puede pueden suele suelen normalmente peut peuvent généralement
"""
HEDGES = frozenset(_HEDGES.split())
_LIMITS = """
if unless only except until within before after when while once during provided as than least first last up from for
on with per each every all any both either or but must should more less other otherwise instead
nur wenn falls außer bis vor nach ab sofern si solo sólo salvo hasta antes después desde sauf seulement jusqu avant
après dès
"""
LIMITS = frozenset(_LIMITS.split())
# What a sentence may not lose.
RESTRICTIVE = NEGATIONS | HEDGES | LIMITS
# German and questions put these elsewhere without another meaning.
MOVABLE = frozenset({"can", "kann", "may", "might", "will", "wird", "puede", "pueden", "peut", "peuvent"})
PRONOUNS = frozenset({"it", "sie", "es", "er", "ella", "ello", "il", "elle"})


def tokens(text: str) -> list[str]:
    """The words in small letters, those of a kind as one: "guests", "guest"; "the", "this"; "can't", "cannot"."""
    return [_token(word) for word in _WORD.findall(text.lower().replace("’", "'"))]


def _token(word: str) -> str:
    word = FORMS.get(word, word)
    if word in SAFE or word in RESTRICTIVE:
        return word
    short = singular(singular(word))  # one suffix is taken at a time: "ordered" and "order"
    # An owner is not "own".
    return word.removesuffix("s") if short in SAFE or short in RESTRICTIVE else short


def content(text: str) -> list[str]:
    """The tokens that carry meaning, numbers included."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    return [token for word in words if word not in FUNCTION_WORDS and (token := _token(word)) not in SAFE | RESTRICTIVE]
