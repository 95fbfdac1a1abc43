"""A configuration of search names the models it was made with; its least answerability is called minimum score."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def name_the_models(apps: Any, schema_editor: Any) -> None:
    """Of what was saved before, nobody noted the models: those configured now are the best that is known."""
    rows = apps.get_model("knowledge", "RetrievalConfiguration").objects.using(schema_editor.connection.alias)
    rows.filter(embedder="").update(
        embedder=Path(settings.EMBEDDING_MODEL).name, reranker=Path(settings.RERANK_MODEL).name
    )


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0006_words_of_every_script")]

    operations = [
        migrations.RemoveConstraint("retrievalconfiguration", "retrieval_min_answerable_0_to_1"),
        migrations.RenameField("retrievalconfiguration", "min_answerable", "min_score"),
        migrations.AlterField(
            "retrievalconfiguration",
            "min_score",
            models.FloatField(
                "minimum score", help_text="cosine: below it the answer is “nothing relevant”"
            ),
        ),
        migrations.AlterField(
            "retrievalconfiguration",
            "rerank",
            models.BooleanField("rerank the best candidates", default=True),
        ),
        migrations.AddConstraint(
            "retrievalconfiguration",
            models.CheckConstraint(condition=Q(min_score__gte=0, min_score__lte=1), name="retrieval_min_score_0_to_1"),
        ),
        migrations.AddField(
            "retrievalconfiguration",
            "embedder",
            models.CharField(
                max_length=200, default="", help_text="the model whose cosines the minimum score is compared with"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "retrievalconfiguration",
            "reranker",
            models.CharField(max_length=200, blank=True, default="", help_text="empty where none was configured"),
            preserve_default=False,
        ),
        migrations.AlterField(
            "gap",
            "best_score",
            models.FloatField(null=True, blank=True, help_text="of the best hit, which was not enough"),
        ),
        migrations.RunPython(name_the_models, migrations.RunPython.noop),
    ]
