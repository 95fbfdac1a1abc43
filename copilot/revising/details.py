"""What a customer's message lacks that is usually needed to answer it. Rules only; pure."""

from collections.abc import Sequence

from copilot.revising.words import pattern

MOST = 3
# What may be missing, the most useful first, and what the message must be about for that: each of these.
NEEDED = {
    "error": ("problem",),
    "order": ("order",),
    "invoice": ("payment",),
    "browser": ("problem", "page"),
    "when": ("problem",),
}


def missing(message: str, conditions: Sequence[str], plan: str) -> list[str]:
    """The names of details (`phrases.toml`) to ask for.

    `conditions`: the evidence; `plan`: the customer's, if it is known.
    """
    found = [
        name
        for name, subjects in NEEDED.items()
        if all(pattern("about", each).search(message) for each in subjects)
        and not pattern("there", name).search(message)
    ]
    depends = pattern("conditions", "plan").search("\n".join(conditions))
    if depends and not plan and not pattern("there", "plan").search(message):
        found.append("plan")
    return found[:MOST]
