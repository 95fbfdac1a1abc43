"""What the invented customers write: from lists, so that a database can put it together in one statement.

Plain words and full stops only: then the terms of the full-text index are the words themselves, and the database can
write those too. Common words are in every tenth ticket, and each ticket has a reference that no other one has.
"""

from itertools import islice, product

from qa.benchmarks.sql import one_of


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GREETINGS = ("Hello", "Hi", "Good morning", "Good evening", "Dear team", "Hello there")
TOPICS = (
    "the invoice of march",
    "the invoice of last month",
    "our invoice for the second room",
    "a refund for a cancelled booking",
    "a double charge on my card",
    "the yearly plan",
    "the price of a second calendar",
    "my calendar sync",
    "the booking page",
    "the booking reminder",
    "the reminder by mail",
    "a message with the wrong date",
    "the password of my account",
    "the login on my phone",
    "the second factor",
    "the export of all clients",
    "the import of clients from a spreadsheet",
    "the list of rooms",
    "the opening hours in december",
    "the waiting list for a course",
    "a voucher with the wrong amount",
    "the colour of the logo",
    "the time zone of a colleague",
    "the rights of a new colleague",
    "a webhook to our own server",
    "the receipt for a deposit",
    "the tax number on receipts",
    "the statistics of the past quarter",
    "the deletion of an old account",
    "the printed schedule",
)
PROBLEMS = (
    "does not work any more",
    "shows an error",
    "is not what we ordered",
    "cannot be found",
    "has the wrong name on it",
    "appears twice",
    "stopped after the update",
    "never arrived",
    "is much too slow",
    "cannot be changed",
    "is empty on my tablet",
    "was charged again",
    "looks broken since monday",
    "needs to be moved to another account",
    "should be sent to our accountant",
)
DETAILS = (
    "I tried it three times and it was always the same",
    "It worked until last week and nobody has changed anything here",
    "My colleague sees the same on another computer",
    "We open in two hours and need this before that",
    "This is not urgent but I would like to understand it",
    "I have already read the help pages and found nothing about it",
    "Please tell me where I can set this",
    "Our clients have started to ask about it",
    "I use the newest browser on a laptop",
    "There is a screenshot but I could not attach it",
    "We have twelve rooms and four people at the desk",
    "The person who set this up has left our studio",
)
CLOSINGS = ("Thank you", "Thanks a lot", "Kind regards", "Best wishes", "Many thanks for your help")
ANSWERS = (
    "You find this in the settings under billing and you can change it there at any time",
    "We have corrected it and you will see the change within five minutes",
    "Please open the settings and select sync once more and then it arrives again",
    "The second line is a pending authorisation and it disappears by itself within five days",
    "We have sent it again and added your accountant as you asked",
    "That is not possible yet but we have noted your wish",
    "Please sign out on all devices and ask for a new password after that",
    "Your plan includes four people and each further one is added on the first of a month",
)
FIRST_NAMES = _words("""
    Anna Bruno Carla David Elena Farid Greta Hugo Ines Jonas Kira Luca Marta Nils Olga Pavel Rita Sven Tara Yusuf
""")
LAST_NAMES = _words("""
    Adler Berg Costa Demir Egger Fabre Garcia Haas Ivanov Jensen Keller Lindholm Moreau Novak Okafor Petrov Quint
    Rossi Schmid Torres Ulrich Vogel Weber Young Zimmer
""")
DOMAINS = ("mail.example", "post.example", "studio.example", "school.example", "practice.example")
TAGS = _words("""
    billing refund invoice card price plan upgrade discount login password security rights calendar sync booking
    reminder rooms courses waiting voucher export import clients reports api webhook mobile browser printing logo
    language timezone tax deposit accountant onboarding bug outage wish praise
""")
SYLLABLES = _words("ba de fi go hu ka le mi no pu ra se ti vo wa xe zi bro cla dri fle gro plu sta")
REFERENCE = 1_000_000  # added, so that all have the same length and none is the beginning of another one


def words() -> list[str]:
    lists = (GREETINGS, TOPICS, PROBLEMS, DETAILS, CLOSINGS, ANSWERS, FIRST_NAMES, LAST_NAMES, TAGS)
    return sorted({word.lower() for texts in lists for text in texts for word in text.split()})


def made_up(count: int) -> list[str]:
    """Words of three or four syllables that nobody says, all of them different."""
    longer = ("", *SYLLABLES)
    made = ("".join(parts) for parts in product(SYLLABLES, SYLLABLES, SYLLABLES, longer))
    return list(islice(made, 0, None, 1 + len(SYLLABLES) ** 3 * len(longer) // max(1, count)))


def reference(ticket_id: int) -> str:
    return f"ref{REFERENCE + ticket_id}"


def subject(n: str) -> str:
    return f"{one_of([capital(text) for text in TOPICS], 'topic', n)} || ' ' || {one_of(PROBLEMS, 'problem', n)}"


def question(n: str) -> str:
    """What the customer of a ticket wrote first."""
    about = f"{one_of(TOPICS, 'topic', n)} || ' ' || {one_of(PROBLEMS, 'problem', n)}"
    details = f"{one_of(DETAILS, 'detail', n)} || '. ' || {one_of(DETAILS, 'detail 2', n)}"
    known = f"'My reference is ref' || ({REFERENCE} + {n})"
    parts = [one_of(GREETINGS, "greeting", n), about, details, known, one_of(CLOSINGS, "closing", n)]
    return " || '. ' || ".join(parts)


def answer(n: str) -> str:
    parts = [one_of(GREETINGS, "greeting 2", n), one_of(ANSWERS, "answer", n), one_of(CLOSINGS, "closing 2", n)]
    return " || '. ' || ".join(parts)


def addition(n: str) -> str:
    """What a customer adds while nobody has answered."""
    return f"'One more thing. ' || {one_of(DETAILS, 'addition', n)}"


def name(n: str) -> str:
    return f"{one_of(FIRST_NAMES, 'first name', n)} || ' ' || {one_of(LAST_NAMES, 'last name', n)}"


def email(n: str) -> str:
    """With the number of the customer, so that no two have the same."""
    return f"lower({one_of(LAST_NAMES, 'last name', n)}) || {n} || '@' || {one_of(DOMAINS, 'domain', n)}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
