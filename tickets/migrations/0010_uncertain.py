from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STATES = ["queued", "sending", "sent", "failed", "uncertain", "undone"]


def rename(old: str, new: str) -> migrations.RunPython:
    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        _rename(apps, editor, old, new)

    def backwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        _rename(apps, editor, new, old)

    return migrations.RunPython(forwards, backwards)


def _rename(apps: Apps, editor: BaseDatabaseSchemaEditor, old: str, new: str) -> None:
    rows = apps.get_model("tickets", "OutgoingMail").objects.using(editor.connection.alias)
    rows.filter(state=old).update(state=new)


class Migration(migrations.Migration):
    """The state "unsure" of outgoing mail is called "uncertain", as the pages call it."""

    dependencies = [("tickets", "0009_language")]

    operations = [
        migrations.RemoveConstraint(model_name="outgoingmail", name="outgoing_state_known"),
        migrations.AlterField(
            model_name="outgoingmail",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Waiting to be sent"),
                    ("sending", "Being sent"),
                    ("sent", "Sent"),
                    ("failed", "Not sent"),
                    ("uncertain", "Uncertain"),
                    ("undone", "Undone"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
        rename("unsure", "uncertain"),
        migrations.AddConstraint(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(condition=models.Q(state__in=STATES), name="outgoing_state_known"),
        ),
    ]
