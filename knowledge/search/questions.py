"""Reads the questions in a customer's message. Pure.

Greeting, thanks and signature say nothing about the subject and would favor articles that contain such phrases, so they
are removed. Several questions in one message are searched one by one: a single vector for all of them would lie between
their answers and near none.
"""

import re
from dataclasses import dataclass

from knowledge.index.lexical import content_words

READ_LIMIT = 100_000  # characters of a message that are read
QUERY_LIMIT = 1000  # characters of a query: the rest of a long mail does not improve the search
# Earlier messages searched with a question: "and what does it cost?" means nothing without them.
HISTORY_LIMIT = 6
BRIEF_HISTORY = 2
PARTS_LIMIT = 3
PART_WORDS = 3  # content words that a question needs to be searched by itself

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
_SIGN_OFF_LIMIT = 100  # characters: a longer line is not a sign-off
NO_WORD = re.compile(r"^\W+")
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?。！？]+|\n|$)")


@dataclass(frozen=True)
class Question:
    """`brief` is for the reranker: it names what "it" refers to, and leaves room for the passage."""

    text: str
    brief: str


@dataclass(frozen=True)
class Asked:
    """`whole` is searched if the message has one question, otherwise each of `parts`, at most PARTS_LIMIT."""

    whole: Question
    parts: tuple[Question, ...] = ()
    in_conversation: bool = False

    @property
    def searches(self) -> tuple[Question, ...]:
        return self.parts or ((self.whole,) if self.whole.text else ())


@dataclass(frozen=True)
class Translation:
    """What is asked, in another language: one text for each of `Asked.searches`."""

    language: str
    texts: tuple[str, ...]


def read(text: str, history: tuple[str, ...] | list[str] = ()) -> Asked:
    """What to search for. `history`: earlier messages, newest first."""
    said = essence(text[:READ_LIMIT])
    whole = Question(one_line(said, *history[:HISTORY_LIMIT]), one_line(said, *history[:BRIEF_HISTORY]))
    parts = [one_line(part, *history[:1]) for part in split(said)]
    return Asked(whole, tuple(Question(part, part) for part in parts) if len(parts) > 1 else (), bool(history))


def essence(text: str) -> str:
    """The text without greeting, thanks, sign-off and signature; unchanged if nothing else is in it."""
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
    """Where the sign-off line begins; the end of the text if there is none."""
    place, said = 0, False
    for line in text.split("\n"):
        bare = line[: _SIGN_OFF_LIMIT + 1].strip()
        if said and len(bare) <= _SIGN_OFF_LIMIT and _SIGN_OFF.match(NO_WORD.sub("", bare, count=1)):
            return place
        said = said or bool(bare)
        place += len(line) + 1
    return len(text)


def split(text: str) -> tuple[str, ...]:
    """The questions of a text that has several, each with the sentence before it, which often names the subject.

    A follow-up that names no subject ("And how long does that take?") stays with the question before it, and a short
    one that only opens the message ("ibuprofen?", often the subject of a mail) with what follows.
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
        asked = asked or (question and (own or len(groups) > 1))
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
