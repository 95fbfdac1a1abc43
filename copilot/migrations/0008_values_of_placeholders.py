"""Drafts that were there before: what their placeholders stand for is kept, as it was made at each view until now.

Until now a ticket's subject and its customer's messages were masked in order, at most READ characters of them, then
the draft's own message. Of a very long conversation two drafts could use one number for two values: the later one's
is renamed in its text.
"""

import re

from django.db import migrations

from copilot.redaction import BEGINNING, ENDING, Masker, Person

READ = 256_000
NUMBERED = re.compile(r"<([A-Z]+_\d{1,6})>")


def values_until_now(ticket, message, texts):
    customer = ticket.customer
    masker = Masker(Person(customer.name, customer.email, customer.phone))
    left = READ
    for text in texts:
        masker.mask(text)
        left -= min(len(text), BEGINNING + ENDING)
        if left <= 0:
            break
    masker.mask(message.text)
    return masker.values


def settled(placeholder, value, kept):
    """The placeholder under which the ticket keeps the value: this one, unless it stands for another there."""
    if kept.setdefault(placeholder, value) == value:
        return placeholder
    known = next((name for name, each in kept.items() if each == value), None)
    if known:
        return known
    kind = placeholder.partition("_")[0]
    free = 1 + max(int(name.partition("_")[2]) for name in kept if name.startswith(f"{kind}_"))
    kept[f"{kind}_{free}"] = value
    return f"{kind}_{free}"


def keep_values(apps, schema_editor):
    drafts = apps.get_model("copilot", "Draft").objects
    rows = apps.get_model("copilot", "MaskedValue").objects
    marked = drafts.filter(text__contains="_").filter(text__contains="<").select_related("ticket__customer", "message")
    for draft in marked.order_by("pk").iterator(chunk_size=100):
        if not NUMBERED.search(draft.text):
            continue
        messages = draft.ticket.messages.filter(kind="customer").order_by("created_at", "id")
        texts = [draft.ticket.subject, *messages.values_list("text", flat=True)]
        values = values_until_now(draft.ticket, draft.message, texts)
        before = dict(rows.filter(ticket=draft.ticket).values_list("placeholder", "value"))
        kept = dict(before)

        def rename(found):
            value = values.get(found[1])
            return found[0] if value is None else f"<{settled(found[1], value, kept)}>"

        text = NUMBERED.sub(rename, draft.text)
        rows.bulk_create(
            [rows.model(ticket=draft.ticket, placeholder=name, value=kept[name]) for name in kept if name not in before]
        )
        if text != draft.text:
            drafts.filter(pk=draft.pk).update(text=text)


class Migration(migrations.Migration):
    dependencies = [("copilot", "0007_preparations")]

    operations = [migrations.RunPython(keep_values, migrations.RunPython.noop)]
