"""Tickets can be snoozed (decision 48)."""

import datetime
from typing import Any

from django.db import migrations, models


def open_snoozed(apps: Any, schema_editor: Any) -> None:
    """The older version does not know them."""
    tickets = apps.get_model("tickets", "Ticket").objects.using(schema_editor.connection.alias)
    tickets.filter(status="snoozed").update(status="open")


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0022_search'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='ticket',
            name='ticket_status_known',
        ),
        migrations.AddField(
            model_name='ticket',
            name='back_from_snooze',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='ticket',
            name='wakes_at',
            field=models.DateTimeField(default=datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), editable=False),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='status',
            field=models.CharField(choices=[('open', 'Open'), ('pending', 'Waiting for customer'), ('snoozed', 'Snoozed'), ('closed', 'Closed')], default='open', max_length=8),
        ),
        migrations.RunPython(migrations.RunPython.noop, open_snoozed),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(models.F('status'), models.F('wakes_at'), models.F('id'), name='ticket_queue_wakes'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'pending', 'snoozed', 'closed'])), name='ticket_status_known'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'snoozed'), ('wakes_at', datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), _connector='OR'), models.Q(('status', 'open'), ('back_from_snooze', False), _connector='OR')), name='ticket_snooze_of_status'),
        ),
    ]
