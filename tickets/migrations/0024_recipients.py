"""Mails have any number of recipients (decision 49)."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
INSERT INTO tickets_recipient (message_id, kind, name, email, accepted, refused)
SELECT message_id, 'to', '', "to", state = 'sent', '' FROM tickets_outgoingmail WHERE "to" <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0023_snooze")]

    operations = [
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("to", "To"), ("cc", "Cc"), ("bcc", "Bcc")], max_length=3)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("email", models.CharField(max_length=254)),
                ("accepted", models.BooleanField(default=False)),
                ("refused", models.CharField(blank=True, max_length=300)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="recipients", to="tickets.message"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("message", "email"), name="recipient_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["to", "cc", "bcc"])), name="recipient_kind_known"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
