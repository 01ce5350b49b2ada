"""A configuration that has every documented key (spec 4.10), with values as the original's documentation shows them."""

from typing import Any

_POLICY = [{"provider": "getty", "enabled": True, "hosts": ["media.example"]}]
_TITLE = {
    "id": "1",
    "handle": "title",
    "type": "li-text",
    "config": {
        "minLength": 5,
        "maxLength": 200,
        "recommendedMinLength": 50,
        "recommendedMaxLength": 150,
        "allowNewlines": False,
        "required": False,
        "requiredErrorMessage": "Please provide a title",
        "hideFromForm": False,
        "translatable": False,
        "index": True,
        "acme": {"anything": 1},
    },
    "ui": {"component": "liMetaTextForm", "label": {"en": "Title"}, "config": {"readOnly": False, "placeholder": "…"}},
}
_IMAGE = {
    "handle": "image",
    "type": "mediaImage",
    "info": {"label": {"en": "Images"}, "description": ""},
    "metadata": [_TITLE, {"handle": "licence", "type": "li-license-profile", "config": {"index": True}}],
    "asset": {"translatable": True, "replaceable": True},
    "exifExtraction": {"mappings": [{"field": "Title", "metadataPropertyName": "title"}]},
    "hugoExtraction": {"mappings": [{"field": "title", "metadataPropertyName": "title"}]},
    "comyanExtraction": {"mappings": [{"fullObject": True, "metadataPropertyName": "title"}]},
    "mediaSources": [{"handle": "desk", "plugin": "desk", "info": {"label": "Desk"}, "config": {"a": 1}}],
    "deletionRoutine": {"enabled": False, "filters": [{"type": "archived", "value": True}]},
    "editor": {"dashboard": "images", "managementDashboard": "images"},
    "hidden": False,
}
_ARTICLE = {
    "handle": "article",
    "documentType": "article",
    "isAuthor": False,
    "displayTitlePattern": "{{metadata.title}}",
    "info": {"label": "Article", "description": {"de": "Artikel"}, "icon": "file"},
    "editorWrapper": '<section class="doc-section"></section>',
    "defaultComponents": {"paragraph": "p", "image": "figure", "video": "video"},
    "defaultContent": [{"component": "head"}],
    "defaultMetadata": {"title": "…"},
    "metadata": [
        _TITLE,
        {"handle": "slug", "type": "li-unique-id", "config": {"regex": "^[a-z]+$", "uniquenessScope": "slugs"}},
        {"handle": "licences", "type": "li-task-v2", "config": {"icon": "check", "showInTaskList": True}},
    ],
    "metadataGroups": [{"label": "General", "expanded": True, "properties": ["title"]}],
    "metadataPreviews": [
        {"iframe": {"src": "https://a.example", "sandbox": "", "height": 1}, "metadataProperties": []}
    ],
    "components": ["head", {"name": "p", "conditions": ["brands", "dateTime"]}],
    "componentGroups": [{"name": "text", "label": "Text", "components": ["p"]}],
    "allowedMediaTypes": {"mediaImage": ["image"], "mediaVideo": [], "mediaFile": []},
    "defaultMediaTypes": {"mediaImage": "image"},
    "imageSourcePolicy": _POLICY,
    "videoSourcePolicy": _POLICY,
    "editor": {"ui": {"disableEditTitleAtToolbar": True}, "images": {"useDashboard": "images"}, "whatever": [1]},
    "documentCreationDisabled": False,
    "documentCopyFlows": [{"useDocumentCopyFlow": "copy"}],
    "documentPrintFlows": [{"useDocumentPrintFlow": "print"}],
    "documentTransformFlows": [{"useDocumentTransformFlow": "transform"}],
    "documentPreviews": ["web"],
    "viewAfterDocumentCreation": "edit",
    "inbox": {"useDashboardColumns": "inbox", "contentTypes": ["article"], "mediaTypes": ["image"]},
    "deliveries": [{"deliveryName": "web", "isPrimary": True}],
    "publishControl": {
        "publishSchedule": True,
        "unpublishSchedule": True,
        "significantPublicationDate": True,
        "visiblePublicationDateOverride": True,
        "embargo": True,
        "mode": "publish",
        "deliveryHandle": "web",
        "resetVisiblePublicationDateOverrideOnSignificantUpdate": False,
        "visiblePublicationDatePreference": ["significantPublicationDate"],
    },
    "publicationIndex": {"sortDate": {"fieldName": "date", "type": "metadata"}},
    "routing": {"enabled": True, "pathPatterns": {"type": "path", "current": "/:slug", "legacy": []}},
    "teaserPreview": {"enabled": True, "renderSettings": [], "teasers": []},
    "teaserComponents": [{"component": "teaser", "directiveName": "teaser"}],
    "migrations": [{"migrateFunctionHandle": "m1", "context": {"anything": True}}],
    "kordiam": {"publication": 1},
    "desknet": {"publication": 1},
}
_EDITABLE = {
    "name": "text",
    "type": "editable",
    "minLength": 1,
    "maxLength": 100,
    "recommendedMinLength": 20,
    "recommendedMaxLength": 80,
    "excludeFromTextCount": False,
    "placeholder": "…",
    "optional": True,
    "anchor": True,
}
_COMPONENTS = [
    {"name": "head", "label": "Head", "html": "<h1></h1>", "directives": [_EDITABLE | {"plainText": True}]},
    {
        "name": "p",
        "label": "Paragraph",
        "description": "Text",
        "iconUrl": "https://a.example/p.svg",
        "html": "<p></p>",
        "properties": ["depth"],
        "allowedParents": ["box"],
        "excludeFromTextCount": True,
        "directives": {"text": {"type": "editable", "tagAllowlist": ["b"]}, "more": {"type": "editable"}},
    },
    {
        "name": "box",
        "html": "<div></div>",
        "directives": [
            {
                "name": "children",
                "type": "container",
                "allowedChildren": ["p"],
                "defaultComponents": {"paragraph": "p"},
            },
            {"name": "filled", "type": "container", "defaultContent": [{"component": "p"}]},
            {"name": "denied", "type": "editable", "tagDenylist": ["script"]},
            {
                "name": "image",
                "type": "image",
                "imageRatios": ["1:1"],
                "recommendedRatios": ["16:9"],
                "allowOriginalRatio": True,
                "namedCrops": [{"name": "mobile", "isDefault": True}],
                "srcSet": {"defaultWidth": 1000},
                "backgroundImage": {"maxWidth": 1000},
                "renderStrategy": "imgTag",
            },
            {"name": "video", "type": "video", "video": {"muted": True}},
            {
                "name": "include",
                "type": "include",
                "service": "teaser",
                "services": [{"service": "teaser"}],
                "config": {"a": 1},
                "defaultParams": {"b": 2},
                "paramsSchemaExtension": [],
            },
            {"name": "link", "type": "link", "prefill": True},
            {"name": "style", "type": "style", "properties": ["depth"]},
            {"name": "toggle", "type": "toggle", "label": "Toggle", "default": True},
            {"name": "html", "type": "html"},
        ],
    },
]
_WEBHOOKS = {
    "active": True,
    "configurations": [
        {
            "handle": "cache",
            "label": "Cache",
            "description": "Purges",
            "url": "https://a.example",
            "active": True,
            "secret": {"$secretRef": {"name": "cache"}},
            "exposeUserActor": False,
            "events": ["document.publish"],
        },
        {"handle": "desk", "url": "https://b.example", "secret": "hush", "events": []},
    ],
}
FULL: dict[str, Any] = {
    "v": 2,
    "design": {"name": "gazette", "version": "1.0.0"},
    "settings": {
        "handle": "gazette",
        "label": "Gazette",
        "languages": {
            "available": [{"label": "German", "locale": "de"}],
            "defaultLanguage": {"label": "German", "locale": "de"},
            "requiredOnCreation": True,
            "translationWorkflow": True,
        },
        "integrations": {
            "retresco": {"enabled": True, "apiKey": {"$secretRef": {"name": "retresco"}}},
            "imatrics": {"url": "https://c.example", "anything": [{"secret": {"$secretRef": {"name": "x"}}}]},
        },
        "kordiam": {"platforms": [1]},
        "desknet": {"platforms": [1]},
        "includeServices": [
            {
                "handle": "teaser",
                "rendering": {"type": "remote", "url": "https://d.example", "timeout": 3000},
                "config": {"a": 1},
                "defaultParams": {"b": 2},
                "blockEditorInteraction": "always",
                "paramsSchema": [{"handle": "layout", "type": "li-text"}],
            }
        ],
        "webhooks": _WEBHOOKS,
        "copy": [{"anything": 1}],
        "defaultMediaTypes": {"mediaImage": "image"},
        "inbox": {"keepItemsOnDrop": True},
        "imageSourcePolicy": _POLICY,
        "videoSourcePolicy": _POLICY,
        "pushNotifications": {"topics": [{"handle": "all", "label": "All", "value": "all"}]},
        "tracking": {"enabled": False},
        "lists": {"anything": 1},
        "import": {"completeness": "publish", "requireMediaMetadata": True, "webhookSecret": "hunter2"},
        "mediaLibrary": {"revokeDeletesAsset": False, "requireStoredAsset": False},
    },
    "contentTypes": [_ARTICLE, {"handle": "collection", "documentType": "data-record"}],
    "mediaTypes": [_IMAGE],
    "components": _COMPONENTS,
    "imageCollections": {"mediaTypes": ["image"], "useDashboard": "images", "pageTitle": {"en": "Collections"}},
    "categories": [
        {"id": "home", "label": "Home", "path": "/"},
        {
            "id": "news",
            "label": "News",
            "path": "/news",
            "parent": "home",
            "archived": False,
            "metadata": {"adId": "foo"},
        },
    ],
    "designSettings": {
        "label": "Gazette",
        "description": "…",
        "author": "us",
        "assets": {"css": ["https://a.example/a.css"], "js": [], "basePath": "/"},
        "mediaRendering": {
            "imgTagRenderStrategy": "srcSet",
            "anyTagRenderStrategy": "backgroundImage",
            "backgroundImage": {"defaultWidth": 1000, "maxWidth": 2000, "cssVars": {"a": "b"}},
            "srcSet": {"defaultWidth": 1000, "widths": [1000, 600], "sizes": ["100vw"]},
            "video": {"controls": True, "loop": False, "autoplay": False, "muted": True, "preload": "auto"},
        },
        "componentProperties": [
            {"name": "depth", "label": "Shadow", "type": "option", "value": "z-depth-2"},
            {"name": "colour", "label": "Colour", "type": "select", "options": [{"caption": "Red", "value": "red"}]},
            {"name": "width", "label": "Width", "type": "style", "cssProperty": "width"},
        ],
        "componentGroups": [{"name": "text", "label": "Text", "components": ["p"]}],
        "defaultComponents": {"paragraph": "p"},
        "fieldExtractor": [{"identifier": "title", "type": "text", "matches": ["head.text"]}],
        "namedCrops": [{"handle": "mobile", "label": "Mobile", "recommendedRatios": ["1:1"]}],
        "prefilledComponents": [{"component": "p", "content": [{"directive": "text", "value": "…", "type": "text"}]}],
    },
    "deliveries": [
        {
            "handle": "web",
            "label": "Website",
            "isPrimary": True,
            "icon": "book-open",
            "url": {"origin": "https://a.example", "pathPattern": "/doc/{id}"},
            "build": {"enabled": True, "type": "publication", "triggerButtonLabel": "Build"},
        }
    ],
    "editorSettings": {
        "mainNavigation": [{"handle": "articles", "label": "Articles"}, {"liItem": "mediaLibrary"}],
        "mainNavigationGroups": [{"handle": "content", "label": "Content"}],
        "dashboards": [
            {"handle": "articles", "columns": [{"handle": "a", "label": "A"}, {"label": "B"}, {"label": "C"}]}
        ],
        "anything": {"of": ["the", {"editor": 1.5}]},
    },
    "externalSystems": [
        {
            "handle": "other",
            "label": "Other",
            "type": "livingdocs",
            "livingdocsServerToken": {"$secretRef": {"name": "y"}},
        }
    ],
    "notifications": {"actionGroups": [{"handle": "all", "actions": ["task.change"]}], "notifyTaskRequester": True},
    "import": {"allowedProjects": [{"handle": "clone", "contentTypeMapping": {"a": "b"}, "mediaTypeMapping": {}}]},
    "export": {"allowedProjects": [{"handle": "clone"}]},
    "finiteProducts": [{"issueContentType": "issue", "issueMemberContentTypes": ["article"]}],
    "brands": [{"handle": "main", "label": "Main", "iconUrl": "https://a.example/m.svg", "isDefault": True}],
    "newsAgency": {
        "functionHandle": "report",
        "screens": [{"handle": "wire", "pageTitle": "Wire", "search": {"strategy": "fulltext"}, "baseFilters": []}],
        "sources": [{"label": "sda", "value": "sda"}],
        "categories": [{"label": {"en": "Sport"}, "value": "sport"}],
        "notifications": [{"handle": "sport", "label": "Sport", "category": ["sport"]}],
    },
    "mediaCenter": {
        "usagePurposes": [{"handle": "web", "label": "Web", "contentType": "article", "internal": False}],
        "licenseProfiles": {
            "enabled": True,
            "approvalTaskHandle": "licences",
            "profiles": [
                {
                    "handle": "staff",
                    "label": "Staff",
                    "color": "#00ff00",
                    "approvalRequired": True,
                    "rules": {"web": {"costClass": "free", "billingMode": "never"}},
                }
            ],
        },
    },
}


def large_config() -> dict[str, Any]:
    """A configuration of the size of the largest real ones, 2 MB: 60 content types of 60 properties, 700 components."""
    components = [
        {
            "name": f"component-{n}",
            "label": f"Component {n}",
            "html": f'<div class="c{n}"><h2 doc-editable="title">T</h2><p doc-editable="text">x</p></div>',
            "directives": [
                {"name": "title", "type": "editable", "minLength": 1, "maxLength": 100, "plainText": True},
                {"name": "text", "type": "editable", "tagAllowlist": ["b", "i", "a"]},
            ],
        }
        for n in range(700)
    ]
    ui = {"label": {"de": "Titel", "en": "Title"}, "config": {"readOnly": False}}
    limits = {"maxLength": 200, "required": True, "index": True}
    return {
        "v": 2,
        "components": components,
        "contentTypes": [
            {
                "handle": f"type-{n}",
                "documentType": "article",
                "info": {"label": {"de": "x", "en": "y"}},
                "components": [{"name": component["name"]} for component in components],
                "metadata": [
                    {"handle": f"property-{m}", "type": "li-text", "config": {**limits}, "ui": ui} for m in range(60)
                ],
            }
            for n in range(60)
        ],
        "editorSettings": {
            "dashboards": [
                {
                    "handle": f"dashboard-{n}",
                    "columns": [{"label": f"Column {m}", "minWidth": 100, "componentName": "cell"} for m in range(12)],
                }
                for n in range(250)
            ]
        },
    }
