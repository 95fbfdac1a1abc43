"""Where a name that is known stands in a text, and where the same letters are only a word.

"Will", "May", "Rose" and "Invoice Team" are names of customers and words of their questions: a question without its
words finds nothing. A word that is also a name is masked only where it stands as a name. Pure, but for our own name.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

HERE = Path(__file__).parent
# Parts of names that are far too common to mask on their own.
_PARTICLES = """
    de la van von der den del di da do dos das le el al bin ibn mac st y e mr mrs ms miss dr prof sir herr frau
    monsieur madame señor señora sr sra signor signora and und et the
"""
PARTICLES = frozenset(_PARTICLES.split())
_MONTHS = "january february march april may june july august september october november december"
MONTHS = frozenset(_MONTHS.split())
BEHIND_A_NAME = frozenset({"inc", "ltd", "llc", "gmbh", "ag", "sa", "co", "phd", "md", "jr", "sr", "mba", "esq", "plc"})
SHORT = 2  # letters: "Li", "An" and "Do" are words somewhere
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Behind these a word is a thing: "the invoice", "meine Rechnung", "la factura".
ARTICLES = (
    r"an?|the|my|your|his|her|its|our|their|no|any|some|each|every|which|another"
    r"|der|die|das|den|dem|des|(?:ein|mein|dein|ihr|sein|unser|euer|eur|kein)(?:e[mnrs]?)?|(?:dies|jed|welch)e[mnrs]?"
    r"|zur|zum|im|vom|beim|le|la|les|une?|des|du|mon|ma|mes|notre|nos|votre|vos|cette?|ces|aux?"
    r"|el|los|las|unas?|unos?|mi|mis|sus?|(?:nuestr|vuestr)[oa]s?|est[eoa]s?|del|il|lo|gli|uno|mi[oa]|su[oa]"
    r"|quest[oa]|dell[oa]"
    r"|os?|as|umas?|meu|minha|seu|sua|noss[oa]|d[oa]s?|n[oa]s?|het|een|mijn|uw|onze?|dit|dat|deze"
)
BEHIND_AN_ARTICLE = re.compile(rf"(?<!\w)(?:{ARTICLES})[ \t]{{1,2}}$")
# For a word that is also a name, more words before it show which it is: "please bill", "to mark", "last May".
BEFORE_A_WORD = re.compile(
    rf"(?<!\w)(?:{ARTICLES}|this|that|these|those|what|one|first|last|next|new|old|letzte[nrs]?|neue[nrs]?|to|can"
    rf"|could"
    r"|should|must|please|we|you|i|they|not|don't|doesn't)[ \t]{1,2}$"
)
GREETING = (
    r"hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|moin|liebe[rs]?"
    r"|sehr geehrte[rn]?"
    r"|hola|buen[oa]s (?:d[ií]as|tardes|noches)|estimad[oa]|querid[oa]|bonjour|bonsoir|salut|ch[eè]re?|ciao"
    r"|buongiorno|gentile"
    r"|cara|caro|olá|bom dia|boa tarde|prezad[oa]|beste|geachte|dag|hej|cześć|mr|mrs|ms|miss|dr|herr|frau|madame"
    r"|monsieur|señora?"
    r"|signora?"
)
CLOSING = (
    r"regards|wishes|thanks(?: a lot| again| so much| in advance)?|thank you(?: very much| so much| in advance)?"
    r"|cheers|sincerely"
    r"|yours(?: truly| faithfully| sincerely)?|best|love|take care|grüße|grüßen|gruß|grüsse|gruss|mfg|lg|vg|dank"
    r"|danke"
    r"|saludos(?: cordiales)?|saludo|gracias|atentamente|cordialement|salutations|merci|bien à vous|saluti|grazie"
    r"|distinti saluti"
    r"|cumprimentos|obrigad[oa]|abraços|groet(?:en|jes)?|bedankt|hälsningar|hilsen|pozdrawiam"
)
ITSELF = (
    r"my name is|name is|name's|i am|i'm|im|this is|it's|it is|here is|signed|called|ich bin|ich heiße|mein name ist"
    r"|hier ist|hier"
    r"|je suis|je m'appelle|mon nom est|ici|soy|me llamo|mi nombre es|sono|mi chiamo|il mio nome è|sou|me chamo"
    r"|meu nome é"
    r"|ik ben|mijn naam is|met|jag heter|jag är|user|username|customer|client|kunde|cliente?"
)
TITLE = (
    r"(?:mr|mrs|ms|mx|miss|dr|prof|sir|madam|mister|herrn?|frau|hr|fr|monsieur|madame|mademoiselle|mme|mlle|señora?"
    r"|srta|sra?|signora?|sig|sigra|dott|dottoressa|senhora?|dona|don|doña|dhr|mevr|mevrouw|meneer|heer|pan|pani"
    r"|panem|panią|ing|dipl)"
)
TITLES_ALONE = re.compile(rf"(?:{TITLE}\.?\s*)+", re.IGNORECASE)
# "our Price List"
IN_A_TITLE = re.compile(rf"(?<!\w)(?i:{ARTICLES})[ \t][A-Z][\w'’-]{{1,20}}[ \t]$")
BEFORE_A_NAME = re.compile(rf"(?<!\w)(?:{GREETING}|{CLOSING}|{ITSELF})[\s,.:!;*_–—-]{{1,6}}$")
BEFORE_A_MONTH = re.compile(
    r"(?:\d(?:st|nd|rd|th)?(?: of)?|\b(?:in|on|since|from|until|till|by|of|before|after|last|next|early|late|mid|and"
    r"|to))[ .,-]{1,2}$"
)
NAME_LATER = re.compile(r"[ \t]{0,2}(?:here|speaking|hier|ici|aquí)\b")
STARTS_SENTENCE = re.compile(r"(?:^|[.!?:;…。！？\n>*|•–—\"“„«(\[-])[\s\"“„«'(]{0,4}$")


def parts(name: str) -> list[str]:
    """The parts of a name to search for, the first name first; "Okafor, Tomas" is reversed."""
    last, comma, first = name.partition(",")
    if comma and first.strip().lower().strip(".") not in BEHIND_A_NAME:
        name = f"{first} {last}"
    found = [part.strip(',;()"') for part in name.split()[:8]]
    return [part for part in found if len(part) > 1 and part.lower().strip(".") not in PARTICLES | BEHIND_A_NAME]


def telling_parts(name: str) -> list[str]:
    """The parts of a name that say who it is where they stand alone: no "Dr.", no "van der", no "May"."""
    found = (part.strip("'’-.") for part in parts(name))
    return [part for part in found if len(part) > SHORT and not is_title(part) and not is_short_or_ordinary(part)]


def is_title(piece: str) -> bool:
    """Whether there is only "Dr." or "Frau"."""
    return bool(TITLES_ALONE.fullmatch(piece.strip()))


def occurrences(value: str, text: str) -> Iterator[tuple[int, int]]:
    """Where `value` (a name or a part of one) stands in `text` as a name."""
    if not value.strip() or len(value) > 200:
        return
    edges = ("", "") if CJK.search(value) else (r"(?<!\w)", r"(?!\w)")
    form = r"\s{1,3}".join(re.escape(each) for each in value.split())
    places = list(re.finditer(f"{edges[0]}{form}{edges[1]}", text, re.IGNORECASE))
    if not places:
        return
    whole = len(value.split()) > 1
    judge = _whole_name if whole else stands_as_name
    word = all(map(is_short_or_ordinary, value.split())) or used_as_word(value, text)
    for found in places:
        if not word or judge(text, *found.span()):
            yield found.span()


def is_short_or_ordinary(part: str) -> bool:
    return (len(part) <= SHORT and not CJK.search(part)) or part.lower() in ordinary()


def used_as_word(value: str, text: str) -> bool:
    """Whether the text itself uses it as a word: in lower case after an article."""
    low = value.lower()
    if not value[:1].isupper() or CJK.search(value):
        return False
    used = re.finditer(rf"(?<!\w){re.escape(low)}(?!\w)", text)
    return any(BEHIND_AN_ARTICLE.search(_before(text, found.start()).lower()) for found in used)


def _whole_name(text: str, start: int, end: int) -> bool:
    """First and last name together are a name in any letters, but for "the order desk"."""
    return not BEHIND_AN_ARTICLE.search(_before(text, start).lower())


def stands_as_name(text: str, start: int, end: int) -> bool:
    """Whether a word that may be a name is one here: "Hi Will", "Thanks, May", but not "Will it work"."""
    before = _before(text, start)
    if BEFORE_A_NAME.search(before.lower()) or NAME_LATER.match(text, end):
        return True
    if _alone(text, start, end):
        return True
    if not text[start].isupper():
        return False
    return _capital_for_no_other_reason(before, text, start, end)


def _capital_for_no_other_reason(before: str, text: str, start: int, end: int) -> bool:
    word = text[start:end]
    if BEFORE_A_WORD.search(before.lower()) or IN_A_TITLE.search(before) or STARTS_SENTENCE.search(before):
        return False
    if word.isupper() and len(word) > 1:  # shouting
        return False
    if word.lower() in MONTHS:
        return not BEFORE_A_MONTH.search(before.lower()) and not re.match(r"[ ,]{1,2}\d", text[end : end + 3])
    return True


def _alone(text: str, start: int, end: int) -> bool:
    """On a line of its own below others: a signature."""
    line = text.rfind("\n", max(0, start - 4), start)
    alone = line >= 0 and not text[line:start].strip(" \t\n-–—*_")
    return alone and len(text[end : end + 40].partition("\n")[0].strip()) <= 1


def _before(text: str, at: int) -> str:
    return text[max(0, at - 40) : at]


@cache
def ordinary() -> frozenset[str]:
    """Words that are names too, or that stand in the name of a department."""
    return _listed("ordinary.txt")


@cache
def given() -> frozenset[str]:
    """Given names that are nothing else, in small letters."""
    return _listed("given_names.txt") - _listed("no_names.txt")


@cache
def no_names() -> frozenset[str]:
    """Words with a capital that are never names of people, nor a part of one: greetings, software, ourselves."""
    ourselves = re.findall(r"[^\W\d_]+", f"{settings.SUPPORT_NAME} {settings.HELP_TITLE}".lower())
    return _listed("no_names.txt") | (frozenset(ourselves) - _listed("given_names.txt"))


def _listed(file: str) -> frozenset[str]:
    lines = (HERE / file).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
