"""What the ORM cannot say: the full-text index, and a timeline that refuses updates."""

from django.db import migrations

from config.words.fulltext import CreateFullTextIndex, FullTextIndex

# As it was then; 0022_search makes the one of today.
INDEX = FullTextIndex("tickets_fulltext", ("subject", "people", "said"), (4.0, 3.0, 1.0))

SQLITE = """
CREATE TRIGGER tickets_ticketevent_append_only BEFORE UPDATE ON tickets_ticketevent
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END
"""
POSTGRESQL = """
CREATE FUNCTION tickets_refuse_update() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the timeline is append-only'; END $$;
CREATE TRIGGER tickets_ticketevent_append_only BEFORE UPDATE ON tickets_ticketevent
FOR EACH ROW EXECUTE FUNCTION tickets_refuse_update()
"""


def forbid_updates(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def allow_updates(apps, schema_editor):
    on = " ON tickets_ticketevent" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER tickets_ticketevent_append_only{on}")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [CreateFullTextIndex(INDEX), migrations.RunPython(forbid_updates, allow_updates)]
