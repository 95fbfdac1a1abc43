"""Tickets that we start: an agent writes to a customer first."""

from django.db import migrations, models


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
    ]
