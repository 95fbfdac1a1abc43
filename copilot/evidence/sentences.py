"""Cuts prose into sentences, and tells which of them are understood only with their neighbour. Pure, linear time.

Sentences of articles and of drafts are cut by the same rules, so that one can be compared with the other.
"""

import re

# Each search for an end begins at a mark that follows no other mark: "!!!!!" is read once.
_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]*_`]*+\s++"
    r"|[。！？]++[」』）\"”’»)\]*_]*+\s*+"
    r"|\n[ \t]*+\n\s*+"
    r"|\n(?=[ \t]*+(?:[-*+•]|\d{1,3}[.)])[ \t])"
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_OPENING = "\"'“„‘«([¿¡*_`-–— "
_NEAR = 16  # characters around an end that decide whether it is one

_ABBREVIATION = re.compile(
    r"(?<!\w)(?:[^\W\d_]|e\.g|i\.e|vs|approx|incl|excl|st|mr|mrs|ms|dr|prof|bzw|ca|inkl|zzgl|ggf|evtl|vgl|d\.h|z\.b"
    r"|p\.\s?ej|ej|sr|sra|ud|uds|p\.\s?ex|av|c\.-à-d|bijv|напр|див|тис|вул)\.$",
    re.IGNORECASE,
)
_BEFORE_A_NUMBER = re.compile(r"(?<!\w)(?:no|nr|nos|núm|art|abs|fig|pp?|tel|min|max|стор|п)\.$", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<![\w.,])\d{1,2}\.$")
_AFTER_AN_ORDINAL = re.compile(
    r"(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Quartal|Tag|Woche|Monat|Mal|Schritt|Stock|Etage|Jahr)"
)
_MARK_ALONE = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s*$")

_REFERS = re.compile(
    r"(?:this|that|these|those|it|its|it['’]s|they|them|their|then|otherwise|however|but|if (?:so|not)|also|both|so"
    r"|see|here['’]s|(?:read|learn|find out) more|for (?:more|further|details)|siehe"
    r"|mehr (?:dazu|darüber|informationen)|weitere informationen|voir|en savoir plus|pour plus|véase|más información"
    r"|in (?:that|this|both|these|either) cases?|after (?:that|this)|afterwards|instead|here|such|until then|the same"
    r"|in addition|for this"
    r"|dies(?:e[mnrs]?)?|das (?:ist|sind|geht|gilt|wird|hat|kann|kostet|dauert|heißt|bedeutet|liegt|passiert)|er|dann"
    r"|danach|sonst|andernfalls|dabei|dafür|damit|dazu|deshalb|jedoch|aber|außerdem|hier|dort|beide|stattdessen"
    r"|est[oae]s?|es[oae]s?|entonces|después|además|pero|sin embargo|de lo contrario|si no|así|allí|ahí|ambos|y"
    r"|ceci|cela|ce|cet|cette|ces|ils?(?= (?:est|sont|faut|s['’]|n['’]|ne|vous|peut|peuvent|se))|elles?|ensuite|puis"
    r"|sinon|mais|toutefois|dans ce cas|alors|ainsi|c['’]est"
    r"|quest[oaie]|poi|altrimenti|ma|però|inoltre|in questo caso"
    r"|ist[oa]|isso|ess[ea]s?|depois|caso contrário|mas|também|nesse caso"
    r"|dit|dat|deze|daarna|anders|maar|hierna"
    r"|це|цей|ця|ці|він|вона|воно|вони|потім|тоді|інакше|але|однак|також|тут|там|після цього|для цього)\b"
    r"|これ|それ|この|その|ここ|そこ|ただし|また|次に|しかし|すると|这|那|它|该|此|然后|否则|但|不过|因此|之后|另外",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]」』）]*$")
_ASKS = tuple(mark + closing for mark in "?？" for closing in ["", *'"”’»)」』）'])
_UNSPACED_ENDS = "。！？」』：）"
LABEL_LENGTH = 75  # characters of a line that names what follows, as in headings
SHORT_WORDS, SHORT_LETTERS = 3, 16  # "No.", "Yearly billing.", "Dogs and cats."
WIDE = 3  # letters that one character of Chinese or Japanese stands for


def sentences(text: str) -> list[tuple[int, int]]:
    """The places of the sentences of a text, without the space around them.

    A blank line and the mark of a list's point end a sentence too; a line end alone does not.
    """
    places: list[tuple[int, int]] = []
    start = 0
    for found in _END.finditer(text):
        if _is_end(text, start, found):
            places.append(trimmed(text, start, found.end()))
            start = found.end()
    places.append(trimmed(text, start, len(text)))
    return [(start, end) for start, end in places if start < end]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The same place without space at its sides."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _is_end(text: str, start: int, found: re.Match[str]) -> bool:
    if _BLANK_LINE.search(found[0]) or found[0][0] in "。！？\n":
        return True
    after = text[found.end() : found.end() + _NEAR].lstrip(_OPENING)
    if after[:1].islower():
        return False
    if not found[0].rstrip().endswith("."):
        return True
    before = text[max(start, found.start() - _NEAR) : found.start() + 1]
    if _ORDINAL.search(before):
        return not (_AFTER_AN_ORDINAL.match(after) or _MARK_ALONE.match(before))
    if _BEFORE_A_NUMBER.search(before):
        return not after[:1].isdigit()
    return not _ABBREVIATION.search(before)


def joined(before: str, sentence: str) -> str | None:
    """What to put between two sentences that must stay together; None if each can stand alone.

    `sentence` refers back, or the one before is a question, "No." or a label such as "Refunds".
    """
    if sentence.endswith((":", "：")):  # it introduces what follows
        return None
    label = not is_ended(before) and len(before) <= LABEL_LENGTH
    if label or _is_short(before) or before.endswith(_ASKS) or _refers_back(sentence):
        between = "" if before[-1] in _UNSPACED_ENDS else " "
        return ": " if label and not before.endswith((":", "：")) else between
    return None


def is_ended(text: str) -> bool:
    return bool(_ENDED.search(text[-_NEAR:]))


def _is_short(sentence: str) -> bool:
    """Too short to say anything alone, such as "No." or "はい。"."""
    letters = sum(WIDE if char >= "\u2e80" else 1 for char in sentence[: SHORT_LETTERS + 1])
    return letters <= SHORT_LETTERS and len(sentence.split()) <= SHORT_WORDS


def _refers_back(sentence: str) -> bool:
    """Does it begin with a word such as "this" or "then", which means something in the sentence before?"""
    return bool(_REFERS.match(sentence.lstrip(_OPENING)))
