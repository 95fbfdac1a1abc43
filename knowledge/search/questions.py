"""A customer's message -> what is asked in it. Pure.

Greetings, thanks and what stands below a sign-off say nothing about the subject and pull a search towards
whatever article is politest; several questions in one message are searched one by one, because a single
vector lies between their answers and near none of them.
"""

import re
from dataclasses import dataclass

from knowledge.index.lexical import content_words

READ_LIMIT = 100_000  # characters of a message that are looked at at all
QUERY_LIMIT = 1000  # characters: a customer's whole mail is no better a question than its beginning
# Earlier messages searched with a question: "and what does it cost?" means nothing without them.
HISTORY_LIMIT = 6
BRIEF_HISTORY = 2
PARTS_LIMIT = 3
PART_WORDS = 3  # content words of its own that a question needs to be searched alone

_GREETING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|hallo|guten (?:tag|morgen|abend)|"
    r"liebe[sr]?|sehr geehrte[rsn]?|hola|buen[oa]s (?:d[ií]as|tardes|noches)|estimad[oa]s?|bonjour|bonsoir|salut|"
    r"ch[eè]re?s?)\b[^\n,.!?]{0,40}(?:[,.!]|\n|$))",
    re.I,
)
_SIGN_OFF = re.compile(
    r"(?:(?:(?:many |best |kind |warm |with (?:best|kind) )?(?:regards|wishes)|(?:many )?thanks(?: (?:a lot|so much|"
    r"in advance))?|thank you(?: (?:very much|so much|in advance))?|cheers|sincerely|yours(?: \w+)?|best|"
    r"(?:mit )?(?:freundlichen|besten|viele[n]?|liebe[n]?) gr(?:ü|ue)(?:ß|ss)en?|(?:vielen )?dank(?: im voraus)?|"
    r"saludos(?: cordiales)?|(?:muchas )?gracias(?: de antemano)?|un saludo|cordialement|(?:bien )?[àa] vous|"
    r"merci(?: d['’]avance| beaucoup)?)\W*(?:(?-i:[A-ZÀ-Þ])[\w.'’-]*[ \t]*){0,3})\W*$",
    re.I,
)
_SIGN_OFF_LIMIT = 100  # characters of a line that may be one
NO_WORD = re.compile(r"^\W+")
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?。！？]+|\n|$)")


@dataclass(frozen=True)
class Question:
    """`brief` is for the reranker: one earlier message names what "it" is, more leave no room for the passage."""

    text: str
    brief: str


@dataclass(frozen=True)
class Asked:
    """`whole` is searched for a message with one subject; else each of `parts`, at most PARTS_LIMIT."""

    whole: Question
    parts: tuple[Question, ...] = ()
    in_conversation: bool = False

    @property
    def searches(self) -> tuple[Question, ...]:
        return self.parts or ((self.whole,) if self.whole.text else ())


def read(text: str, history: tuple[str, ...] | list[str] = ()) -> Asked:
    """What to search for a message; `history` are earlier ones, newest first."""
    said = essence(text[:READ_LIMIT])
    whole = Question(one_line(said, *history[:HISTORY_LIMIT]), one_line(said, *history[:BRIEF_HISTORY]))
    parts = [one_line(part, *history[:1]) for part in split(said)]
    return Asked(whole, tuple(Question(part, part) for part in parts) if len(parts) > 1 else (), bool(history))


def essence(text: str) -> str:
    """Without greeting, thanks, sign-off and signature; a text of nothing else stays as it is."""
    plain = text.replace("\x00", " ").strip()
    lines, rest = plain.partition("\n")[0], plain
    # A subject line may come first; the greeting is then at the start of the second.
    start = _GREETING.match(rest)
    if start:
        rest = rest[start.end() :]
    elif (second := _GREETING.match(plain[len(lines) :].lstrip("\n"))) is not None:
        rest = lines + "\n" + plain[len(lines) :].lstrip("\n")[second.end() :]
    return rest[: _sign_off(rest)].strip() or plain


def _sign_off(text: str) -> int:
    """Where the line begins that ends what is said; the text's end where there is none."""
    place, said = 0, False
    for line in text.split("\n"):
        bare = line[: _SIGN_OFF_LIMIT + 1].strip()
        if said and len(bare) <= _SIGN_OFF_LIMIT and _SIGN_OFF.match(NO_WORD.sub("", bare, count=1)):
            return place
        said = said or bool(bare)
        place += len(line) + 1
    return len(text)


def split(text: str) -> tuple[str, ...]:
    """The questions of a text that has several; each with the sentence before it, which often says what it is about.

    A follow-up without content of its own ("And how long does that take?") stays with the question before it.
    """
    groups: list[list[str]] = [[]]
    asked = False
    for found in _SENTENCE.finditer(text):
        sentence = found.group().strip()
        if not sentence:
            continue
        question = sentence.endswith(("?", "？"))
        own = len(content_words(sentence)) >= PART_WORDS
        if asked and own:
            groups.append([])
            asked = False
        groups[-1].append(sentence)
        asked = asked or question
    if len(groups) > 1 and not any(sentence.endswith(("?", "？")) for sentence in groups[-1]):
        groups[-2:] = [groups[-2] + groups[-1]]
    parts = tuple(" ".join(group) for group in groups)
    if len(parts) < 2 or len(parts) > PARTS_LIMIT:
        return ()
    return parts


def one_line(*texts: str) -> str:
    """The texts as one line of bounded length, cut between words."""
    line = " ".join(" ".join(texts).replace("\x00", " ").split())
    if len(line) <= QUERY_LIMIT:
        return line
    return line[: QUERY_LIMIT + 1].rpartition(" ")[0] or line[:QUERY_LIMIT]
