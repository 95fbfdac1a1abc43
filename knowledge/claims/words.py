"""The words that make claims differ: conditions, opposites, synonyms, and words too general to count. Pure."""

import re

from knowledge.claims.values import singular

# If only one of two sentences has such a word, they are about different cases. Each group is one condition.
_CONDITIONS = """
monthly:monthly month months|yearly:yearly annual annually year years|weekly:weekly|daily:daily day
first:first initial initially|second:second|third:third|last:last final|next:next following
new:new newly|existing:existing current|before:before prior|after:after|during:during|renewal:renewal renew
web:web browser|app:app mobile ios android|desktop:desktop|email:email mail|sms:sms text|phone:phone telephone callback
eu:eu european europe|outside:outside|international:international abroad|domestic:domestic|uk:british uk london
card:card|debit:sepa debit|transfer:transfer|cash:cash
owner:owner owners|manager:manager managers|agent:agent agents|lead:lead leads|admin:admin administrator
support:support team
weekend:weekend|saturday:saturday saturdays|sunday:sunday sundays|holiday:holiday holidays
extra:extra additional further|total:total altogether|single:single one-off|group:group|private:private
trial:trial|discount:discount discounted charity|example:example|late:late|failed:failed|lost:lost
upload:upload import|download:download export|minimum:minimum|maximum:maximum
"""
CONDITIONS = {
    word: group.partition(":")[0]
    for line in _CONDITIONS.strip().splitlines()
    for group in line.split("|")
    for word in group.partition(":")[2].split()
}
# A word and its opposite: they count as the same word with another sign.
_OPPOSITES = """
possible impossible|available unavailable|allowed forbidden|allowed prohibited|required optional
always never|automatic manual|automatically manually|included excluded|enabled disabled|refundable nonrefundable
supported unsupported|visible hidden|public private|keep delete|kept deleted|keeps deletes|allow prevent|able unable
stays disappears|remain disappear|limited unlimited|free chargeable|free charged|editable fixed|open closed
"""
OPPOSITES = {
    word: (pair.split()[0], sign)
    for line in _OPPOSITES.strip().splitlines()
    for pair in line.split("|")
    for word, sign in zip(pair.split(), (1, -1), strict=True)
}
_AUXILIARIES = """
can could may might is are was were be been does do did will would must should shall has have need needs gets
get isn't aren't wasn't don't doesn't won't can't
"""
AUXILIARIES = frozenset(_AUXILIARIES.split())
_FILLERS = """
then still also always ever only by it they you we a an the longer any to automatically just already
"""
FILLERS = frozenset(_FILLERS.split())
CLAUSE_END = re.compile(r"\s*;\s+|,\s+(?:and|but|while|so|because|although|whereas)\s+|\s+[–—]\s+|\s+but\s+")
CONDITIONAL = re.compile(r"^(?:if|unless|when|until|as long as|wenn|falls|si)\b", re.IGNORECASE)
CASE = re.compile(
    r"^(?:with|without|for|on|in|during|outside|inside|from|if|when|unless|after|before|bei|mit|für|con|para|pour|avec)\s"
    r"([^,.;:]+)",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\b(version|step|day|part|phase|level)\s+(\d+)", re.IGNORECASE)
# "no longer than", "not only", "no matter": not a negation.
NO_NEGATION = re.compile(
    r"\b(?:no more than|not more than|no less than|no later than|not only|no matter|no longer than"
    r"|without (?:use|login))\b",
    re.IGNORECASE,
)
# Too general to say what a sentence is about.
_GENERAL = """
also always amount any automatically become can cannot case choose come contain cost date day different do every
fee find follow full get give go good happen have help hold hour include just keep know least long longer look
make mean minute month more most must need never new not number of off on once one only open other own page part
pay people place please price read receive same second see select send set show start stay still step take tell
tell than there thing time today two under until up use used usual value want way week when whether work year
yes zero button click itself themselves yourself yourselves himself herself
"""
GENERAL = frozenset(singular(word) for word in _GENERAL.split())
_SAME = """
refund reimburse|required mandatory|cancel terminate|delete remove erase|signin login logon|link url
reply answer respond response|freeze pause|employee staff|purchase buy|picture photo image
dispute chargeback|fortnight week|figure number|quote offer
mail email|telephone phone|credit credits|subscription plan|attempt try|people person|voucher gift
"""
SAME = {
    singular(word): singular(group.split()[0])
    for line in _SAME.strip().splitlines()
    for group in line.split("|")
    for word in group.split()
}
