"""Words by which the lines of a thread are told apart. Pure."""

import re

from knowledge.masking.names import CLOSING

_NAME = r"(?:[A-ZÀ-Þ][\w.'’-]*|<[A-Z_]{4,}\d{0,6}>)"
_BEFORE_CLOSING = (
    r"with|and|und|et|y|mit|many|kind|best|warm|viele[nr]?|beste[nr]?|liebe[nr]?|freundliche[nr]?|herzliche[nr]?|vielen|besten"
    r"|schöne|un|cordial|cordiales|muchas|mil|bien|meilleures|cordiali|met|vriendelijke|hartelijke|med|vänliga|venlig|s|z|à"
)
_AFTER_CLOSING = r" (?:d['’]avance|im voraus|de antemano|beaucoup|schon mal|por adelantado|bij voorbaat)"
# A line that ends a mail: "Many thanks, Ana", "Mit freundlichen Grüßen".
SIGN_OFF = re.compile(
    rf"^\W*(?i:(?:(?:{_BEFORE_CLOSING})\s+){{0,3}}(?:{CLOSING})(?:{_AFTER_CLOSING})?)\W*(?:{_NAME}[ \t]*){{0,4}}\W*$"
)
_THANKS = (
    r"thank(?:s| you)|thx|cheers|dank\w*|vielen dank|besten dank|herzlichen dank|gracias|muchas gracias|merci|grazie"
    r"|obrigad[oa]|bedankt|tack|takk?|dziękuję|(?:perfect|great|super|perfekt|perfecto|genial|parfait)(?=[,.!]|$)"
)
_LONGEST_THANKS = 8  # words: "Thank you very much for the quick answer."
_AGREED = re.compile(
    r"^\W*(?:ok(?:ay)?|alright|alles klar|in ordnung|vale|d['’]accord|hi|hallo|hello|hola)\W*$", re.IGNORECASE
)
_STARTS_WITH_THANKS = re.compile(rf"^\W*(?:ok\w*,? )?(?:many |so )?(?:{_THANKS})\b", re.IGNORECASE)
_LONGEST_SORRY = 9
_SORRY = re.compile(
    r"\b(?:sorry|apologi[sz]e|apologies|tut (?:mir|uns) (?:sehr )?leid|entschuldig\w+|bedauer\w+|lament\w+|disculp\w+"
    r"|sentimos|siento|désolée?s?|excus\w+|scusi\w*|spiace)\b",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"\b(?:not|no|never|nothing|none|cannot|\w+n['’]t|still|again|but|however|nobody|fail\w*|error\w*|wrong|missing|broken|stuck|same"
    r"|nicht|nichts|kein\w*|nie|noch|immer|wieder|aber|fehl\w*|falsch|leider|trotzdem|gleiche[nrs]?"
    r"|tampoco|nada|nunca|ningun\w*|todavía|aún|sigue\w*|pero|falla\w*|mismo|misma"
    r"|pas|rien|jamais|aucun\w*|toujours|encore|mais|erreur\w*|échou\w*|même|non|ancora|ma|niet|geen|maar|não|mas|nie|inte)\b",
    re.IGNORECASE,
)
_SOLVED = re.compile(
    r"\b(?:works?(?: now| again| fine| perfectly)?|worked|solved|resolved|fixed|all good|that helped|did the trick"
    r"|funktioniert|geklappt|klappt|geholfen|erledigt|gelöst|funcion[aó]|solucionad[oa]|resuelt[oa]|arreglad[oa]"
    r"|marche|fonctionne|résolu|réglé|funziona|risolto|werkt|opgelost|funcionou|resolvido)\b",
    re.IGNORECASE,
)
_BY = r"(?:[\w'’€$£%.-]+ ){0,3}"
# What a summary never says of a customer: the pages show it, from the customer's record.
ABOUT_CUSTOMER = re.compile(
    r"\b(?:plans?|tier|tarif\w*|abo\w{0,10}|subscri\w+|suscri\w+|abonn\w+|formule|premium|enterprise|vip|loyal\w*"
    r"|lifetime|revenue|umsatz|treue[nrs]?|fiel(?:es)?|fidèles?|long[- ](?:time|standing)|langjährig\w*"
    rf"|(?:paying|free|paid|new|existing|valued?|zahlende[nrs]?|neue[nrs]?) (?:customer|client|user|kunde\w*|kundin)"
    rf"|(?:\d+|several|many|mehrere|viele|varios|plusieurs) {_BY}(?:tickets?|anfragen|solicitudes|demandes))\b",
    re.IGNORECASE,
)


# Languages that the words above know.
KNOWN = frozenset({"en", "de", "es", "fr"})
# Who speaks to whom: a line that has one of these and its sentences do not speaks of somebody else.
PERSONS = frozenset(
    [
        "i",
        "me",
        "my",
        "mine",
        "we",
        "us",
        "our",
        "ours",
        "you",
        "your",
        "yours",
        "i'm",
        "i've",
        "i'd",
        "i'll",
        "we're",
        "we've",
        "we'll",
        "you're",
        "you've",
        "he",
        "she",
        "him",
        "his",
        "her",
        "they",
        "them",
        "ich",
        "mich",
        "mir",
        "mein",
        "meine",
        "meinen",
        "meinem",
        "meiner",
        "meines",
        "wir",
        "uns",
        "unser",
        "unsere",
        "unseren",
        "unserem",
        "unserer",
        "du",
        "dich",
        "dir",
        "dein",
        "deine",
        "deinen",
        "euch",
        "euer",
        "eure",
        "yo",
        "mí",
        "mi",
        "mis",
        "me",
        "conmigo",
        "nosotros",
        "nosotras",
        "nos",
        "nuestro",
        "nuestra",
        "nuestros",
        "nuestras",
        "tú",
        "tu",
        "tus",
        "te",
        "usted",
        "ustedes",
        "vosotros",
        "je",
        "j'ai",
        "moi",
        "mon",
        "ma",
        "mes",
        "nous",
        "notre",
        "nos",
        "tu",
        "toi",
        "ton",
        "ta",
        "tes",
        "vous",
        "votre",
        "vos",
        "il",
        "elle",
    ]
)


def is_thanks(text: str) -> bool:
    """Thanks, or "OK", and nothing else."""
    if _AGREED.match(text):
        return True
    short = len(text.split()) <= _LONGEST_THANKS and "?" not in text
    return short and bool(_STARTS_WITH_THANKS.match(text)) and not _TROUBLE.search(text)


def is_sorry(text: str) -> bool:
    """Regret and nothing else."""
    return len(text.split()) <= _LONGEST_SORRY and bool(_SORRY.search(text)) and "?" not in text


def is_trouble(text: str) -> bool:
    """Does it say that something is not as it should be?"""
    return bool(_TROUBLE.search(text))


def is_solved(text: str) -> bool:
    """ "It works now" """
    return bool(_SOLVED.search(text)) and not _TROUBLE.search(text) and "?" not in text
