"""The documented reasons of rejections that several modules use (spec 5.7)."""

INVALID_CONTENT = "Invalid content"
INVALID_METADATA = "Invalid metadata"
INVALID_TRANSLATIONS = "Invalid translations"
COULD_NOT_IMPORT = "Could not import document"


def cannot_be_published(content_type: str) -> str:
    """Documents of this content type are never published."""
    return f"{content_type} cannot be published"


def unknown_content_type(handle: str | None) -> str:
    """The content type is not configured."""
    return f'Unknown contentType "{handle or ""}"'


def unknown_design(design: object) -> str:
    """There is no design of this name and version."""
    return f'Unknown design "{design}"'
