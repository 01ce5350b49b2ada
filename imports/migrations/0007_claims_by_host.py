from django.db import migrations, models, transaction

from livingdocs_import.db.operations import AddIndexOnline, RemoveIndexOnline
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import host_key

BATCH = 1_000


def name_the_hosts(apps, schema_editor):
    """Open items that were accepted by the version before have none; those that ended are not asked for it."""
    model = apps.get_model('imports', 'ImportItem')
    items = model.objects.filter(due_at__isnull=False, host_key=0, job__kind='images').order_by('pk')
    last = 0
    while True:
        with transaction.atomic(using=schema_editor.connection.alias):
            # In the order in which workers lock.
            batch = list(items.filter(pk__gt=last).select_for_update(of=('self',)).only('pk', 'payload')[:BATCH])
            for item in batch:
                item.host_key = host_key(endpoint_of(item.payload.get('url', '')))
            model.objects.bulk_update(batch, ['host_key'])
        if not batch:
            return
        last = batch[-1].pk


class Migration(migrations.Migration):
    """The old version goes on reading and writing meanwhile; it only misses the index that goes last."""

    atomic = False
    dependencies = [
        ('imports', '0006_causes_and_hosts'),
    ]

    operations = [
        AddIndexOnline(
            model_name='importitem',
            index=models.Index(condition=models.Q(('due_at__isnull', False), ('waits_for__isnull', True)), fields=['job', 'due_at', 'position'], name='item_due'),
        ),
        AddIndexOnline(
            model_name='importitem',
            index=models.Index(condition=models.Q(('due_at__isnull', False), ('waits_for__isnull', True), models.Q(('host_key', 0), _negated=True)), fields=['job', 'host_key', 'due_at'], name='item_by_host'),
        ),
        AddIndexOnline(
            model_name='importitem',
            index=models.Index(condition=models.Q(('held', True)), fields=['due_at'], name='item_held'),
        ),
        AddIndexOnline(
            model_name='importitem',
            index=models.Index(condition=models.Q(('outcome', 'failed'), ('settled_at__isnull', True)), fields=['external_id'], name='item_unsettled'),
        ),
        migrations.RunPython(name_the_hosts, migrations.RunPython.noop),
        RemoveIndexOnline(
            model_name='importitem',
            name='item_open',
        ),
    ]
