import django.db.models.deletion
from django.db import migrations, models

from livingdocs_import.db.operations import RemoveForeignKeyIndexOnline


class Migration(migrations.Migration):
    """Unique constraints begin with the job: indexes of the job alone only had to be kept up to date."""

    atomic = False
    dependencies = [
        ('imports', '0008_no_room_since'),
    ]

    operations = [
        RemoveForeignKeyIndexOnline(
            model_name='importitem',
            name='job',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='imports.importjob'),
        ),
        RemoveForeignKeyIndexOnline(
            model_name='hostrequest',
            name='job',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='host_requests', to='imports.importjob'),
        ),
    ]
