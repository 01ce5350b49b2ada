from django.db import migrations


class Migration(migrations.Migration):
    """Columns get other names and keep their values. The service stands still meanwhile: see the CHANGELOG."""

    dependencies = [("livingdocs_import", "0008_known_time_zones")]

    operations = [
        migrations.RenameField("webhookdelivery", "held", "claimed"),
        migrations.RenameField("webhookdelivery", "fence", "claim_number"),
    ]
