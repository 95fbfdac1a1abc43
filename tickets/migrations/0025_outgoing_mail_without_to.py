"""The recipients of a reply are rows since 0024. Not in that migration: PostgreSQL changes no table in the transaction
that has just read rows of it into another with foreign keys to check."""

from django.db import migrations, models

FILL_BACK = """
UPDATE tickets_outgoingmail SET "to" = COALESCE((
    SELECT email FROM tickets_recipient
    WHERE tickets_recipient.message_id = tickets_outgoingmail.message_id AND kind = 'to' ORDER BY id LIMIT 1
), '')
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0024_recipients")]

    operations = [
        # Backwards: the field comes back empty, then it is filled.
        migrations.RunSQL(migrations.RunSQL.noop, FILL_BACK),
        migrations.AlterField("outgoingmail", "to", models.EmailField(default="", max_length=254)),
        migrations.RemoveField("outgoingmail", "to"),
    ]
