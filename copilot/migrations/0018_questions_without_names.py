"""Vectors of questions were made of texts with names of others. They are a cache, which is filled again."""

from django.db import migrations


def empty(apps, schema_editor):
    apps.get_model("copilot", "QuestionVector").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("copilot", "0017_seal_masked_values")]

    operations = [migrations.RunPython(empty, migrations.RunPython.noop)]
