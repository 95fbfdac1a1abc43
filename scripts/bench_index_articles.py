"""Makes any number of help articles for bench_index.py, each with a question that only it answers."""

import random

_SYLLABLES = "bar cor dal fen gil hom jut kel lor mav nib ost pel quo ras sil tam urb ven wex yor zan"
_THINGS = """invoice calendar booking room voucher deposit reminder report roster password customer refund location
    waiting-list message template discount export till printer terminal subscription"""
_DEEDS = "change print move cancel export share copy merge lock archive rename split confirm restore"
SYLLABLES, THINGS, DEEDS = _SYLLABLES.split(), _THINGS.split(), _DEEDS.split()
PLACES = ["Settings", "Billing", "the front desk", "the team page", "Reports", "the mobile app", "the day view"]
PARTS = [
    "Before you begin",
    "Step by step",
    "What your customers see",
    "If it does not work",
    "Limits",
    "Who may do this",
]
SENTENCES = [
    "Open {place} and choose the {thing} that belongs to {name}.",
    "You can {deed} a {thing} up to {number} times a day with {name}.",
    "When {name} is switched on, every {thing} shows a small mark in {place}.",
    "Only the owner of the account may {deed} a {thing} that is older than {number} days.",
    "If the {thing} does not appear, wait {number} minutes and load the page again.",
    "{name} keeps a copy of the {thing} for {number} weeks, so that you can {deed} it later.",
    "In {place} you find the button that lets you {deed} one {thing} or all of them.",
    "A {thing} that was made before {name} was set up stays as it is.",
    "We send a mail to everybody who shares the {thing} as soon as you {deed} it.",
    "The {thing} of one branch is never mixed with the {thing} of another.",
]


def article(number: int) -> dict[str, str]:
    """About 150 words in two or three sections. All differ, and each has a unique name to ask for."""
    chance = random.Random(number)  # noqa: S311
    name = "".join(chance.sample(SYLLABLES, 3)).title()
    thing, deed = chance.choice(THINGS), chance.choice(DEEDS)
    sections = [sentences(chance, name, thing, 3)]
    for heading in chance.sample(PARTS, chance.choice((2, 2, 3))):
        sections.append(f"## {heading}\n\n{sentences(chance, name, chance.choice((thing, *THINGS)), 3)}")
    title = f"{deed.title()} a {thing} with {name} {number}"
    return {
        "id": f"bench-{number}",
        "title": title,
        "body_md": "\n\n".join(sections),
        "question": ask(chance, name, thing),
    }


def sentences(chance: random.Random, name: str, thing: str, count: int) -> str:
    fields = [
        {"place": chance.choice(PLACES), "deed": chance.choice(DEEDS), "number": chance.randint(2, 90)}
        for _ in range(count)
    ]
    chosen = chance.sample(SENTENCES, count)
    return " ".join(each.format(name=name, thing=thing, **rest) for each, rest in zip(chosen, fields, strict=True))


def ask(chance: random.Random, name: str, thing: str) -> str:
    return chance.choice(
        [
            f"How do I use {name} for my {thing}?",
            f"{name}: my {thing} is gone, what now?",
            f"what does {name} do with a {thing}",
        ]
    )
