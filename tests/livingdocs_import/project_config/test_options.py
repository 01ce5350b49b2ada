"""Every option of a project's configuration has a reader in the code, or is warned of, or is there for people.

The options of metadata plugins are not listed: a plugin compiles them where it reads them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NOT_READING = {"consistency.py", "known_keys.py", "shown.py"}  # check on the way in what is kept for others, or show it
READ_IN = [
    *(path for path in (ROOT / "livingdocs_import/project_config").glob("*.py") if path.name not in NOT_READING),
    ROOT / "livingdocs_import/metadata/definitions.py",
]
NODE_METHODS = {"choice", "flag", "items", "objects", "only", "required", "section", "text", "texts", "whole"}

FOR_PEOPLE = "nothing depends on it: it is there for people, or for the pages of an editor"
NO_EFFECT_YET = "kept, and warned of: test_parse.py"
SCHEMA = "livingdocs_import/metadata/schema.py"
MESSAGES, RECEIVERS = "livingdocs_import/webhooks/messages.py", "livingdocs_import/webhooks/receivers.py"

# Option -> where what it says is used, as FILE:ATTRIBUTE; `*` stands for an element or a key.
OPTIONS = {
    "/v": "livingdocs_import/project_config/__init__.py:add_problem",
    "/design/name": "documents/content/compiled_design.py:name",
    "/design/version": "documents/content/compiled_design.py:version",
    "/settings/handle": FOR_PEOPLE,
    "/settings/label": FOR_PEOPLE,
    "/settings/languages/available/*/locale": "documents/revisions/translations.py:locales",
    "/settings/languages/defaultLanguage/locale": "documents/revisions/translations.py:default_locale",
    "/settings/defaultMediaTypes/mediaImage": "imports/handlers/media_handler.py:default_media_type",
    "/settings/defaultMediaTypes/mediaVideo": "imports/handlers/media_handler.py:default_media_type",
    "/settings/defaultMediaTypes/mediaFile": "imports/handlers/media_handler.py:default_media_type",
    "/settings/includeServices/*/handle": "documents/revisions/design_lookup.py:include_services",
    "/settings/includeServices/*/paramsSchema": "documents/revisions/design_lookup.py:include_services",
    "/settings/webhooks/active": f"{RECEIVERS}:active",
    "/settings/webhooks/configurations/*/active": f"{RECEIVERS}:active",
    "/settings/webhooks/configurations/*/handle": f"{MESSAGES}:handle",
    "/settings/webhooks/configurations/*/label": FOR_PEOPLE,
    "/settings/webhooks/configurations/*/description": FOR_PEOPLE,
    "/settings/webhooks/configurations/*/url": "livingdocs_import/webhooks/events.py:url",
    "/settings/webhooks/configurations/*/secret/$secretRef/name": f"{RECEIVERS}:secret",
    "/settings/webhooks/configurations/*/exposeUserActor": f"{MESSAGES}:exposes_user",
    "/settings/webhooks/configurations/*/events/*/name": "livingdocs_import/webhooks/events.py:subscriptions",
    "/settings/webhooks/configurations/*/events/*/conditions/contentTypes": f"{MESSAGES}:content_types",
    "/settings/webhooks/configurations/*/events/*/conditions/deliveryHandles": f"{MESSAGES}:deliveries",
    "/settings/webhooks/configurations/*/events/*/conditions/metadataProperties/*/name": f"{MESSAGES}:metadata",
    "/settings/webhooks/configurations/*/events/*/conditions/metadataProperties/*/value": f"{MESSAGES}:metadata",
    "/settings/webhooks/configurations/*/events/*/changeFilter/metadataProperties": f"{MESSAGES}:changed",
    "/settings/import/completeness": "documents/revisions/validate.py:completeness_always",
    "/settings/import/requireMediaMetadata": "imports/handlers/media_handler.py:require_media_metadata",
    "/settings/import/webhookSecret": "livingdocs_import/project_config/store.py:import_webhook_secret",
    "/settings/mediaLibrary/revokeDeletesAsset": "media_library/entries/patch_operations.py:revoke_deletes_asset",
    "/settings/mediaLibrary/requireStoredAsset": "media_library/entries/create.py:require_stored_asset",
    "/settings/mediaLibrary/imageLimits/maxBytes": "imports/handlers/images.py:max_bytes",
    "/settings/mediaLibrary/imageLimits/maxPixels": "imports/handlers/images.py:max_pixels",
    "/settings/mediaLibrary/imageLimits/maxFrames": "imports/handlers/images.py:max_frames",
    "/settings/mediaLibrary/imageService/name": "imports/api/responses.py:image_service",
    "/settings/mediaLibrary/imageService/host": "imports/api/responses.py:host",
    "/mediaTypes/*/handle": "imports/handlers/media_handler.py:media_type",
    "/mediaTypes/*/type": "imports/handlers/media_handler.py:base_type",
    "/mediaTypes/*/metadata": "imports/handlers/media_handler.py:metadata",
    "/mediaTypes/*/info/label": "media_library/admin/facets.py:label",
    "/mediaTypes/*/asset/translatable": "media_library/entries/patch_operations.py:asset_translatable",
    "/mediaTypes/*/asset/replaceable": FOR_PEOPLE,
    "/mediaTypes/*/exifExtraction/mappings/*/field": "imports/handlers/images.py:exif_mappings",
    "/mediaTypes/*/exifExtraction/mappings/*/metadataPropertyName": (
        "media_library/embedded_metadata/extract.py:metadata_property_name"
    ),
    "/contentTypes/*/handle": "documents/importing/validation.py:content_types",
    "/contentTypes/*/documentType": "documents/importing/steps.py:document_type",
    "/contentTypes/*/metadata": "documents/revisions/validate.py:metadata",
    "/contentTypes/*/components/*/name": "documents/revisions/validate.py:components",
    "/contentTypes/*/publishControl/visiblePublicationDatePreference": (
        "documents/api/responses.py:visible_publication_date_preference"
    ),
    "/contentTypes/*/publishControl/mode": "documents/revisions/webhook_events.py:delivery_handle",
    "/contentTypes/*/publishControl/deliveryHandle": "documents/revisions/webhook_events.py:delivery_handle",
    "/contentTypes/*/publicationIndex/sortDate/fieldName": "documents/search/indexed.py:sort_date_field",
    "/contentTypes/*/displayTitlePattern": NO_EFFECT_YET,
    "/contentTypes/*/defaultMediaTypes/mediaImage": NO_EFFECT_YET,
    "/contentTypes/*/defaultMediaTypes/mediaVideo": NO_EFFECT_YET,
    "/contentTypes/*/defaultMediaTypes/mediaFile": NO_EFFECT_YET,
    "/mediaCenter/usagePurposes/*/handle": "media_library/entries/usage_log.py:purposes",
    "/mediaCenter/usagePurposes/*/label": FOR_PEOPLE,
    "/mediaCenter/usagePurposes/*/internal": FOR_PEOPLE,
    "/mediaCenter/usagePurposes/*/contentType": "documents/revisions/media_usage.py:by_content_type",
    "/mediaCenter/usagePurposes/*/recordUsageLogEntry": "documents/revisions/media_usage.py:function",
    "/mediaCenter/usagePurposes/*/paramsSchema": "media_library/entries/usage_log.py:params",
    "/mediaCenter/licenseProfiles/enabled": "documents/revisions/licenses.py:gated",
    "/mediaCenter/licenseProfiles/approvalTaskHandle": "documents/revisions/licenses.py:approval_task",
    "/mediaCenter/licenseProfiles/profiles/*/handle": "documents/revisions/license_rules.py:profiles",
    "/mediaCenter/licenseProfiles/profiles/*/label": FOR_PEOPLE,
    "/mediaCenter/licenseProfiles/profiles/*/color": FOR_PEOPLE,
    "/mediaCenter/licenseProfiles/profiles/*/approvalRequired": (
        "documents/revisions/license_rules.py:approval_required"
    ),
    "/mediaCenter/licenseProfiles/profiles/*/rules/*/costClass": FOR_PEOPLE,
    "/mediaCenter/licenseProfiles/profiles/*/rules/*/billingMode": "documents/revisions/media_usage.py:rules",
    "/newsAgency/functionHandle": NO_EFFECT_YET,
    "/newsAgency/screens/*/handle": FOR_PEOPLE,
    "/newsAgency/screens/*/pageTitle": FOR_PEOPLE,
    "/newsAgency/screens/*/search": FOR_PEOPLE,
    "/newsAgency/screens/*/baseFilters": FOR_PEOPLE,
    "/newsAgency/sources/*/label": FOR_PEOPLE,
    "/newsAgency/sources/*/value": FOR_PEOPLE,
    "/newsAgency/categories/*/label": FOR_PEOPLE,
    "/newsAgency/categories/*/value": FOR_PEOPLE,
    "/newsAgency/notifications/*/handle": FOR_PEOPLE,
    "/newsAgency/notifications/*/label": FOR_PEOPLE,
    "/newsAgency/notifications/*/category": FOR_PEOPLE,
    "/components/*/name": "documents/content/compiled_design.py:components",
    "/components/*/label": FOR_PEOPLE,
    "/components/*/html": "livingdocs_import/project_config/design.py:feed",
    "/components/*/allowedParents": "documents/content/compiled_design.py:allowed_parents",
    "/components/*/properties": "documents/content/compiled_design.py:properties",
    "/components/*/directives/*/name": "documents/content/compiled_design.py:directives",
    "/components/*/directives/*/type": "documents/content/directives.py:type",
    "/components/*/directives/*/plainText": "documents/content/directives.py:plain_text",
    "/components/*/directives/*/tagAllowlist": "documents/content/directives.py:tag_allowlist",
    "/components/*/directives/*/tagDenylist": "documents/content/directives.py:tag_denylist",
    "/components/*/directives/*/minLength": "documents/content/compiled_design.py:min_length",
    "/components/*/directives/*/maxLength": "documents/content/compiled_design.py:max_length",
    "/components/*/directives/*/allowedChildren": "documents/content/compiled_design.py:allowed_children",
    "/components/*/directives/*/properties": "documents/content/directives.py:properties",
    "/components/*/directives/*/service": "documents/content/directives.py:services",
    "/components/*/directives/*/services/*/service": "documents/content/directives.py:services",
    # One metadata property, wherever it is defined
    "/*/metadata/*/id": FOR_PEOPLE,
    "/*/metadata/*/handle": f"{SCHEMA}:handle",
    "/*/metadata/*/type": "documents/api/responses.py:plugin",
    "/*/metadata/*/config/required": f"{SCHEMA}:required",
    "/*/metadata/*/config/requiredErrorMessage": f"{SCHEMA}:required",
    "/*/metadata/*/config/index": "documents/search/properties.py:indexed",
    "/*/metadata/*/config/translatable": f"{SCHEMA}:translatable",
    "/*/metadata/*/ui/label": f"{SCHEMA}:label",
}


def keys_read_in(path: Path) -> Iterator[str]:
    """The literal keys: node.text("handle"), read_secret(node, "secret"), node["url"], "components" in node."""
    for node in ast.walk(ast.parse(path.read_text())):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in NODE_METHODS:
            found = node.args
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
            found = node.args[1:2]
        elif isinstance(node, ast.Subscript):
            found = [node.slice]
        elif isinstance(node, ast.Compare):
            found = [node.left]
        yield from (each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str))


def test_every_option_that_is_read_is_listed_and_no_other() -> None:
    read = {key for path in READ_IN for key in keys_read_in(path)}
    base_types = {"mediaImage", "mediaVideo", "mediaFile"}  # the keys of defaultMediaTypes, read in a loop
    assert {step for option in OPTIONS for step in option.split("/")[1:]} - {"*"} == read | base_types


@pytest.mark.parametrize("option", [name for name in OPTIONS if OPTIONS[name] not in (FOR_PEOPLE, NO_EFFECT_YET)])
def test_an_option_that_is_listed_has_its_reader(option: str) -> None:
    file, _, attribute = OPTIONS[option].partition(":")
    tree = ast.parse((ROOT / file).read_text())
    assert attribute in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
