"""The whole public API on one screen; the most frequent paths come first, for they are tried in this order."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from documents.api.viewsets import (
    CategoryViewSet,
    DesignViewSet,
    DocumentViewSet,
    LinkedMediaViewSet,
    MenuViewSet,
    ProjectConfigViewSet,
    PublicationEventViewSet,
    PublicationSearchViewSet,
)
from imports.api.viewsets import (
    DocumentImportViewSet,
    FileImportViewSet,
    ImageImportViewSet,
    VideoImportViewSet,
)
from livingdocs_import.api.error_responses import not_found
from livingdocs_import.api.versions import Feature
from livingdocs_import.api.viewsets import HealthViewSet
from livingdocs_import.openapi.viewsets import OpenAPIViewSet
from media_library.api.viewsets import ImageViewSet, MediaLibraryImportViewSet, MediaLibraryViewSet

urlpatterns = [
    path("mediaLibrary", MediaLibraryViewSet.as_view({"get": "list"})),
    path("mediaLibrary/<str:media_id>", MediaLibraryViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("health", HealthViewSet.as_view({"get": "retrieve"})),
    path("import/images", ImageImportViewSet.as_view({"post": "create"})),
    path("import/images/status", ImageImportViewSet.as_view({"get": "status"})),
    path("import/videos", VideoImportViewSet.as_view({"post": "create"})),
    path("import/videos/status", VideoImportViewSet.as_view({"get": "status"})),
    path("import/files", FileImportViewSet.as_view({"post": "create"})),
    path("import/files/status", FileImportViewSet.as_view({"get": "status"})),
    path("import/documents", DocumentImportViewSet.as_view({"post": "create"})),
    path("import/documents/status", DocumentImportViewSet.as_view({"get": "status"})),
    path("import/mediaLibrary", MediaLibraryImportViewSet.as_view({"post": "create"})),
    path("images/<str:slug>", ImageViewSet.as_view({"get": "retrieve"})),
    path(
        "mediaLibrary/<str:media_id>/incomingDocumentReferences",
        LinkedMediaViewSet.as_view({"get": "incoming_document_references"}),
    ),
    path(
        "mediaLibrary/<str:media_id>/incomingMediaReferences",
        MediaLibraryViewSet.as_view({"get": "incoming_media_references"}),
    ),
    path(
        "mediaLibrary/<str:media_id>/usageLog",
        MediaLibraryViewSet.as_view({"get": "usage_log"}, feature=Feature.USAGE_LOG),
    ),
    path("mediaLibrary/<str:media_id>/keys", MediaLibraryViewSet.as_view({"get": "keys"}, feature=Feature.KEYS)),
    path(
        "mediaLibrary/serve-image/<path:key>", ImageViewSet.as_view({"get": "serve_image"}, feature=Feature.SERVE_IMAGE)
    ),
    path("documents/latestPublications", DocumentViewSet.as_view({"get": "latest_publications"})),
    path("documents/<int:document_id>/latestPublication", DocumentViewSet.as_view({"get": "latest_publication"})),
    path(
        "documents/<int:document_id>/latestDraft",
        DocumentViewSet.as_view({"get": "latest_draft"}, feature=Feature.LATEST_DRAFT),
    ),
    path(
        "documents/<int:document_id>/incomingDocumentReferences",
        DocumentViewSet.as_view({"get": "incoming_document_references"}),
    ),
    path(
        "documents/<int:document_id>/incomingMediaReferences",
        DocumentViewSet.as_view({"get": "incoming_media_references"}),
    ),
    path(
        "drafts/<int:document_id>/incomingDocumentReferences",
        DocumentViewSet.as_view({"get": "incoming_draft_references"}),
    ),
    path("documents/<int:document_id>/commands", DocumentViewSet.as_view({"patch": "commands"})),
    path("publicationEvents", PublicationEventViewSet.as_view({"get": "list"})),
    path("publicationEvents/<str:channel_handle>", PublicationEventViewSet.as_view({"get": "list"})),
    path("projectConfig", ProjectConfigViewSet.as_view({"get": "retrieve", "post": "create"})),
    path(
        "channelConfig",
        ProjectConfigViewSet.as_view({"get": "retrieve", "post": "create"}, feature=Feature.CHANNEL_CONFIG),
    ),
    path("publications/search", PublicationSearchViewSet.as_view({"get": "list"})),
    path("design", DesignViewSet.as_view({"get": "latest"})),
    path("design/<str:design_version>", DesignViewSet.as_view({"get": "retrieve"})),
    path("categories", CategoryViewSet.as_view({"get": "list"})),
    path("categories/<str:category_id>", CategoryViewSet.as_view({"get": "retrieve"})),
    path("menus", MenuViewSet.as_view({"get": "list"}, feature=Feature.MENUS)),
    path("menus/<str:channel_handle>", MenuViewSet.as_view({"get": "list"}, feature=Feature.MENUS)),
    path("openapi.json", OpenAPIViewSet.as_view({"get": "json"})),
    path("openapi.yaml", OpenAPIViewSet.as_view({"get": "yaml"})),
    re_path(r"", csrf_exempt(not_found)),
]
