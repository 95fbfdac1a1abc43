"""Names of people whom nobody told us about: from the tagger's reading, and from words that stand before a name. Pure.

The tagger reads small letters only, so what capitals say is added here; and its false alarms are undone: words that are
also names ("Will it work"), products ("Jordan Pro"), shouting.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from knowledge.masking import names
from knowledge.masking.text import Span, Word

# The least probability of a name: of a word with a capital; of one in small letters, where nobody uses capitals and
# where others have them; of a word beside a name; of one that is announced by "I am" or the like.
CAPITAL_WORD, SMALL_WORD, SMALL_AMONG_CAPITALS, BESIDE, ANNOUNCED = 0.3, 0.5, 0.95, 0.15, 0.04
FIRST_WORD = 0.5  # of a sentence: its capital says nothing
JOINS = re.compile(r"[ \t]{0,2}(?:[-'’´][ \t]{0,1})?")
SHORT_JOINS = re.compile(r"\.[ \t]{0,1}")  # behind an initial or "Dr", elsewhere the sentence ends
INITIALS = re.compile(r"(?:(?<!\w)[A-ZÀ-Þ]\.[ -]?){1,3}$")
TITLES = re.compile(rf"(?<!\w)(?:{names.TITLE}\.?[ \t]{{1,2}}){{1,3}}$", re.IGNORECASE)
DEGREE = re.compile(r",?[ ](?:MD|PhD|DDS|DVM|MBA|Jr|Sr|II|III|IV|Esq)\b\.?")
CAPITAL = r"[A-ZÀ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽΑ-Ωа-яА-Я]"
NAME = rf"{CAPITAL}[^\W\d_]{{1,24}}(?:[-'’](?!s\b){CAPITAL}?[^\W\d_]{{1,24}})?"
PARTICLE = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|la|le|al|el|bin)[ ]){0,2}"
NAMES = rf"{NAME}(?:[ ]{PARTICLE}{NAME}){{0,2}}"
TITLED = re.compile(rf"(?<!\w)(?i:{names.TITLE})\.?[ ]{{1,2}}(?P<name>{NAMES})")
# Whoever says so names themselves, whatever the words are.
NAMED = re.compile(
    r"(?<!\w)(?i:my name is|my name's|mein name ist|ich heiße|ich heisse|je m['’]appelle|mon nom est|me llamo"
    r"|mi nombre es|mi chiamo|il mio nome è|meu nome é|(?:eu )?chamo-me|me chamo|ik heet|mijn naam is|nazywam się"
    r"|mam na imię|jag heter|mitt namn är|jeg hedder|jeg heter|nimeni on|jmenuji se|mă numesc|(?:calls?|called) me)"
    rf"[ ]{{1,2}}(?P<name>{NAMES}|[^\W\d_]{{2,24}})"
)
# Whoever says so may say anything: the tagger must think of a name at least a little.
PRESENTED = re.compile(
    r"(?<!\w)(?i:i am|i['’]m|im|this is|ich bin(?: die| der)?|hier ist|hier spricht|hier schreibt|je suis|c['’]est|ici"
    r"|soy|habla|sono|parla|sou(?: o| a)?|aqui (?:é|fala)(?: o| a)?|ik ben|met|jestem|z tej strony|tu|jag är|jeg er"
    r"|user(?:name)?|customer|client|kunde|kundin|cliente|klient|contact|attn|c/o|z\. ?hd\.?)"
    rf"[ :]{{1,3}}(?P<name>{NAMES})"
)
ENDS = re.compile(r"[ \t]{0,3}(?:[\n,;)]|$)")
# "H. El Idrissi", "Emre here", "Graça Leal aqui"
INITIAL = re.compile(rf"(?<![\w.])(?:[A-ZÀ-Þ]\.[ -]?){{1,2}}(?P<name>{PARTICLE}{NAME}(?:[ ]{NAME})?)")
HERE = re.compile(rf"(?:^|[\n,.!] ?)(?P<name>{NAMES})[ ](?i:here|hier|ici|aquí|aqui|qui|speaking|again)(?!\w)")
# A given name of our list, and what may be the rest of the name.
LISTED = re.compile(rf"(?<![\w@./\\'’-])(?P<given>{NAME})(?P<rest>(?:[ ]{PARTICLE}{NAME}){{0,2}})")
GOODBYE = re.compile(
    rf"(?:^|\n)[ \t>*]{{0,6}}[^\n]{{0,40}}?(?<!\w)(?i:{names.CLOSING})[^\n\w]{{0,6}}\n{{1,3}}[ \t>*_–—-]{{0,6}}"
    rf"(?P<name>(?:{NAMES})|[a-zà-þ]{{2,20}})[ \t.,]{{0,3}}(?=\n|$)"
)
# Behind a name of a product, a company or a part of one.
THING_BEHIND = re.compile(
    r"[ ](?:Pro|Plus|Plan|Team|App|Bot|Suite|Edition|Tier|Basic|Premium|Cloud|API|Starter|Business|Enterprise|Free"
    r"|Lite|Max|Mini|GmbH|AG|SE|Inc|Ltd|LLC|Corp|Group|SARL|SAS|SA|SL|SpA|Srl|BV|NV|plan|app|bot|plugin|account)(?!\w)"
    r"|[ ]?\d|[ ]?[>®™]"
)
THING_BEFORE = re.compile(
    r"(?<!\w)(?:chat|voice)?(?:bot|server|serveur|theme|thème|thema|tema|modello?|modèle|modelo|model|plan|pack|offre"
    r"|oferta|offerta|offer|line|serie|série|collection|collezione|colección|kollektion|brand|marke|marca|marque"
    r"|filtre|filter|filtro|team|app)[ ]$",
    re.IGNORECASE,
)


def find(text: str, words: Sequence[Word]) -> Iterator[Span]:
    """Spans of kind PERSON; they may overlap."""
    found = [*_tagged(text, words), *_announced(text, words)]
    for start, end in found:
        yield Span(start, end, "PERSON")
    for start, end in _again(text, {text[start:end] for start, end in found}):
        yield Span(start, end, "PERSON")


def _tagged(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    cased = _is_cased(text)
    likely = [word for word in words if word.name >= BESIDE and word.name > word.place]
    likely = [word for word in likely if text[word.start : word.end].lower() not in names.no_names()]
    for group in _groups(text, [word for word in likely if not cased or _may_be_one(text, word)]):
        start, end = group[0].start, group[-1].end
        if max(word.name for word in group) >= _least(text, start, end, cased) and not _is_false(text, group):
            yield _with_title(text, start), _with_degree(text, end)


def _may_be_one(text: str, word: Word) -> bool:
    """Where others have capitals, a word without one is a name only if it is very likely, or a "van der"."""
    written = text[word.start : word.end]
    return not written.islower() or word.name >= SMALL_AMONG_CAPITALS or written in names.PARTICLES


def _least(text: str, start: int, end: int, cased: bool) -> float:
    written = text[start:end]
    if written.islower():
        return SMALL_AMONG_CAPITALS if cased else SMALL_WORD
    return FIRST_WORD if names.STARTS_SENTENCE.search(text[max(0, start - 12) : start]) else CAPITAL_WORD


def _groups(text: str, words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words of one name: beside each other, or joined as in "O'Leary" and "Anne-Marie"."""
    group: list[Word] = list(words[:1])
    for last, word in pairwise(words):
        short = last.end - last.start <= 3 and SHORT_JOINS.fullmatch(text, last.end, word.start)
        if not short and not JOINS.fullmatch(text, last.end, word.start):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _is_false(text: str, group: Sequence[Word]) -> bool:
    start, end = group[0].start, group[-1].end
    written = text[start:end]
    if names.is_title(written):
        return True
    if len(written) < 2 or not any(each.isalpha() for each in written) or any(each.isdigit() for each in written):
        return True
    if THING_BEFORE.search(text, max(0, start - 16), start) or THING_BEHIND.search(f" {written}"):
        return True
    if len(group) > 1:
        return all(map(names.is_short_or_ordinary, written.split())) and not names.stands_as_name(text, start, end)
    if THING_BEHIND.match(text, end) or (start and text[start - 1] in "@#/\\_.") or text[end : end + 1] in ("_", "/"):
        return True
    if names.is_short_or_ordinary(written) or names.used_as_word(written, text):
        return not names.stands_as_name(text, start, end)
    return False


def _is_cased(text: str) -> bool:
    """Whether the writer uses capitals: then a name in small letters is less likely."""
    letters = [each for each in text[:4000] if each.isalpha()]
    return bool(letters) and 0.015 < sum(each.isupper() for each in letters) / len(letters) < 0.5


def _with_title(text: str, start: int) -> int:
    """The name with "Dr." or "J." before it."""
    if initials := INITIALS.search(text, max(0, start - 12), start):
        start = initials.start()
    title = TITLES.search(text, max(0, start - 24), start)
    return title.start() if title else start


def _with_degree(text: str, end: int) -> int:
    """The name with "MD" or "Jr." behind it."""
    degree = DEGREE.match(text, end)
    return degree.end() if degree else end


def _announced(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    likely = {word.start: word.name for word in words}
    for found in TITLED.finditer(text):
        yield found.start(), found.end("name")
    for found in NAMED.finditer(text):
        if not found["name"].islower() or likely.get(found.start("name"), 0) >= ANNOUNCED:
            yield found.span("name")
    for found in (*PRESENTED.finditer(text), *INITIAL.finditer(text), *HERE.finditer(text)):
        announced = likely.get(found.start("name"), 0) >= ANNOUNCED or found["name"].split()[0].lower() in names.given()
        signed = found.re is INITIAL and ENDS.match(text, found.end())
        if (announced or signed) and not _ordinary(found["name"]):
            yield _with_title(text, found.start("name")), found.end("name")
    yield from _listed(text, likely)
    for found in GOODBYE.finditer(text):
        if not _ordinary(found["name"]):
            yield found.span("name")


def _listed(text: str, likely: Mapping[int, float]) -> Iterator[tuple[int, int]]:
    """Given names that the tagger does not know, with the words in capitals behind them."""
    at = 0
    while found := LISTED.search(text, at):
        at = found.end("given")
        start, end = found.span()
        if found["given"].lower() not in names.given() or THING_BEFORE.search(text, max(0, start - 16), start):
            continue
        if THING_BEHIND.search(f" {found[0]}") or THING_BEHIND.match(text, at) or THING_BEHIND.match(text, end):
            continue
        before = text[max(0, start - 40) : start].lower()
        doubtful = found["given"].isupper() or names.BEHIND_AN_ARTICLE.search(before)
        if likely.get(start, 0) >= ANNOUNCED or not doubtful:
            yield start, end
            at = end


def _ordinary(name: str) -> bool:
    return all(map(names.is_short_or_ordinary, name.split()))


def _again(text: str, said: set[str]) -> Iterator[tuple[int, int]]:
    """The same names elsewhere in the text, and their parts: who was called "Ana Lopez" is "Ana" two lines later."""
    known = sorted({part for name in said for part in names.telling_parts(name) if part[0].isupper()})
    if known:
        either = "|".join(map(re.escape, known[:40]))
        for found in re.finditer(rf"(?<![\w@./])(?:{either})(?!\w)", text):
            yield found.span()
