"""The settings of a project the service acts on: languages, and its own switches.

`settings.import` and `settings.mediaLibrary` are this service's own and closed, so a misspelt switch is an error and
not a silent default:

    "import": {
      "completeness": "publish",        "always": required fields and minimum lengths count on every import of a
                                        document, not only with autoPublish
      "requireMediaMetadata": true,     false: required metadata may be missing when a media entry is created
      "webhookSecret": "..."            signs the webhooks of import jobs, in the place of the project's own secret;
                                        {"$secretRef": {"name": "..."}}: the project's own
    },
    "mediaLibrary": {
      "revokeDeletesAsset": false,      true: revoking an asset deletes its binary instead of locking it away
      "requireStoredAsset": false,      true: an entry's asset.key must exist in the storage
      "imageLimits": {"maxBytes": ..., "maxPixels": ..., "maxFrames": ...},   lower than the operator's, each optional
      "imageService": {"name": "imgix", "host": "https://example.imgix.net"}
                                        without a host this service resizes images itself; the name is only reported
    }
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.value_types import LOCALE

_LOCALE = re.compile(LOCALE)


# --- Languages -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a project; all empty if none are configured."""

    locales: tuple[str, ...] = ()
    default_locale: str | None = None

    @property
    def translation_locales(self) -> frozenset[str]:
        """Locales a translation may have (spec 5.6): the available ones without the default."""
        return frozenset(self.locales) - {self.default_locale or ""}


def read_languages(settings: Node) -> Languages:
    """Without a `defaultLanguage` the first available one is used."""
    languages = settings.section("languages")
    locales: list[str] = []
    for language in languages.objects("available"):
        locale = _locale(language)
        if locale in locales:
            language["locale"].add_violation(f"there is already a language '{locale}'")
        elif locale:
            locales.append(locale)
    default = None
    if "defaultLanguage" in languages:
        node = languages.section("defaultLanguage")
        default = _locale(node)
        if default and default not in locales:
            node["locale"].add_violation(f"'{default}' is not among the available languages")
    return Languages(tuple(locales), default or (locales[0] if locales else None))


def _locale(language: Node) -> str | None:
    return language.text("locale", required=True, pattern=_LOCALE)


# --- Secrets and addresses --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret: given in the configuration, or the name of one that is stored elsewhere.

    `stored` is the value in the configuration: encrypted, once it is stored (security/encryption.py).
    """

    stored: str = ""
    reference: str = ""  # set instead of `stored`

    def __repr__(self) -> str:
        return f"Secret(reference={self.reference!r})"


def read_secret(node: Node, key: str) -> Secret | None:
    """A text, or `{"$secretRef": {"name": "..."}}`."""
    if key not in node:
        return None
    if isinstance(node[key].value, Mapping):
        name = node.section(key).section("$secretRef").text("name", required=True)
        return Secret(reference=name) if name else None
    value = node.text(key, required=True)
    return Secret(value) if value else None


def read_url(node: Node, key: str) -> str | None:
    """An http or https URL."""
    url = node.text(key, required=True)
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine:
        node[key].add_problem("must be an http or https URL")
    return url if fine else None


# --- Our own switches ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Limits on one image; None leaves the operator's. The lower of the two counts."""

    max_bytes: int | None = None
    max_pixels: int | None = None
    max_frames: int | None = None


@dataclass(frozen=True, slots=True)
class ImageService:
    """The service that resizes and crops images: `name` is reported in responses."""

    name: str = "imgix"
    host: str | None = None  # scheme and host, no slash at the end; None: this service


@dataclass(frozen=True, slots=True)
class Options:
    """The switches described at the head of this module, with their defaults."""

    completeness_always: bool = False
    require_media_metadata: bool = True
    import_webhook_secret: Secret | None = None
    revoke_deletes_asset: bool = False
    require_stored_asset: bool = False
    image_limits: ImageLimits = ImageLimits()
    image_service: ImageService = ImageService()


def read_options(settings: Node) -> Options:
    imports = settings.section("import")
    imports.only("completeness", "requireMediaMetadata", "webhookSecret")
    library = settings.section("mediaLibrary")
    library.only("revokeDeletesAsset", "requireStoredAsset", "imageLimits", "imageService")
    limits = library.section("imageLimits")
    limits.only("maxBytes", "maxPixels", "maxFrames")
    return Options(
        completeness_always=imports.choice("completeness", ("publish", "always")) == "always",
        require_media_metadata=imports.flag("requireMediaMetadata", default=True),
        import_webhook_secret=read_secret(imports, "webhookSecret"),
        revoke_deletes_asset=library.flag("revokeDeletesAsset"),
        require_stored_asset=library.flag("requireStoredAsset"),
        image_limits=ImageLimits(
            limits.whole("maxBytes", least=1), limits.whole("maxPixels", least=1), limits.whole("maxFrames", least=1)
        ),
        image_service=_read_image_service(library.section("imageService")),
    )


def _read_image_service(node: Node) -> ImageService:
    node.only("name", "host")
    host = read_url(node, "host") if "host" in node else None
    return ImageService(name=node.text("name", longest=50) or "imgix", host=host.rstrip("/") if host else None)
