import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('copilot', '0001_initial'),
        ('knowledge', '0003_authoring_gaps_hygiene_help'),
        ('tickets', '0003_help_visit'),
    ]

    operations = [
        migrations.CreateModel(
            name='QuestionVector',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(blank=True, help_text='personal data masked', max_length=200)),
                ('embedder', models.CharField(max_length=80)),
                ('vectors', models.BinaryField(help_text='float32, a row for each question in the message')),
                ('best_score', models.FloatField(blank=True, help_text='cosine similarity; null: not asked yet', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('best_article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='knowledge.article')),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.message')),
            ],
        ),
    ]
