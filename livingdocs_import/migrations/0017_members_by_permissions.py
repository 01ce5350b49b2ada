"""Users of the admin keep what they can do: what their permissions allow, in all projects (docs/adr/0039)."""

from django.conf import settings
from django.db import migrations


def keep_rights(apps, schema_editor):
    """Each user of the admin who is no superuser becomes a member of all projects, by permissions. Repeatable."""
    users = apps.get_model("auth", "User").objects.using(schema_editor.connection.alias)
    memberships = apps.get_model("livingdocs_import", "Membership").objects.using(schema_editor.connection.alias)
    for key in users.filter(is_staff=True, is_superuser=False).values_list("pk", flat=True):
        memberships.get_or_create(user_id=key, project=None, defaults={"role": "permissions"})


class Migration(migrations.Migration):

    dependencies = [
        ('livingdocs_import', '0016_memberships'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(keep_rights, migrations.RunPython.noop),
    ]
