"""The words of every ticket anew: by pairs of letters where a script has no spaces, `C++` and `.NET` whole."""

from typing import Any

from django.db import migrations

from config.words.fulltext import FullTextIndex

# As it was then; 0022_search makes the one of today.
INDEX = FullTextIndex("tickets_fulltext", ("subject", "people", "said"), (4.0, 3.0, 1.0))
BATCH = 200


def index_anew(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.alias != INDEX.using:
        return
    Ticket, Message = apps.get_model("tickets", "Ticket"), apps.get_model("tickets", "Message")
    last = 0
    tickets = Ticket.objects.order_by("pk").values_list("pk", "subject", "customer__name", "customer__email")
    while page := list(tickets.filter(pk__gt=last)[:BATCH]):
        said: dict[int, list[str]] = {}
        messages = Message.objects.filter(ticket__in=[row[0] for row in page]).order_by("created_at", "pk")
        for ticket_id, text in messages.values_list("ticket_id", "text"):
            said.setdefault(ticket_id, []).append(text)
        INDEX.put_many(
            [
                (pk, f"{subject} {pk}", f"{name} {email}", "\n".join(said.get(pk, [])))
                for pk, subject, name, email in page
            ]
        )
        last = page[-1][0]


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_online_and_waiting_drafts")]
    operations = [migrations.RunPython(index_anew, migrations.RunPython.noop)]
