"""Encrypt the secrets that are stored already, a hundred rows at a time; begun again, it goes on where it stopped."""

from django.db import migrations

from livingdocs_import import stored_secrets


def encrypt(apps, schema_editor):
    models = (apps.get_model("livingdocs_import", name) for name in ("Project", "ProjectConfigRevision"))
    for place in stored_secrets.renew(*models):
        print(f"\n    {place} was encrypted with a key that is not in FIELD_ENCRYPTION_KEYS: left as it is", end="")


def decrypt(apps, schema_editor):
    models = (apps.get_model("livingdocs_import", name) for name in ("Project", "ProjectConfigRevision"))
    if unreadable := list(stored_secrets.disclose(*models)):
        raise RuntimeError(f"cannot be decrypted with FIELD_ENCRYPTION_KEYS: {', '.join(unreadable)}")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("livingdocs_import", "0003_encrypted_webhook_secret")]

    operations = [migrations.RunPython(encrypt, decrypt)]
