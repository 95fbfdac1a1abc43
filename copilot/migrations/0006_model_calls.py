"""One row for each call of a model. What older versions kept of calls moves there; what belongs to a draft stays."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

BATCH = 200
UNKNOWN = "unknown"  # older versions did not note which error it was


def copy_calls(apps, schema_editor):
    calls = apps.get_model("copilot", "ModelCall")
    for made in (_of_drafts(apps), _of_checks(apps), _of_articles(apps)):
        batch = []
        for fields in made:
            batch.append(calls(**fields))
            if len(batch) == BATCH:
                calls.objects.bulk_create(batch)
                batch = []
        calls.objects.bulk_create(batch)


def _generations(apps):
    return apps.get_model("copilot", "Generation").objects.select_related("draft").order_by("pk").iterator(BATCH)


def _of_drafts(apps):
    """Not where search or check had said no before the model was asked, nor for drafts that the demo invents.

    Its times were those that a person waited, the search included; they stay with the draft.
    """
    for old in _generations(apps):
        failed = old.draft.state == "failed"
        if old.settings.get("seeded") or not (old.response or old.model or failed):
            continue
        yield {
            "purpose": "draft",
            "draft_id": old.draft_id,
            "prompt_version": old.prompt_version,
            "messages": old.prompt,
            "settings": old.settings,
            "model": old.model,
            "model_sha256": old.model_sha256,
            "output": old.response,
            "prompt_tokens": old.prompt_tokens,
            "cached_tokens": old.cached_tokens,
            "completion_tokens": old.completion_tokens,
            "finish_reason": old.finish_reason or ("stopped" if old.draft.state == "stopped" else ""),
            "error": UNKNOWN if failed else "",
            "created_at": old.created_at,
        }


def _of_checks(apps):
    """Of these only the probability was kept."""
    for old in _generations(apps):
        sure = old.retrieval.get("answerable")
        if sure is not None:
            yield {
                "purpose": "check",
                "draft_id": old.draft_id,
                "prompt_version": old.prompt_version,
                "messages": [],
                "model": old.model,
                "probability": sure,
                "created_at": old.created_at,
            }


def _of_articles(apps):
    runs = apps.get_model("copilot", "GapArticleRun").objects.exclude(prompt_version="").order_by("pk")
    for old in runs.iterator(BATCH):
        unread = old.state == "failed" and not old.text
        yield {
            "purpose": "gap_article",
            "article_run_id": old.pk,
            "prompt_version": old.prompt_version,
            "messages": old.prompt,
            "model": old.model,
            "output": old.text,
            "finish_reason": "stopped" if old.state == "stopped" else "",
            "error": UNKNOWN if unread else "",
            "created_at": old.created_at,
        }


class Migration(migrations.Migration):
    dependencies = [("copilot", "0005_mask_subjects")]

    operations = [
        migrations.CreateModel(
            name="ModelCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("check", "Check before a draft"),
                            ("gap_article", "Article from agents' answers"),
                        ],
                        max_length=20,
                    ),
                ),
                ("prompt_version", models.CharField(help_text="name@hash of all its texts", max_length=40)),
                ("messages", models.JSONField(help_text="as sent, personal data masked")),
                (
                    "settings",
                    models.JSONField(
                        default=dict, help_text="temperature, seed, longest answer and the like, as sent"
                    ),
                ),
                (
                    "model",
                    models.CharField(
                        help_text="as the server named it; as it was asked for if none answered", max_length=120
                    ),
                ),
                (
                    "model_sha256",
                    models.CharField(
                        blank=True, help_text="empty: a foreign server that does not tell", max_length=64
                    ),
                ),
                ("output", models.TextField(blank=True, help_text="as received")),
                (
                    "probability",
                    models.FloatField(help_text="of yes, where the question was one of yes or no", null=True),
                ),
                (
                    "logprobs",
                    models.JSONField(
                        default=list, help_text="what the probability was read from: [token, ln p] pairs"
                    ),
                ),
                ("prompt_tokens", models.PositiveIntegerField(null=True)),
                ("cached_tokens", models.PositiveIntegerField(null=True)),
                ("completion_tokens", models.PositiveIntegerField(null=True)),
                ("first_token_ms", models.PositiveIntegerField(help_text="since the model was asked", null=True)),
                ("total_ms", models.PositiveIntegerField(null=True)),
                (
                    "finish_reason",
                    models.CharField(
                        blank=True,
                        help_text="the server's; long_enough, stopped: we ended it; empty: it failed",
                        max_length=20,
                    ),
                ),
                (
                    "error",
                    models.CharField(blank=True, help_text="code of the ModelError that ended it", max_length=20),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, help_text="when the model was asked"),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="copilot.draft",
                    ),
                ),
                (
                    "article_run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="copilot.gaparticlerun",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["purpose", "-created_at"], name="model_call_purpose")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("probability__isnull", True),
                            models.Q(("probability__gte", 0), ("probability__lte", 1)),
                            _connector="OR",
                        ),
                        name="model_call_probability_0_to_1",
                    )
                ],
            },
        ),
        migrations.RunPython(copy_calls, migrations.RunPython.noop),
        *(
            migrations.RemoveField("gaparticlerun", field) for field in ("prompt", "prompt_version", "model")
        ),
        migrations.AddField(
            "gaparticlerun",
            "attempts",
            models.PositiveSmallIntegerField(default=0, help_text="how often it was claimed"),
        ),
        *(
            migrations.RemoveField("generation", field)
            for field in (
                "prompt_version", "prompt", "response", "model", "model_sha256", "settings",
                "prompt_tokens", "cached_tokens", "completion_tokens", "finish_reason",
            )
        ),
        migrations.RenameModel("Generation", "DraftRecord"),
        migrations.AlterField(
            "draftrecord",
            "draft",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="record", to="copilot.draft"
            ),
        ),
    ]  # fmt: skip
