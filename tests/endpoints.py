"""Every endpoint of the API, so that a test can be about all of them; none can be forgotten (test_bad_input)."""

from dataclasses import dataclass

PATCHED = "it"  # the id of the entry that bodies are sent to


@dataclass(frozen=True)
class Endpoint:
    """One path with what it takes. `path` may hold `{}` for an id; `version` is one that has it."""

    route: str  # as config/api_urls.py spells it
    methods: tuple[str, ...]
    path: str
    version: str = "v1"
    query: str = ""  # what it needs to be answered
    takes_body: bool = False
    token: bool = True

    def url(self, media_id: str = PATCHED, query: str = "") -> str:
        """The whole path; `query` is put after what the endpoint needs."""
        together = "&".join(part for part in (self.query, query) if part)
        return f"/api/{self.version}/{self.path.format(media_id)}" + (f"?{together}" if together else "")


ENDPOINTS = [
    Endpoint("health", ("GET",), "health", token=False),
    Endpoint("import/images", ("POST",), "import/images", takes_body=True),
    Endpoint("import/images/status", ("GET",), "import/images/status", query="id=x"),
    Endpoint("import/videos", ("POST",), "import/videos", takes_body=True),
    Endpoint("import/videos/status", ("GET",), "import/videos/status", query="id=x"),
    Endpoint("import/files", ("POST",), "import/files", takes_body=True),
    Endpoint("import/files/status", ("GET",), "import/files/status", query="id=x"),
    Endpoint("import/documents", ("POST",), "import/documents", takes_body=True),
    Endpoint("import/documents/status", ("GET",), "import/documents/status", query="id=x"),
    Endpoint("import/mediaLibrary", ("POST",), "import/mediaLibrary", takes_body=True),
    Endpoint("images/<str:slug>", ("GET",), "images/{}", token=False),
    Endpoint("mediaLibrary", ("GET",), "mediaLibrary", query="ids=x"),
    Endpoint("mediaLibrary/<str:media_id>", ("GET", "PATCH"), "mediaLibrary/{}", takes_body=True),
    Endpoint(
        "mediaLibrary/<str:media_id>/incomingDocumentReferences",
        ("GET",),
        "mediaLibrary/{}/incomingDocumentReferences",
    ),
    Endpoint(
        "mediaLibrary/<str:media_id>/incomingMediaReferences", ("GET",), "mediaLibrary/{}/incomingMediaReferences"
    ),
    Endpoint("mediaLibrary/<str:media_id>/usageLog", ("GET",), "mediaLibrary/{}/usageLog"),
    Endpoint("mediaLibrary/<str:media_id>/keys", ("GET",), "mediaLibrary/{}/keys", version="2026-03"),
    Endpoint("mediaLibrary/serve-image/<path:key>", ("GET",), "mediaLibrary/serve-image/{}", version="2025-03"),
    Endpoint("documents/latestPublications", ("GET",), "documents/latestPublications"),
    Endpoint("documents/<int:document_id>/latestPublication", ("GET",), "documents/1/latestPublication"),
    Endpoint("documents/<int:document_id>/latestDraft", ("GET",), "documents/1/latestDraft", version="beta"),
    Endpoint(
        "documents/<int:document_id>/incomingDocumentReferences", ("GET",), "documents/1/incomingDocumentReferences"
    ),
    Endpoint("documents/<int:document_id>/incomingMediaReferences", ("GET",), "documents/1/incomingMediaReferences"),
    Endpoint("drafts/<int:document_id>/incomingDocumentReferences", ("GET",), "drafts/1/incomingDocumentReferences"),
    Endpoint("publicationEvents", ("GET",), "publicationEvents"),
    Endpoint("publicationEvents/<str:channel_handle>", ("GET",), "publicationEvents/web"),
    Endpoint("projectConfig", ("GET", "POST"), "projectConfig", takes_body=True),
    Endpoint("channelConfig", ("GET", "POST"), "channelConfig", takes_body=True),
    Endpoint("publications/search", ("GET",), "publications/search"),
    Endpoint("design", ("GET",), "design"),
    Endpoint("design/<str:design_version>", ("GET",), "design/1.0.1"),
    Endpoint("categories", ("GET",), "categories"),
    Endpoint("categories/<str:category_id>", ("GET",), "categories/{}"),
    Endpoint("documents/<int:document_id>/commands", ("PATCH",), "documents/1/commands", takes_body=True),
    Endpoint("openapi.json", ("GET",), "openapi.json", token=False),
    Endpoint("openapi.yaml", ("GET",), "openapi.yaml", token=False),
    Endpoint("menus", ("GET",), "menus"),
    Endpoint("menus/<str:channel_handle>", ("GET",), "menus/web"),
]
