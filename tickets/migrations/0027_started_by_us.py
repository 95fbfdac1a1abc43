"""Tickets that we start: an agent writes to a customer first."""

from typing import Any

from django.db import migrations, models


def make_known(apps: Any, schema_editor: Any) -> None:
    """The older version does not know the channel, and not the event either."""
    alias = schema_editor.connection.alias
    apps.get_model("tickets", "Ticket").objects.using(alias).filter(channel="outgoing").update(channel="email")
    apps.get_model("tickets", "TicketEvent").objects.using(alias).filter(kind="started").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0026_forwards'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ticket',
            name='channel',
            field=models.CharField(choices=[('email', 'Email'), ('web', 'Web form'), ('api', 'API'), ('outgoing', 'Started by us')], default='email', max_length=8),
        ),
        migrations.AlterField(
            model_name='ticketevent',
            name='kind',
            field=models.CharField(choices=[('started', 'Started by us'), ('received', 'Message received'), ('replied', 'Reply written'), ('forwarded', 'Forwarded'), ('sent', 'Reply sent'), ('send_failed', 'Reply not sent'), ('send_unsure', 'Sending uncertain'), ('send_undone', 'Sending undone'), ('noted', 'Note added'), ('assigned', 'Assigned'), ('handed_over', 'Transferred'), ('judged', 'Escalation judged'), ('status', 'Status'), ('priority', 'Priority'), ('category', 'Category'), ('tagged', 'Tags'), ('ignored_mail', 'Automatic mail ignored'), ('prepared', 'Copilot'), ('routed', 'Routed'), ('signal', 'Signal'), ('reviewed', 'Draft reviewed')], max_length=16),
        ),
        migrations.RunPython(migrations.RunPython.noop, make_known),
        migrations.AddIndex(
            model_name='ticketevent',
            index=models.Index(condition=models.Q(('kind', 'started')), fields=['actor'], name='event_started'),
        ),
    ]
