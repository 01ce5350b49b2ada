import django.db.models.deletion
import livingdocs_import.db.json_field
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0010_words_of_the_field'),
    ]

    operations = [
        migrations.CreateModel(
            name='FailureGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(blank=True, max_length=40)),
                ('host_key', models.BigIntegerField(default=0)),
                ('host', models.CharField(blank=True, max_length=300)),
                ('failed', models.IntegerField(default=0)),
                ('resolved', models.IntegerField(default=0)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('evidence', livingdocs_import.db.json_field.CompactJSON(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='importitem',
            name='failed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='importitem',
            name='resolved_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=150),
        ),
        migrations.AddField(
            model_name='importitem',
            name='retried_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='retried_items', to='imports.importjob'),
        ),
        migrations.AddField(
            model_name='failuregroup',
            name='job',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='failure_groups', to='imports.importjob'),
        ),
        migrations.AddIndex(
            model_name='failuregroup',
            index=models.Index(condition=models.Q(('failed__gt', models.F('resolved'))), fields=['job'], name='failure_group_open'),
        ),
        migrations.AddConstraint(
            model_name='failuregroup',
            constraint=models.UniqueConstraint(fields=('job', 'cause', 'host_key'), name='one_group_per_cause_and_host'),
        ),
    ]
