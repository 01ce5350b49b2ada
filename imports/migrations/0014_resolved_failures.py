from django.db import migrations, models

from livingdocs_import.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('imports', '0013_dry_runs'),
    ]

    operations = [
        AddIndexOnline(
            model_name='importitem',
            index=models.Index(condition=models.Q(('outcome', 'failed'), ('resolved_at__isnull', False)), fields=['-resolved_at', '-id'], name='item_resolved_failure'),
        ),
    ]
