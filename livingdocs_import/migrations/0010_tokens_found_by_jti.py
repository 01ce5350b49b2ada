from django.db import migrations, models
from django.db.models.functions import Left


def begin_with_their_jti(apps, schema_editor):
    """Taken back, every token begins with something; the version before finds no JWT by it, and refuses them."""
    tokens = apps.get_model('livingdocs_import', 'AccessToken').objects
    tokens.filter(prefix__isnull=True).update(prefix=Left('jti', 12))


class Migration(migrations.Migration):
    """The version before goes on working meanwhile, and refuses the tokens that this one makes."""

    dependencies = [
        ('livingdocs_import', '0009_words_of_the_field'),
    ]

    operations = [
        migrations.AddField(
            model_name='accesstoken',
            name='jti',
            field=models.CharField(editable=False, max_length=36, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='kid',
            field=models.CharField(blank=True, db_default='', editable=False, max_length=43),
        ),
        migrations.AlterField(
            model_name='accesstoken',
            name='prefix',
            field=models.CharField(editable=False, max_length=12, null=True, unique=True),
        ),
        migrations.RunPython(migrations.RunPython.noop, begin_with_their_jti),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(('jti__isnull', False), ('prefix__isnull', True)),
                    models.Q(('jti__isnull', True), ('prefix__isnull', False)),
                    _connector='OR',
                ),
                name='token_is_found_by_jti_or_prefix',
            ),
        ),
    ]
