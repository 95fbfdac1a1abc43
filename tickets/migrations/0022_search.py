"""Tags and names of files are searched, and words with a typo. A job indexes the tickets that are there (decision 46)."""

import importlib
from typing import Any

from django.db import migrations, models

from config.words.fulltext import CreateFullTextIndex, FullTextIndex, RemoveFullTextIndex

older = importlib.import_module("tickets.migrations.0008_words_of_every_script")
INDEX = FullTextIndex("tickets_fulltext", ("subject", "people", "labels", "said"), (4.0, 3.0, 3.0, 1.0), "ABBC")


def index_later(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.alias == INDEX.using:
        schema_editor.execute("INSERT INTO tickets_tickettoindex (ticket) SELECT id FROM tickets_ticket")


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0021_saved_views'),
    ]

    operations = [
        # On the way back the older version finds its tickets at once.
        migrations.RunPython(migrations.RunPython.noop, older.index_anew),
        RemoveFullTextIndex(older.INDEX),
        CreateFullTextIndex(INDEX),
        migrations.CreateModel(
            name='TicketToIndex',
            fields=[
                ('ticket', models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Term',
            fields=[
                ('term', models.CharField(help_text='without case and accents', max_length=30, primary_key=True, serialize=False)),
                ('written', models.CharField(help_text='as somebody wrote it', max_length=30)),
                ('ticket', models.BigIntegerField(help_text='The first ticket that had it')),
                ('again', models.BooleanField(default=False, help_text='Another ticket has it too')),
            ],
            options={
                'indexes': [models.Index(fields=['again', 'ticket'], name='term_age')],
            },
        ),
        migrations.CreateModel(
            name='Trigram',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gram', models.CharField(max_length=3)),
                ('length', models.PositiveSmallIntegerField(help_text='letters of the term')),
                ('term', models.CharField(max_length=30)),
            ],
            options={
                'indexes': [models.Index(fields=['term'], name='trigram_term')],
                'constraints': [models.UniqueConstraint(fields=('gram', 'length', 'term'), name='trigram_once')],
            },
        ),
        migrations.RunPython(index_later, migrations.RunPython.noop),
    ]
