"""Street addresses, with flat, postcode, city and country if they follow each other, also over lines and quote marks.

A street needs a number and a word or form that says it is a street; a postcode needs a form of its own or a city. A
city alone is never found. RULES say where an address is (`_cores`), TAILS what else belongs to it (`_grown`).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from knowledge.masking import street_words as words
from knowledge.masking.text import Span, Text

WORD = rf"(?>[{words.CAPITALS}](?:[^\W\d_]|['’-](?=[^\W\d_])){{0,30}})"
# A capitalised word or its abbreviation, also "d'Italie" and "40th".
NAME = (
    rf"(?!(?i:{words.STARTS})(?!\w))(?>(?:[ldLD]['’]|'s-)?(?:[{words.CAPITALS}][^\W\d_]{{0,3}}\.|{WORD})"
    r"|[0-9]{1,3}(?:st|nd|rd|th)(?!\w))"
)
LINK = rf"(?:(?:{words.LINKS})(?:(?<=['’])|[ ])){{0,2}}"
LATER = rf"(?:[ -]{LINK}{NAME})"
# Not a quantity, a version, a price or a date.
UNCOUNTED = rf"(?![^\W_])(?![.,:/][0-9])(?! ?[%€$£°+])(?![ -]{{0,2}}(?i:{words.MEASURES})(?![^\W_]))"
HOUSE = (
    r"[0-9]{1,4}(?: ?[a-zA-Z](?![^\W_]))?(?: ?[-/+] ?(?:[0-9]{1,4}[a-zA-Z]?|[IVX]{1,4})(?![^\W_]))?"
    rf"(?: ?(?:bis|ter)(?!\w)| [A-H] [0-9]{{1,3}})?{UNCOUNTED}"
)
FIRST = r"(?<![\w.,:/#$€£-])[0-9]{1,5}[a-zA-Z]?(?:[-/][0-9]{1,4}[a-zA-Z]?)?(?: ?(?:bis|ter|quater)(?!\w))?,? "
BREAK = r"(?:(?:\r?\n[ \t>|?*,]{0,8}){1,2})"
GAP = rf"[ \t]{{0,3}}[,;.·|/(–-]?[ \t]{{0,3}}{BREAK}?(?<![^\W_])"

SIDE = (
    r"(?:links|rechts|mitte|left|right|gauche|droite|izq\w{0,6}\.?|izda\.?|dcha\.?|der\.?|dto\.?|esq\.?|tv\.?"
    r"|th\.?|mf\.?)"
)
FLOOR = (
    r"(?:stock(?:werk)?|og|etage|obergeschoss|étage|etg\.?|floor|fl\.?|andar|piso|piano|verdieping|sal|kerros|emelet"
    r"|em\.|patro|piętro)"
)
NUMBERED = r"(?:#|n[.º°]|no\.|nr\.?)? ?[0-9]{1,5}[a-z]?(?![^\W_])(?:[-/][0-9a-z]{1,4}(?![^\W_]))?(?![.,][0-9])"
# Flats that need nothing beside them. "2. Stock" alone might be anybody's, so it needs a side.
SURE_UNIT = (
    rf"(?:(?:apt|appt|apartment|apartamento|appartement|apto)\b\.? ?{NUMBERED}|lgh\.? [0-9]{{4}}(?!\w)"
    rf"|(?:lok\.|mieszk\.|mieszkanie|whg\.) ?{NUMBERED}|flat [0-9]{{1,4}}[a-z](?!\w)"
    rf"|[0-9]{{1,2}}(?:\.|er|e|è?me|ème|[.]?[ºª°]|st|nd|rd|th)? ?{FLOOR},? {SIDE}(?!\w)"
    rf"|piso [0-9]{{1,2}}\.?[ºª°] ?[a-z](?!\w)|[0-9]{{1,2}}\.?[ºª°],? ?{SIDE}(?!\w))"
)
UNIT = (
    rf"(?i:{SURE_UNIT}|(?:suite|ste|unit|flat|floor|room|bldg|building|level|shop|interno|int|scala|bus|bte|boîte|top"
    rf"|tür"
    r"|stiege|wohnung|bât|bâtiment|escalier|esc|porte|puerta|pta|piso|piano|local|bloco|lote|lokal|klatka|m|p|lejl|leil"
    rf"|byt|andar|stock|étage|toegang|portal|planta|sc|em|ajtó|box)\b\.? ?(?:{NUMBERED}|[a-h](?!\w))"
    rf"|[0-9]{{1,2}}(?:\.|er|e|è?me|ème|[.]?[ºª°]|st|nd|rd|th)? ?{FLOOR}(?!\w)"
    r"|[0-9]{1,2}\.?[ºª°] ?[a-z](?!\w)|[0-9]{1,2}\.?[ºª°](?!\w)|#[0-9]{1,4}[a-z]?(?!\w)|r/c|bajo|hinterhaus|vorderhaus"
    r"|(?:ground|first|second|third|top) floor|[0-9]{1,2}\. (?:th|tv|mf)\.?(?!\w))"
)

BRITISH = rf"(?:{words.BRITISH})[0-9][0-9A-Z]? ?[0-9](?!GB|TB|MB|KB|ND|RD|TH|ST)[ABD-HJLNP-UW-Z]{{2}}(?!\w)"
IRISH = r"(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W) (?=[A-Z0-9]{0,3}[0-9])[AC-FHKNPRTV-Y][0-9AC-FHKNPRTV-Y]{3}(?!\w)"
CANADIAN = r"[ABCEGHJ-NPR-TVXY][0-9][A-Z] [0-9][A-Z][0-9](?!\w)"
AMERICAN = rf"(?:{words.STATES}),? [0-9]{{5}}(?:-[0-9]{{4}})?(?!\w)"
AUSTRALIAN = rf"(?:{words.TERRITORIES}),? [0-9]{{4}}(?!\w)"
OVERSEAS = rf"(?:(?:(?:{words.PROVINCES}),? )?{CANADIAN}|{BRITISH}|{IRISH}|{AMERICAN}|{AUSTRALIAN})"
CITY = (
    rf"{NAME}(?:(?:[ -]{LINK}{NAME}|[ -](?:upon|sur|am|aan|an der|u) {NAME}|/{NAME}){{0,3}})(?: [0-9]{{1,2}}(?!\w)"
    rf"| \([A-Z]{{2}}\)| cedex| CEDEX| [A-Z](?!\w))?"
)
# Such a number is a postcode only with a city after it.
FIGURES = (
    r"(?:(?:[A-Z]{1,2}-)?(?:[0-9]{5}|[0-9]{3} [0-9]{2}|(?!19[0-9]{2}|20[0-9]{2})[0-9]{4})"
    r"|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}|(?!202[3-9])[1-9][0-9]{3} ?(?!SA|SD|SS|IT|EU|US|UK|HR|PR|QA|AI|TV|PC|GB|MB"
    r"|KB|TB)[A-Z]{2})"
)
LISTED = rf"(?i:{words.CITIES})(?!\w)(?: [0-9]{{1,2}}(?![\w.]))?"
BEFORE_CITY = rf"(?<![\w.,:/#$€£-]){FIGURES}(?:,? |[ ]?{BREAK})(?! ?[€%$£])(?!(?i:{words.MEASURES})(?!\w)){CITY}"
POST = rf"(?:{OVERSEAS}(?: {LISTED})?|{BEFORE_CITY})"
CLOSE = re.compile(rf"[ \t]*(?:[,;:)!?\r\n\"»<|]|\.(?![0-9])|\Z)|[ \t]+(?:{POST}|{UNIT}|in {NAME})")


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern[str]
    doubtful: bool = False  # then the sentence must end after it, and no word of the name is one of THINGS


def _rule(pattern: str, doubtful: bool = False) -> Rule:
    return Rule(re.compile(rf"(?<![\w@/#]){pattern}"), doubtful)


OLD = r"(?:(?i:obere|untere|alte|neue|große|kleine|lange|alt|grote|oude|nieuwe|sint|søndre|nordre|stora|gamla)[ -])?"
NUMBER = rf",? (?i:n[.º°r]{{1,2}} ?|núm\.? |nr\.? )?{HOUSE}"
WHOLE = (
    rf"{LINK}(?:{NAME}|[IVX]{{1,5}}\b|[0-9]{{1,2}}(?: de)? {WORD})(?:{LATER}| [IVX]{{1,5}}\b"
    rf"| [0-9]{{4}}(?=,? [0-9])){{0,4}}"
)
SMALL = r"[^\W\d_]{2,30}"
DIRECTION = r"(?: (?:[NSEW]{1,2}|North|South|East|West)\b)?"
HILLS = r"(?i:am|an der|an den|auf der|auf dem|im|in der|in den|unter den|zum|zur|hinter der|bei der|vor dem|beim)"
SUITE = rf"(?i:{SURE_UNIT}|suite [0-9]{{1,5}}[a-z]?(?!\w))"
RULES = (
    # "Lindenstraße 14a", "storgatan 5", "Hugo de Grootlaan 7"
    _rule(
        rf"{OLD}(?:{WORD} (?:de|der|van|van de|van der|von der) )?(?P<name>[^\W\d_](?:[^\W\d_]|-){{1,30}}"
        rf"(?i:{words.ENDINGS})),? ?{HOUSE}"
    ),
    _rule(rf"(?P<name>{NAME}{LATER}{{0,2}})[ -](?i:{words.ENDINGS}),? {HOUSE}"),
    _rule(rf"{OLD}(?P<name>[{words.CAPITALS}](?:[^\W\d_]|-){{1,30}}(?i:{words.DOUBTFUL_ENDINGS})),? {HOUSE}", True),
    _rule(rf"(?P<name>{NAME}{LATER}{{0,2}})[ -](?i:{words.DOUBTFUL_ENDINGS}|ring),? {HOUSE}", True),
    # "14 Harcourt Street", "14 harcourt street", "Harcourt Street 14"
    _rule(rf"{FIRST}(?P<name>{NAME}{LATER}{{0,3}}) (?i:{words.ENGLISH})(?!\w){DIRECTION}"),
    _rule(rf"{FIRST}(?P<name>{NAME}{LATER}{{0,3}}) (?i:{words.DOUBTFUL_ENGLISH})(?!\w){DIRECTION}", True),
    _rule(rf"{FIRST}(?!(?:{words.MEASURES})(?!\w))(?P<name>{SMALL}(?: {SMALL})?) (?:{words.ENGLISH})(?!\w)", True),
    _rule(rf"(?P<name>{NAME}{LATER}{{0,2}}) (?:Street|Road|Avenue|Lane|Boulevard|Str\.|Rd\.?|Parkway),? {HOUSE}", True),
    # "12 rue des Lilas", "12 rue des lilas"
    _rule(rf"{FIRST}(?i:{words.FRENCH}) (?P<name>{WHOLE})"),
    _rule(
        rf"{FIRST}(?i:rue|avenue|boulevard|bd|chemin|impasse|quai) (?:(?:de la|de|du|des) |d['’])"
        rf"(?P<name>{SMALL}(?:-{SMALL}){{0,3}})"
    ),
    # "Chaussée de Wavre 214", "Calle Mayor, 5", "Via Roma n. 12", "Rua 25 de Abril 3"
    _rule(rf"(?i:{words.FRENCH}|{words.ROMANCE}) ?(?P<name>{WHOLE}){NUMBER}", True),
    # "ul. Długa 7/2", "nám. Míru 9", "Veres Pálné utca 91."
    _rule(rf"(?i:ul\.|ulic[aeyęi]) ?(?P<name>{SMALL}(?:[ -]{SMALL}){{0,3}}) {HOUSE}"),
    _rule(rf"(?i:{words.SLAVIC}) ?(?P<name>{NAME}{LATER}{{0,3}}) {HOUSE}"),
    _rule(
        rf"(?P<name>{SMALL}(?:[ -]{SMALL}){{0,2}}) (?i:utca|utcája|útja|körút|krt\.|rakpart|fasor|sétány) {HOUSE}\.?"
    ),
    _rule(rf"(?P<name>{NAME}{LATER}{{1,2}}) u\. {HOUSE}\.?", True),
    _rule(rf"(?P<name>{NAME}{LATER}{{0,2}}) (?:út|tér|tere|köz|sor) {HOUSE}\.?", True),
    _rule(rf"(?P<name>(?:Straße|Strasse|Platz|Allee) (?:des|der) (?:[0-9]{{1,2}}\. )?{WORD}) {HOUSE}"),
    # "Am Alten Markt 3", "Unter den Linden 5": such words begin many sentences.
    _rule(rf"{HILLS} (?P<name>(?i:alten|neuen|großen|kleinen|hohen|oberen|unteren) {WORD}|Linden) {HOUSE}", True),
    # Any name and number, if a postcode follows.
    _rule(rf"(?:{HILLS} )?(?P<name>{NAME}{LATER}{{0,4}}),? {HOUSE}\.?(?={GAP}{POST})", True),
    _rule(rf"(?P<name>{NAME}{LATER}{{0,4}}),? {HOUSE}\.?(?={GAP}{SUITE})", True),
    _rule(rf"(?m:^)[ \t>|?*]{{0,8}}(?P<name>{SMALL}(?:[ -]{SMALL}){{0,3}}) {HOUSE}\.?(?=[ \t]*{BREAK}{SUITE})", True),
    _rule(rf"{FIRST}(?P<name>{NAME}{LATER}{{0,4}})(?={GAP}(?:{CITY}{GAP})?(?:{CITY}{GAP})?{OVERSEAS})"),
    # "the corner of Elm Street and Long Road 5"
    _rule(
        rf"(?i:the corner of|corner of|(?:an der )?ecke|à l['’]angle de|esquina(?: de)?|angolo) {LINK}"
        rf"(?=[^\n]{{0,60}}(?:[0-9]|(?i:street|road|avenue"
        rf"|straße)(?!\w)))(?P<name>{NAME}{LATER}{{0,3}}(?: {HOUSE})?\.?)"
        rf" (?i:and|&|und|/|et|y|e|con) {LINK}{NAME}{LATER}{{0,3}}(?: {HOUSE})?"
    ),
    # The post office and the army.
    _rule(
        r"(?i:p\. ?o\. ?box|po box|post office box|gpo box|locked bag|postfach|postbus|postbox|postboks|boîte postale"
        r"|casella postale|apartado (?:de correos|postal)|caixa postal|skrytka pocztowa|skr\. poczt\.)"
        r"(?: (?i:no|nr|n)[.º°]?)? ?[0-9]{1,3}(?:[ .-]?[0-9]{2,3}){0,2}(?!\w)"
    ),
    _rule(
        r"(?i:(?:psc|cmr|unit) [0-9]{1,5},? box [0-9]{1,5}|us(?:s|ns|nv|cgc|ts) [^\W\d_]{2,30}"
        rf"(?:[ -][^\W\d_]{{2,30}}){{0,2}}(?={GAP}[afd]po a[aep]\b))"
    ),
    _rule(r"(?i:[afd]po,? a[aep],? [0-9]{5}(?:-[0-9]{4})?)(?!\w)"),
    # Flats and postcodes with nothing beside them.
    _rule(rf"(?i:{SURE_UNIT})"),
    _rule(
        r"(?<!Office )(?<!Test )(?<!Creative )(?<!Software )(?i:suite|ste\.) (?!20[0-9]{2})#?[0-9]{1,5}[A-Za-z]?(?!\w)",
        True,
    ),
    _rule(r"(?i:bp|cs|pl|box|apartado|pf\.) [0-9]{1,6}(?!\w)" + rf"(?={GAP}{POST})", True),
    _rule(rf"{CITY},? (?:{AMERICAN}|{AUSTRALIAN}|(?:{words.PROVINCES}),? {CANADIAN})"),
    _rule(rf"(?:{IRISH}|{CANADIAN}|{BRITISH}(?:,? {LISTED})?)"),
    _rule(rf"(?<![.,:$€£-]){FIGURES} {LISTED}"),
    _rule(
        r"(?<![.,:$€£-])(?:[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}|0[0-9]{4})" + rf" (?!(?i:{words.MEASURES})(?!\w)){CITY}"
    ),
)
# "59100 Prato" after such a word, or in a line of its own.
PLACED = re.compile(
    rf"(?:(?<=\bin )|(?<=\bà )|(?<=\ba )|(?<=\ben )|(?<=\bem )|(?<=\bnach )|(?<=\bnaar )|(?<=\bto )|(?<=\baus )"
    rf"|(?m:^)[ \t>|?*]{{0,8}})(?P<post>(?![0-9]{{2}}[05]00 |[0-9]{{4}} [^A-Z]){BEFORE_CITY})(?=[ \t]*(?:[,.;)!?\r\n]"
    rf"|\Z))"
)
LABELLED = re.compile(
    r"(?i)(?<!\w)(?:zip(?: ?code)?|post(?:al)? ?codes?|postleitzahl|plz|code postal|código postal|codice postale"
    r"|c\.p\.|cap|postcode|kod pocztowy|postnummer|postnr\.?|postinumero|psč|irányítószám)(?!\w)"
    r"[ \t:]{0,3}(?:(?:is|ist|lautet|est|es|è|é|to|it's|now|jetzt|to|är|er|on|:)[ \t:]{1,3}){0,3}"
    r"(?P<post>[0-9]{3} [0-9]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}|[0-9]{4} ?[A-Z]{2}|[0-9]{4,6}"
    r"|[a-z]{1,2}[0-9][0-9a-z]?"
    r" ?[0-9][a-z]{2}|[a-z][0-9][a-z] ?[0-9][a-z][0-9])(?![^\W_])(?![.,][0-9])"
)
# After such words whatever looks like an address is one.
CUE = re.compile(
    r"(?i)(?<!\w)(?<!mail )(?<!mail-)(?<!ip )(?<!ip-)(?<!mac )(?<!web )(?<!url )(?<!wallet )(?:[^\W\d_]{0,20}adresse?"
    r"|address(?:es)?|[^\W\d_]{0,12}anschrift|dirección|indirizzo|endereço|morada|adres(?:em|u)?|adress|adresa"
    r"|osoite(?:eni)?|címe?m?)(?!\w)(?: (?:of|von|de|von der) [^\n:0-9]{1,40}?)?[ \t]{0,2}"
    r"(?::|=|(?:is|to|with|ist|lautet|est|es|è|é|jest|är|er|nach|auf|in|à|a|on|at|now|now is)(?!\w))"
    r"[ \t:]{0,3}(?:now |jetzt )?"
    r"|(?<!\w)(?:ship|send|deliver|sent|shipped|delivered|forward|redirect|return|liefern?|schicken|senden|geliefert"
    r"|wohne|wohnhaft|livrez?|envoye[rz]|enviar|spedire|lives?|living|located|office is|arrived|habito|vivo|abito"
    r"|bezorgen|mieszkam)(?: [^\W\d_]{1,12}){0,4}? (?:to|an|in|at|nach|à|a|en|em|na|przy|op|aan)[ \t:]{1,3}"
    r"|(?<!\w)meet (?:me|us) at "
)
PART = (
    rf"(?>{UNIT}|{NAME}|(?i:{words.LINKS})(?![^\W_])"
    rf"|[0-9]{{1,5}}[a-zA-Z]?(?:[-/][0-9]{{1,4}}[a-zA-Z]?)?(?:\.?[ºª°])?{UNCOUNTED})"
)
STOPS = (
    r"(?:[ \t]*(?:[,.;:)!?\r\n]|\Z)| (?:for|by|until|before|last|in|and|instead|bitte|bis|am|zum|por|para|pour"
    r"|per|voor)(?!\w))"
)
RUN = re.compile(
    rf"{BREAK}?[ \t]{{0,2}}(?P<run>(?=[{words.CAPITALS}0-9]){PART}(?:(?>,? {{1,2}}(?:(?:and|&) )?"
    rf"|,){PART}){{1,14}})(?={STOPS})"
)

# What may follow an address. The last two are only a city, so that they need more around them.
TAILS = tuple(
    re.compile(rf"{GAP}{piece}")
    for piece in (
        rf"{UNIT}",
        rf"{POST}",
        rf"(?:{CITY},?(?: |{BREAK}))?(?:[A-Z]{{2,3}},?(?: |{BREAK}))?(?:{OVERSEAS}"
        rf"|[0-9]{{5}}(?:-[0-9]{{4}})?{UNCOUNTED})(?!\w)",
        r"(?i:[afd]po a[aep],? [0-9]{5})(?:-[0-9]{4})?(?!\w)",
        rf"(?:in |à |en |a )?{LISTED}(?: [A-Z]{{2,3}}(?!\w))?",
        rf"(?:(?:{CITY}|(?<=, ){SMALL}(?: {SMALL}){{0,2}}){GAP})?(?i:{words.COUNTRIES})(?!\w)(?:,? [0-9]{{5}}(?!\w))?",
        rf"(?<=[,(] ){CITY}(?:,? [A-Z]{{2,3}})?(?=[ \t]*(?:[,.;)!?\r\n]|\Z))",
        rf"(?<=[\n>] )[^\W\d_]{{3,30}}(?: {SMALL}){{0,2}}(?=[ \t]*{BREAK}(?i:{words.COUNTRIES}|[0-9]{{5}})(?!\w))",
    )
)
MOST_TAILS = 8
HEADS = re.compile(rf"(?<![\w.,:/#-])(?:{UNIT}[ \t]{{0,2}},?(?: |[ \t]{{0,2}}{BREAK})|[0-9]{{1,4}}[a-z]?,? )\Z")
HEAD_LIMIT = 40
BETWEEN = re.compile(rf"{GAP}\Z")


def find(text: Text) -> Iterator[Span]:
    found = (_grown(text, *core) for core in _cores(text))
    return merged(found, lambda end, start: bool(BETWEEN.match(text.plain, end, start)))


def merged(found: Iterable[tuple[int, int]], belong: Callable[[int, int], bool]) -> Iterator[Span]:
    """Addresses of the pieces found: those that overlap are one, and those of which `belong(end, start)` says so."""
    start = end = -1
    for first, last in sorted(found):
        if start >= 0 and (first <= end or belong(end, first)):
            end = max(end, last)
            continue
        if start >= 0:
            yield Span(start, end, "ADDRESS")
        start, end = first, last
    if start >= 0:
        yield Span(start, end, "ADDRESS")


def _cores(text: Text) -> Iterator[tuple[int, int]]:
    for rule in RULES:
        for found in rule.pattern.finditer(text.plain):
            if not rule.doubtful or _stands(text, found):
                yield found.span()
    for pattern in (PLACED, LABELLED):
        for found in pattern.finditer(text.plain):
            yield found.span("post")
    for cue in CUE.finditer(text.plain):
        run = RUN.match(text.plain, cue.end())
        if run and _is_address(run["run"], 2 if cue[0].rstrip().endswith(":") else 3):
            yield run.start("run"), run.start("run") + len(run["run"].rstrip("."))


def _stands(text: Text, found: re.Match[str]) -> bool:
    """Whether a doubtful form is a street: the sentence or line ends after it, and its name is no other word."""
    name = found.groupdict().get("name") or ""
    before = text.low[max(0, found.start() - 20) : found.start()].split()[-1:]
    parts = [part.strip(".,:#").lower() for part in (*name.split(), *before)]
    if any(part in words.THINGS or part in words.NO_STREETS for part in parts):
        return False
    return bool(CLOSE.match(text.plain, found.end()))


def _is_address(run: str, least: int) -> bool:
    parts = [part.strip(".,").lower() for part in run.split()]
    if len(parts) < least or words.THINGS.intersection(parts):
        return False
    return any(part[:1].isdigit() for part in parts) and any(part.isalpha() for part in parts)


def _grown(text: Text, start: int, end: int) -> tuple[int, int]:
    """With what belongs to it before and after."""
    head = HEADS.search(text.plain, max(0, start - HEAD_LIMIT), start)
    for _ in range(MOST_TAILS):
        tail = next((found for each in TAILS if (found := each.match(text.plain, end))), None)
        if not tail or tail.end() == end:
            break
        end = tail.end()
    return head.start() if head else start, end
