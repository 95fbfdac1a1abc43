"""Messages can be forwarded, and answers to that come back (decision 49)."""

from typing import Any

from django.db import migrations, models


def make_known(apps: Any, schema_editor: Any) -> None:
    """The older version does not know these kinds: what was forwarded stays internal, the answers are shown as before."""
    messages = apps.get_model("tickets", "Message").objects.using(schema_editor.connection.alias)
    mails = apps.get_model("tickets", "OutgoingMail").objects.using(schema_editor.connection.alias)
    mails.filter(message__kind="forward").exclude(state="sent").delete()  # it would send them as replies
    messages.filter(kind="forward").update(kind="note")
    messages.filter(kind="other").update(kind="customer")
    events = apps.get_model("tickets", "TicketEvent").objects.using(schema_editor.connection.alias)
    events.filter(kind="forwarded").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0025_outgoing_mail_without_to'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='message',
            name='message_ours_has_author',
        ),
        migrations.AlterField(
            model_name='message',
            name='kind',
            field=models.CharField(choices=[('customer', 'From the customer'), ('reply', 'Reply to the customer'), ('note', 'Internal note'), ('forward', 'Forwarded to others'), ('other', 'From somebody else')], max_length=10),
        ),
        migrations.AlterField(
            model_name='ticketevent',
            name='kind',
            field=models.CharField(choices=[('received', 'Message received'), ('replied', 'Reply written'), ('forwarded', 'Forwarded'), ('sent', 'Reply sent'), ('send_failed', 'Reply not sent'), ('send_unsure', 'Sending uncertain'), ('send_undone', 'Sending undone'), ('noted', 'Note added'), ('assigned', 'Assigned'), ('handed_over', 'Transferred'), ('judged', 'Escalation judged'), ('status', 'Status'), ('priority', 'Priority'), ('category', 'Category'), ('tagged', 'Tags'), ('ignored_mail', 'Automatic mail ignored'), ('prepared', 'Copilot'), ('routed', 'Routed'), ('signal', 'Signal'), ('reviewed', 'Draft reviewed')], max_length=16),
        ),
        migrations.RunPython(migrations.RunPython.noop, make_known),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['customer', 'other']), ('author__isnull', False), _connector='OR'), name='message_ours_has_author'),
        ),
    ]
