"""Subjects that authors read are masked by the rules of today."""

from django.db import migrations

from knowledge import masking


def mask_again(apps, schema_editor):
    vectors = apps.get_model("copilot", "QuestionVector").objects
    for row in vectors.only("pk", "subject").iterator(chunk_size=500):
        masked = masking.mask(row.subject)[:200]
        if masked != row.subject:
            vectors.filter(pk=row.pk).update(subject=masked)


class Migration(migrations.Migration):
    dependencies = [("copilot", "0004_draft_failures")]

    operations = [migrations.RunPython(mask_again, migrations.RunPython.noop)]
