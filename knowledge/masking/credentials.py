"""Keys, tokens, passwords and one-time codes, found by their form or by a word before them."""

import re
from collections.abc import Iterator

from knowledge.masking.links import random
from knowledge.masking.text import Span, Text

# --- keys ---

PREFIXED = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk|whsec|tok|pat|api|key|secret|token)_(?:(?:live|test|prod|sandbox)_)?[A-Za-z0-9]{10,255}"
    r"|[a-z]{2,12}[_-](?:live|test|prod|sandbox|secret|key|token|pat|api|oauth)[_-][A-Za-z0-9_-]{10,255}"
    r"|sk-(?:[a-z0-9]{2,10}-)?[A-Za-z0-9_-]{16,255}"
    r"|gh[pousr]_[A-Za-z0-9]{10,255}|github_pat_[A-Za-z0-9_]{10,255}|gl[a-z]{2,6}-[\w-]{16,255}"
    r"|xox[a-z]-[\w-]{8,255}|xapp-[\w-]{8,255}"
    r"|(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{12,28}|AIza[\w-]{20,80}|ya29\.[\w-]{10,255}|GOCSPX-[\w-]{10,80}"
    r"|SG\.[\w-]{8,80}\.[\w-]{8,80}|hf_[A-Za-z0-9]{10,80}|npm_[A-Za-z0-9]{10,80}|pypi-[\w-]{16,255}"
    r"|shp[a-z]{2}_[a-fA-F0-9]{10,80}|dop_v1_[a-f0-9]{10,80}|key-[0-9a-f]{10,80}|sq0[a-z]{3}-[\w-]{10,80}"
    r"|(?:AC|SK)[0-9a-f]{32}|EAA[A-Za-z0-9]{20,255}|[0-9]{8,10}:AA[\w-]{30,40}|AGE-SECRET-KEY-1[A-Z0-9]{20,80}"
    r"|eyJ[\w-]{8,4000}(?:\.[\w-]{2,4000}){0,4}"
    r")(?![A-Za-z0-9])"
)
PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE|PGP MESSAGE)[A-Z ]{0,10}-----")
PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,60}-----")
PEM_LINES = re.compile(r"(?:\s{1,2}(?:[A-Za-z-]{4,12}: [^\n]{1,80}|[A-Za-z0-9+/=]{12,200})(?![A-Za-z0-9+/=])){0,200}")
PEM_LIMIT = 12_000
# A token without a word before it: only letters and digits in no order. What names an event is not secret.
LOOSE = re.compile(r"(?<![\w/+.@=&?#%-])[A-Za-z0-9]{24,128}(?![\w/+@=%-]|\.\w)")
NAMES_AN_EVENT = re.compile(
    r"(?<![^\W_])(?:(?:request|trace|span|event|error|message|order|user|payment|object)?-?ids?|commits?|hash"
    r"|sha-?[0-9]{0,3}|md5|checksum|fingerprint|digest|etag|trace|ray|revision|ref\w{0,8}"
    r"|kennung|identifiant|prüfsumme|fingerabdruck|empreinte|identyfikator)[^\w\n]{0,4}$"
)
CHANGES = re.compile(r"(?=[a-z][A-Z0-9]|[A-Z][a-z0-9]|[0-9][A-Za-z])")
KEY_WORD = (
    r"(?:(?:api|access|secret|private|signing|encryption|licen[cs]e|account|product|ssh|service|shared"
    r"|master)[ _-]?)?"
    r"(?:key|keys|secret|secrets|token|tokens)|api[ _-]?id|client[ _-]?(?:id|secret)|bearer|authorization"
    r"|session(?:[ _-]?id)?|csrf\w{0,10}|cookies?|credentials?|jwt"
    r"|\w{0,20}(?:schlüssel|token|key)|geheimnis|clés?|jetons?|claves?|llaves?|secretos?|chiavi|chiave|chaves?"
    r"|segredo"
    r"|sleutels?|klucz|nyckel|nøgle|キー|トークン|密钥|ключ|токен"
)
KEY = re.compile(
    rf"(?<![^\W_])(?:{KEY_WORD})(?![^\W_])[^\n]{{0,40}}?(?<![\w/+.@-])([a-z0-9][a-z0-9_+/.~=\-]{{9,511}})(?![a-z0-9@])"
)
SET = re.compile(
    rf"(?<![a-z0-9])(?:{KEY_WORD})(?:_\w{{1,20}})?[\"']?[ \t]{{0,3}}(?:[:=]|=>)[ \t]{{0,3}}"
    r"[\"'`“„«]?((?:basic |bearer |digest )?[^\s\"'`”“»,;]{6,512})"
)
BASIC = re.compile(r"(?<!\w)(?:bearer|basic)[ \t]{1,3}([a-z0-9_+/.~\-]{12,512}={0,2})(?![a-z0-9])")
WORDS_OF_RECOVERY = re.compile(
    r"(?<!\w)(?:(?:seed|recovery|secret|backup|mnemonic)[ -]?(?:phrase|words?|codes?|keys?)|mnemonic|passphrase"
    r"|wiederherstellungs\w{1,12}|backup-?codes?|codes? de (?:secours|récupération)|códigos? de (?:recuperación"
    r"|respaldo)"
    r"|codic[ei] di (?:recupero|backup)|códigos? de recuperação|herstelcodes?)"
    r"[ \t]{0,2}(?:(?:is|are|ist|sind|lauten|est|sont|es|son|è|sono)[ \t]{1,3}|(?P<sign>"
    r"(?:(?:is|are|ist|sind|lauten|est|sont|es|son|è|sono)[ \t]{0,3})?[:=]\s{0,3}))(?P<said>[^\n]{6,400})"
)
# "are in my old flat", "is not accepted": a sentence about the words, unless it is as long as a seed phrase.
_ABOUT_IT = """
    not no in on at with from for never always still too what why how where which nicht kein noch zu im am
    pas trop dans sur en non nel niet
"""
ABOUT_IT = frozenset(_ABOUT_IT.split())
SEED_WORDS = 12
WORD = re.compile(r"\w+")


def find_keys(text: Text) -> Iterator[Span]:
    yield from _pem(text.plain)
    for found in PREFIXED.finditer(text.plain):
        if any(each.isdigit() for each in found[0]) or random(found[0].rpartition("_")[2]):
            yield Span(found.start(), found.end(), "KEY")
    for found in LOOSE.finditer(text.plain):
        before = text.low[max(0, found.start() - 24) : found.start()]
        if _is_token(found[0]) and not NAMES_AN_EVENT.search(before):
            yield Span(found.start(), found.end(), "KEY")
    for found in WORDS_OF_RECOVERY.finditer(text.low):
        if found["sign"] or not _is_about_it(found["said"]):
            yield Span(found.start("said"), found.end("said"), "KEY")
    for pattern in (BASIC, SET, KEY):
        for found in pattern.finditer(text.low):
            value = text.plain[found.start(1) : found.end(1)].rstrip(".,;:!?)")
            if _is_key(value, pattern is SET):
                yield Span(found.start(1), found.start(1) + len(value), "KEY")


def _is_about_it(said: str) -> bool:
    first = WORD.match(said)
    if first is None or len(re.split(r"[.!?;]", said, maxsplit=1)[0].split()) >= SEED_WORDS:
        return False
    alone = CLAUSE_ENDS.match(said, first.end()) and (first[0] in STATES or PARTICIPLE.match(first[0]))
    return first[0] in ABOUT_IT or bool(alone)


def _pem(plain: str) -> Iterator[Span]:
    at = 0
    while found := PEM.search(plain, at):
        end = PEM_END.search(plain, found.end(), found.end() + PEM_LIMIT)
        # No end: as far as the lines look like a key.
        at = end.end() if end else PEM_LINES.match(plain, found.end()).end()  # type: ignore[union-attr]
        yield Span(found.start(), at, "KEY")


def _is_token(value: str) -> bool:
    """Mixed without order, as random characters are: they change between capitals, small letters and digits at every
    second place, words at every sixth. Small letters and digits alone are also hashes, unless beyond f and long."""
    if value.lower() == value:
        beyond, figures = sum(each > "f" for each in value), sum(each.isdigit() for each in value)
        enough = len(value) >= 32 and beyond >= 5 and figures >= 4 and len(CHANGES.findall(value)) * 4 > len(value)
        return enough and random(value)
    mixed = any(map(str.isdigit, value)) and any(map(str.islower, value))
    return mixed and len(CHANGES.findall(value)) * 5 >= len(value) * 2 and random(value)


def _is_key(value: str, assigned: bool) -> bool:
    if "://" in value or re.match(r"(?:19|20)[0-9]{2}-[0-9]{2}-", value) or re.match(r"v?[0-9]+(?:\.[0-9]+)+$", value):
        return False
    figures, letters = sum(each.isdigit() for each in value), sum(each.isalpha() for each in value)
    if assigned and len(value) >= 6 and figures and letters:
        return True
    if len(value) >= 20 and value.isascii() and (figures >= 2 or random(value)):
        return letters > 0
    return letters >= 3 and figures >= 2 and (random(value) or len(value) >= 16)


# --- passwords ---

WORD_FOR_ONE = (
    r"(?:[\w]{0,15}[_-]?)?(?:pass ?words?|passwor[td]|passwd|pwd)|passw(?:ö|oe)rter|kennwort|passphrase|passcode|pw"
    r"|mots? de passe|mdp|contraseñas?|contrasenas?|clave(?: de acceso)?|parola d['’]ordine|palavra[- ]passe"
    r"|senha"
    r"|wachtwoord(?:en)?|ww|has[łl][oaeu]m?|lösen(?:ord)?|adgangskode|passord|salasana|heslo|jelszó|parol[aă]|пароль|şifrem?"
    r"|\w{0,15}passwort"
)
FOR = (
    r"(?:[ \t](?:for|to|of|on|at|für|fuer|zu|zum|zur|beim|bei|von|vom|pour|de|du|des|para|del|per|di|do|da|voor|van"
    r"|til"
    r"|dla)[ \t][^\n.!?:=]{1,40}?)?"
)
IS = (
    r"remains|bleibt|hieß|lautete|reste|resta|blijft|luidt|brzmi|fue|foi|era|était|è stata|było"
    r"|is|was|war|ist|lautet|heißt|est|était|es|era|è|e'|é|jest|är|er|on|to|as|be|waren|wäre|now|jetzt|set to"
    r"|changed to"
    r"|geändert auf|reset to"
)
QUOTE = "\"'`“„«"
WHICH = (
    r"(?:[ \t](?:current|actual|attuale|actuel(?:le)?|atual|aktuell\w{0,2}|now|new|neue?s?|nouveau|nuova|nueva|nova"
    r"|nowe|nieuwe|old|alte?s?|ancien|vecchia|antigua|antiga|stare|oude|huidige|obecne|temporary|provisoire|provvisoria|temporal"
    r"|provisóri[ao]|tijdelijke?|tymczasowe|usata|used|utilisé|usada)){0,2}"
)
CONNECTED = re.compile(
    rf"(?<![^\W_])(?:{WORD_FOR_ONE})(?![^\W_])[\"'`*]{{0,3}}{WHICH}{FOR}(?:[ \t]{{0,2}}\([^)\n]{{1,30}}\))?"
    rf"(?:\s{{0,3}}(?:[:=：]|=>|->|→)\s{{0,3}}|\s{{1,2}}(?:{IS})(?:\s(?:now|still|again|jetzt|noch|immer noch|toujours"
    rf"|todavía|ancora|ainda|nog|nadal))?"
    rf"\s{{0,2}}(?:[:=：]\s{{0,3}}|\s)|は\s{{0,2}}|是\s{{0,2}})([{QUOTE}]?)([^\s]{{3,80}})"
)
# "the password hunter2 is refused"
BARE = re.compile(rf"(?<![^\W_])(?:{WORD_FOR_ONE})[ \t]{{1,3}}([{QUOTE}]?)([^\s]{{4,60}})")
# "I forgot the password, I think it was Blue$ky99": further away, so only what looks like one.
LOOKS_LIKE_ONE = rf"([{QUOTE}]?)(?=[^\s]{{0,58}}[0-9])([^\s]{{6,60}})"
BELIEVED = re.compile(
    rf"(?<![^\W_])(?:{WORD_FOR_ONE})(?![^\W_])[^\n.!?]{{0,40}}?(?<!\w)(?:i (?:think|believe|guess)|acho|achava|creo"
    r"|credo|penso|pensavo|je (?:crois|pense)|ich (?:glaube|denke|meine)|glaub\w{0,2}|ik (?:denk|geloof|dacht)|chyba"
    r"|myślę|wydaje mi się)(?!\w)[^\n.!?]{0,30}?"
    rf"[ \t]{LOOKS_LIKE_ONE}"
)
DISTANT = re.compile(
    rf"(?<![^\W_])(?:{WORD_FOR_ONE}|pins?|pin[ -]?code)(?![^\W_])[^\n.!?]{{0,40}}?"
    rf"(?:[ \t](?:{IS})(?: (?:still|now|noch|toujours))?[ \t]{{1,2}}(?:[:=][ \t]{{0,2}})?|[:=][ \t]{{0,2}})"
    rf"{LOOKS_LIKE_ONE}"
)
# "Blue$ky99 is my password": the value comes first.
AFTERWARDS = re.compile(
    r"[ \t](?:is|was|ist|war|est|était|es|era|è|é|to)[ \t](?:still )?(?:my|the|our|mein|das|unser|mon|le|notre|mi|la"
    r"|il|la mia|a|a minha|minha|mijn|het|ons|moje)[ \t](?:\w{1,12}[ \t])?"
    rf"(?:{WORD_FOR_ONE})(?![\w-])(?! ?(?:manager|page|field|reset|rules?|policy))"
)
LAST_WORD = re.compile(r"(?<!\S)\S{4,60}$")
# Languages without spaces between words.
UNSPACED = re.compile(
    r"(?:パスワード|暗証番号|密码|密碼|비밀번호)\s{0,2}(?:は|是|为|為|이|가|는|:|=)\s{0,2}()([!-~]{4,60})"
)
# "login: ana / secret"
PAIR = re.compile(
    r"(?<!\w)(?:log-?ins?|credentials|zugangsdaten|login-?daten|identifiants|credenciales|credenziali|inloggegevens)"
    r"(?:[ \t]{0,2}[:=])?[ \t]{1,3}[^\s/|]{2,80} ?[/|] ?()([^\s]{4,60})|(?<!\w)pass ?[:=] {0,2}()([^\s]{4,60})"
)
CLAUSE_ENDS = re.compile(
    r"\s{0,2}(?:$|[\n.,;!?)\"'`”“»]|(?:and|but|und|aber|et|mais|y|pero|e|ma|mas|en|maar|oder|or)\b)"
)
# Words after "the password is" that are not the password.
_STATES = """
    wrong incorrect invalid expired not no too weak strong short long reset gone lost forgotten correct right
    wrong. ok okay fine good bad same different old new unknown missing required needed empty blank safe
    secure unsafe there here it this that them us you me again now today yet either anymore however please
    case never always still what why how where when which who rejected refused accepted visible hidden public
    private protected default temporary optional mandatory manager field page link form mail email login
    account change policy recovery protection generator falsch richtig abgelaufen nicht kein zu weg da neu alt
    gleich gültig ungültig unbekannt nötig leer sicher unsicher schwach vergessen verloren gesperrt geändert
    korrekt hier wieder jetzt heute aber und erforderlich notwendig faux fausse mauvais incorrecte expiré
    oublié perdu pas trop invalide nouveau ancien là ici incorrecta equivocada inválida válida caducada
    olvidada perdida nueva vieja igual segura insegura obligatoria débil sbagliata errata scaduta non più
    corretta nuova vecchia valida dimenticata persa giusta errada expirada esquecida nova velha correta certa
    fraca não fout verkeerd verlopen ongeldig niet vergeten nieuw oud juist goed kwijt zwak te złe
    nieprawidłowe wygasło nieważne poprawne niepoprawne błędne dobre stare nowe jest za nie anders toujours
    siempre sempre altijd immer nadal ciągle aceite inchangé unchanged
"""
STATES = frozenset(_STATES.split())
PARTICIPLE = re.compile(
    r"^ge\w{2,20}[tn]$|\w{3,}(?:ed|ing|able|ible|bar|lich|los|é|ée|ado|ada|ido|ida|ato|ata|ito|ita|uto|uta)$"
)
SYMBOLS = frozenset("!#$%^&*~@")
NUMBERED = re.compile(
    r"(?:error|err|ticket|order|case|issue|fehler|fall|erreur|errore|erro|błąd|fout|code)#[0-9]{1,20}$"
)
MAIL = re.compile(r"[^\s@]{1,64}@[\w-]{1,63}\.\w")
EDGE = "\"'`“”„«».,;:!?)*"


def find_passwords(text: Text) -> Iterator[Span]:
    for pattern in (PAIR, UNSPACED, CONNECTED, BARE, BELIEVED, DISTANT):
        for found in pattern.finditer(text.low):
            group = found.lastindex or 2
            start = found.start(group)
            value = text.plain[start : found.end(group)].rstrip(EDGE) or text.plain[start : found.end(group)]
            end = start + len(value)
            connected = pattern in (PAIR, UNSPACED, CONNECTED)
            sure = _is_surely(value) if pattern is DISTANT else pattern is not BELIEVED or _is_mixed(value)
            if sure and _is_password(value, bool(found[group - 1]), connected, text.low[end : end + 8]):
                yield Span(start, end, "PASSWORD")
    for found in AFTERWARDS.finditer(text.low):
        last = LAST_WORD.search(text.plain, max(0, found.start() - 62), found.start())
        value = last[0].strip(EDGE) if last else ""
        if last and _is_mixed(value) and _is_password(value, False, False, ""):
            start = text.plain.index(value, last.start())
            yield Span(start, start + len(value), "PASSWORD")


def _is_mixed(value: str) -> bool:
    return len(value) >= 6 and any(map(str.isdigit, value)) and any(map(str.islower, value))


def _is_surely(value: str) -> bool:
    """Letters, digits and a symbol inside: no number of an order or an error, no price and no name of a person."""
    inner = value.strip("#$@&*%~!")
    return _is_mixed(inner) and not SYMBOLS.isdisjoint(inner) and not NUMBERED.match(inner.lower())


def _is_password(value: str, quoted: bool, connected: bool, after: str) -> bool:
    low = value.lower()
    if value.startswith("<") or low in STATES or "://" in value or MAIL.match(value):
        return False
    figures, letters = any(each.isdigit() for each in value), any(each.isalpha() for each in value)
    symbols = any(each in "!@#$%^&*_+=~?" for each in value)
    if (figures and letters) or symbols:
        return len(value) >= 4
    if not connected:
        return False
    if quoted or (figures and len(value) >= 4) or any(each.isupper() for each in value[1:]):
        return True
    return len(value) >= 4 and not PARTICIPLE.match(low) and CLAUSE_ENDS.match(after) is not None


# --- codes ---

CODE = re.compile(
    r"(?<!\w)(?:cvv2?|cvc2?|csc|cid|otp|tan|m-?tan|pin|puk|2fa|mfa|totp"
    r"|(?:security|verification|one[- ]time|log-?in|sign-?in|confirmation|access|auth\w{0,12}|2fa|mfa|sms|unlock"
    r"|two-step"
    r"|two[- ]factor|pin|tan)[ -]?(?:code|pin|passcode)s?|pin number"
    r"|(?:your|my|the|mein|dein|ihr|der|mon|votre|le|mi|tu|su|el|il tuo|il mio|jouw|mijn|meu"
    r"|seu) code(?= ?\W{0,2} ?(?:is |ist "
    r"|est |es |è |é )?[0-9]{3}[ -]?[0-9]{3}(?![0-9]))"
    r"|prüfziffer|kartenprüf\w{1,8}|sicherheits(?:code|nummer)|bestätigungs-?code|einmal-?code|anmelde-?code"
    r"|zugangs-?code"
    r"|(?:code|cryptogramme) (?:de )?(?:sécurité|vérification|confirmation|visuel|secret|pin)|cryptogramme"
    r"|código (?:de )?(?:seguridad|verificación|acceso|confirmación|segurança|verificação|acesso|pin)"
    r"|codice (?:di )?(?:sicurezza|verifica|accesso|conferma|pin)|(?:verificatie|beveiligings|bevestigings"
    r"|inlog)-?code"
    r"|kod (?:weryfikacyjny|pin|bezpieczeństwa))(?!\w)"
    r"[^\w\n]{0,5}(?:(?:code|number|nummer|nr|no|is|was|ist|war|lautet|est|es|è|é|for|my|card|on|the|back"
    r"|mein\w{0,2}|von|of"
    r"|meiner|karte|für|die)[^\w\n]{1,5}){0,6}((?:[a-z]-)?[0-9]{3,4}[ -]?[0-9]{1,4}|[0-9]{3})(?![0-9]|[.,-][0-9]|\w)"
)


def find_codes(text: Text) -> Iterator[Span]:
    for found in CODE.finditer(text.low):
        yield Span(found.start(1), found.end(1), "CODE")
