"""The whole public API on one screen; what is asked most comes first, for paths are tried in this order."""

from django.urls import path, re_path

from documents.api import viewsets as documents
from imports.api import viewsets as imports
from livingdocs_import.api import views as api
from media_library.api import image_views as images
from media_library.api import viewsets as media

urlpatterns = [
    path("mediaLibrary", media.Entries.as_view()),
    path("mediaLibrary/<str:media_id>", media.Entry.as_view()),
    path("health", api.Health.as_view()),
    path("import/images", imports.ImportImages.as_view()),
    path("import/images/status", imports.ImagesStatus.as_view()),
    path("import/documents", imports.ImportDocuments.as_view()),
    path("import/documents/status", imports.DocumentsStatus.as_view()),
    path("import/mediaLibrary", imports.ImportMediaLibrary.as_view()),
    path("images/<str:slug>", images.Image.as_view()),
    path("mediaLibrary/<str:target_id>/incomingDocumentReferences", documents.IncomingReferencesOfMedia.as_view()),
    path("mediaLibrary/<str:target_id>/incomingMediaReferences", media.IncomingMediaReferences.as_view()),
    path("mediaLibrary/<str:media_id>/keys", media.Keys.as_view()),
    path("mediaLibrary/serve-image/<path:key>", images.ServeImage.as_view()),
    path("documents/latestPublications", documents.LatestPublications.as_view()),
    path("documents/<int:document_id>/latestPublication", documents.LatestPublication.as_view()),
    path("documents/<int:document_id>/latestDraft", documents.LatestDraft.as_view()),
    path("documents/<int:document_id>/incomingDocumentReferences", documents.IncomingReferencesOfDocument.as_view()),
    path("documents/<int:document_id>/incomingMediaReferences", documents.IncomingMediaReferencesOfDocument.as_view()),
    path("drafts/<int:document_id>/incomingDocumentReferences", documents.IncomingDraftReferencesOfDocument.as_view()),
    re_path(r"", api.UnknownRoute.as_view()),
]
