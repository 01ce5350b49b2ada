"""The column type for secrets: encrypted when they are saved, decrypted only when they are used."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from livingdocs_import.security import encryption


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret as it is stored; falsy without one. It is decrypted only by `reveal`."""

    stored: str = ""

    def __bool__(self) -> bool:
        return bool(self.stored)

    def __repr__(self) -> str:
        return f"StoredSecret({'set' if self.stored else 'not set'})"

    def reveal(self) -> str:
        """The secret itself. Raises UnreadableSecret if it was encrypted with a key that is not configured."""
        return encryption.decrypt(self.stored)


class EncryptedText(models.TextField):  # type: ignore[type-arg]
    """A secret: any text assigned to it is encrypted on save; reading it gives a StoredSecret.

    Look-ups by value are useless: two tokens of one secret differ.
    """

    _pyi_private_set_type: "str | StoredSecret"  # type: ignore[assignment]
    _pyi_private_get_type: StoredSecret  # type: ignore[assignment]

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, StoredSecret):
            return value.stored
        return encryption.encrypt(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return value.stored if isinstance(value, StoredSecret) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> StoredSecret:
        """Leave on the instance the value that a later read would give."""
        value = super().pre_save(model_instance, add)
        kept = value if isinstance(value, StoredSecret) else StoredSecret(encryption.encrypt(value))
        setattr(model_instance, self.attname, kept)
        return kept

    def get_default(self) -> StoredSecret:
        return StoredSecret()

    def from_db_value(self, value: str, expression: Any, connection: Any) -> StoredSecret:
        return StoredSecret(value)

    def to_python(self, value: Any) -> Any:
        """For `loaddata`: a token is not encrypted again."""
        return StoredSecret(value) if isinstance(value, str) and encryption.is_encrypted(value) else value

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return value.stored if isinstance(value, StoredSecret) else encryption.encrypt(value)
