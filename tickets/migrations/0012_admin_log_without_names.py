"""The admin's log named customers, and kept the name when the customer was erased. It has their number now."""

from django.db import migrations
from django.db.models import CharField, Value
from django.db.models.functions import Concat


def without_names(apps, schema_editor):
    entries = apps.get_model("admin", "LogEntry").objects
    ours = entries.filter(content_type__app_label="tickets", content_type__model="customer")
    ours.update(object_repr=Concat(Value("#"), "object_id", output_field=CharField()))


class Migration(migrations.Migration):
    dependencies = [("tickets", "0011_texts"), ("admin", "0003_logentry_add_action_flag_choices")]

    operations = [migrations.RunPython(without_names, migrations.RunPython.noop)]
