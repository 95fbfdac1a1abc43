"""A long mail, shortened to its beginning, its questions and its end. Pure.

People tell a story and ask at its end, paste a table or a log around the question, or write without any space. The
order of the mail is kept, and gaps are marked.
"""

import re
from dataclasses import dataclass

from copilot.evidence.lengths import LETTERS, cut, size

UNIT = 45  # words: a longer sentence is taken in parts
ASKING, END = 0.45, 0.15  # shares of the room; the beginning gets the rest
GAP = " … "
GAPS_ROOM = 6  # words: for these marks
# A full stop inside "3.5" or "a.b" ends nothing.
SENTENCE = re.compile(
    r"(?:[^\n.!?。！？؟…।]|[.!?](?=[\x21\x23-\x26\x28\x2a-\u2e7f]))+(?:[.!?。！？؟…।]{1,8}[\"'”’»)」』]{0,4}|\n|$)?|[^\s]"
)
QUESTION_MARKS = frozenset("?？؟\u037e⸮՞፧")
WORDS = re.compile(
    r"(?<!\w)(?:how|what|where|when|why|who|which|whose|can (?:i|we|you|one)|could (?:i|we|you)|would you|will you"
    r"|do (?:i|we|you)"
    r"|does|is it possible|please|question|wonder(?:ing)?|need to know|help me|tell me|let me know|explain"
    r"|wie|wo|wann|warum|wieso|weshalb|was|wer|welche\w?|woher|wohin|können (?:sie|wir)|kann (?:ich|man)"
    r"|könnte\w{0,2}|bitte|frage"
    r"|comment|où|quand|pourquoi|quel(?:le)?s?|combien|est-ce|pouvez|puis-je|pourriez|merci de|question|veuillez"
    r"|cómo|dónde|cuándo|por qué|qué|cuál(?:es)?|cuánto|puedo|pueden?|podr[íi]an?|pregunta|por favor"
    r"|come|dove|quando|perch[eé]|quale?|quanto|posso|potete|potreste|domanda|per favore"
    r"|como|onde|por que|qual|quais|posso|podem|poderiam|pergunta|hoe|waar|wanneer|waarom|wat|welke?|kunt|kan ik"
    r"|kunnen|vraag"
    r"|alstublieft|jak|gdzie|kiedy|dlaczego|czy|proszę|pytanie|hur|var|när|varför|vad|kan (?:jag|ni)|hvordan|hvor"
    r"|hvornår|hvorfor"
    r"|как|где|когда|почему|можно|можете|подскажите|вопрос|пожалуйста|як|де|коли|чому|чи|nasıl|nerede|neden"
    r"|lütfen)(?!\w)"
    r"|ですか|ますか|でしょうか|ください|下さい|教えて|方法|お願い|吗|怎么|怎樣|如何|为什么|為什麼|哪里|哪裡|请问|請問|请|까요|나요|습니까|어떻게|어디"
    r"|알려|كيف|أين|متى|لماذا|هل|איך|איפה|מתי|למה|कैसे|कहाँ|क्यों",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Unit:
    """A sentence, or a part of a very long one. `asks`: 2 with a question mark, 1 with asking words."""

    place: int
    start: int
    end: int
    size: float
    asks: int
    data: bool


def shortened(text: str, most: float) -> str:
    """At most so many English words, or as much in another script."""
    text = text.strip()
    if size(text) <= most:
        return text
    units = _units(text)
    chosen: dict[int, Unit] = {}
    prose = [unit for unit in units if not unit.data]
    asking = sorted((unit for unit in units if unit.asks), key=lambda unit: (-unit.asks, -unit.place))
    _take(chosen, asking, most * ASKING)
    _take(chosen, prose[::-1], most * (ASKING + END), stop=True)
    _take(chosen, prose, most - GAPS_ROOM, stop=True)
    _take(chosen, units, most - GAPS_ROOM, stop=True)
    return _joined(text, [chosen[place] for place in sorted(chosen)])


def _units(text: str) -> list[Unit]:
    """In order; a repeated sentence (as in a pasted table) only once."""
    found: list[Unit] = []
    seen: set[str] = set()
    for match in SENTENCE.finditer(text):
        at = match.start()
        while at < match.end():
            part = cut(text[at : min(match.end(), at + UNIT * LETTERS)], UNIT) or text[at]
            key = " ".join(part.lower().split())
            if key and key not in seen:
                seen.add(key)
                found.append(_unit(len(found), at, part))
            at += len(part)
    return found


def _unit(place: int, at: int, text: str) -> Unit:
    letters = sum(each.isalpha() for each in text)
    asks = 2 if QUESTION_MARKS & set(text.rstrip()[-4:]) else 1 if WORDS.search(text) else 0
    return Unit(place, at, at + len(text), size(text), asks, data=letters < 0.5 * sum(map(len, text.split())))


def _take(chosen: dict[int, Unit], units: list[Unit], most: float, stop: bool = False) -> None:
    """Add units while there is room. With `stop` it ends at the first that does not fit, so that a run has no holes."""
    used = sum(unit.size for unit in chosen.values())
    for unit in units:
        if unit.place in chosen:
            continue
        if used + unit.size > most:
            if stop:
                return
            continue
        chosen[unit.place] = unit
        used += unit.size


def _joined(text: str, units: list[Unit]) -> str:
    """As it was written; what is left out is marked."""
    joined, end = "", None
    for unit in units:
        between = " " if end is None else text[end : unit.start]
        joined += (between if not between.strip() else GAP) + text[unit.start : unit.end].strip(" ")
        end = unit.end
    return joined.strip()
