"""The names a media type may use for captions inside image files, and the location of each.

Livingdocs documents them under "Exif Extraction": the field names of the IPTC Photo Metadata Standard with some
aliases; XMP takes precedence over IIM. EXIF comes last, for the four fields that the standard maps. Names are compared
without regard to case, spaces and punctuation: `Caption/Abstract` is `caption abstract`.

| Field | Aliases | XMP | IIM | EXIF |
|---|---|---|---|---|
| Title | Object Name | dc:title | 2:05 | |
| Description | Caption, Caption/Abstract | dc:description | 2:120 | ImageDescription |
| Creator | By-line | dc:creator | 2:80 | Artist |
| Copyright Notice | rights | dc:rights | 2:116 | Copyright |
| Date Created | DateCreated | photoshop:DateCreated | 2:55 + 2:60 | DateTimeOriginal |
| … | | | | |

`FIELDS` below is the whole table. Three further spellings name one location directly:

* `XMP-dc:description` or `dc:description`: a property of XMP, in any namespace of `xmp.py`
* `IPTC:Caption-Abstract`: a dataset of IIM by the name that is in the table
* `EXIF:ImageDescription`: a tag of `exif.py`
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from media_library.embedded_metadata import exif, xmp


@dataclass(frozen=True, slots=True)
class Field:
    """One logical field: its documented name and aliases, and its locations in order of precedence."""

    name: str
    aliases: tuple[str, ...] = ()
    xmp: str = ""
    member: str = ""  # the member of an XMP structure with the text
    iim: int = 0  # dataset of record 2
    exif: str = ""
    kind: str = "text"  # or `date`, `time`: rendered as ISO 8601


CORE, EXTENSION, PLUS = "Iptc4xmpCore", "Iptc4xmpExt", "plus"
DAY_CREATED, TIME_CREATED = 55, 60  # IIM splits one time into two datasets

FIELDS = (
    Field("City (legacy)", ("City", "City legacy", "cityName"), "photoshop:City", iim=90),
    Field("Copyright Notice", ("rights",), "dc:rights", iim=116, exif="Copyright"),
    Field(
        "Country (legacy)",
        ("Country", "Country legacy", "Country/Primary Location Name"),
        "photoshop:Country",
        iim=101,
    ),
    Field(
        "Country Code (legacy)",
        ("Country Code", "Country/Primary Location Code"),
        f"{CORE}:CountryCode",
        iim=100,
    ),
    Field("Creator", ("By-line",), "dc:creator", iim=80, exif="Artist"),
    Field("Creator's Contact Info", ("Creator Contact Info",), f"{CORE}:CreatorContactInfo"),
    Field("Creator's jobtitle", ("AuthorsPosition", "By-line Title"), "photoshop:AuthorsPosition", iim=85),
    Field("Credit Line", ("Credit", "Provider"), "photoshop:Credit", iim=110),
    Field(
        "Date Created", ("DateCreated",), "photoshop:DateCreated", iim=DAY_CREATED, exif="DateTimeOriginal", kind="date"
    ),
    Field("Time Created", (), "photoshop:DateCreated", iim=TIME_CREATED, exif="DateTimeOriginal", kind="time"),
    Field("Description", ("Caption/Abstract", "Caption"), "dc:description", iim=120, exif="ImageDescription"),
    Field("Description Writer", ("Writer/Editor", "CaptionWriter"), "photoshop:CaptionWriter", iim=122),
    Field("Headline", (), "photoshop:Headline", iim=105),
    Field("Instructions", ("Special Instructions",), "photoshop:Instructions", iim=40),
    Field("Intellectual Genre", ("Object Attribute Reference",), f"{CORE}:IntellectualGenre", iim=4),
    Field(
        "Job Id",
        ("TransmissionReference", "Original Transmission Reference"),
        "photoshop:TransmissionReference",
        iim=103,
    ),
    Field("Keywords", ("subject",), "dc:subject", iim=25),
    Field(
        "Province or State",
        ("State", "Province/State", "Province or State (legacy)"),
        "photoshop:State",
        iim=95,
    ),
    Field("Rights Usage Terms", ("UsageTerms",), "xmpRights:UsageTerms"),
    Field("Scene Code", ("Scene",), f"{CORE}:Scene"),
    Field("Source", (), "photoshop:Source", iim=115),
    Field("Subject Code", ("Subject Reference",), f"{CORE}:SubjectCode", iim=12),
    Field("Sublocation (legacy)", ("Location", "Sub-location"), f"{CORE}:Location", iim=92),
    Field("Title", ("Object Name",), "dc:title", iim=5),
    Field("Alt Text (Accessibility)", ("AltTextAccessibility", "Alt Text"), f"{CORE}:AltTextAccessibility"),
    Field(
        "Extended Description (Accessibility)",
        ("ExtDescrAccessibility", "Extended Description"),
        f"{CORE}:ExtDescrAccessibility",
    ),
    Field("Additional Model Information", ("AddlModelInfo",), f"{EXTENSION}:AddlModelInfo"),
    Field(
        "Artwork or Object in the Image",
        ("ArtworkOrObject", "Artwork or Object in the Image structure"),
        f"{EXTENSION}:ArtworkOrObject",
        member=f"{EXTENSION}:AOTitle",
    ),
    Field(
        "Code of Organisation Featured in the Image",
        ("OrganisationInImageCode",),
        f"{EXTENSION}:OrganisationInImageCode",
    ),
    Field("Copyright Owner", (), f"{PLUS}:CopyrightOwner", member=f"{PLUS}:CopyrightOwnerName"),
    Field("CV-Term About Image", ("AboutCvTerm",), f"{EXTENSION}:AboutCvTerm", member=f"{EXTENSION}:CvTermName"),
    Field("Digital Image GUID", ("DigImageGUID",), f"{EXTENSION}:DigImageGUID", exif="ImageUniqueID"),
    Field("Digital Source Type", (), f"{EXTENSION}:DigitalSourceType"),
    Field(
        "Embedded Encoded Rights Expression",
        ("EmbdEncRightsExpr",),
        f"{EXTENSION}:EmbdEncRightsExpr",
        member=f"{EXTENSION}:EncRightsExpr",
    ),
    Field("Event", ("Event Name",), f"{EXTENSION}:Event"),
    Field("Genre", (), f"{EXTENSION}:Genre", member=f"{EXTENSION}:CvTermName"),
    Field("Image Creator", (), f"{PLUS}:ImageCreator", member=f"{PLUS}:ImageCreatorName"),
    Field("Image Rating", ("Rating",), "xmp:Rating"),
    Field("Image Region", (), f"{EXTENSION}:ImageRegion", member=f"{EXTENSION}:Name"),
    Field("Image Registry Entry", ("RegistryId",), f"{EXTENSION}:RegistryId", member=f"{EXTENSION}:RegItemId"),
    Field("Image Supplier", (), f"{PLUS}:ImageSupplier", member=f"{PLUS}:ImageSupplierName"),
    Field("Image Supplier Image ID", (), f"{PLUS}:ImageSupplierImageID"),
    Field("Licensor", (), f"{PLUS}:Licensor", member=f"{PLUS}:LicensorName"),
    Field(
        "Linked Encoded Rights Expression",
        ("LinkedEncRightsExpr",),
        f"{EXTENSION}:LinkedEncRightsExpr",
        member=f"{EXTENSION}:LinkedRightsExpr",
    ),
    Field("Location created", (), f"{EXTENSION}:LocationCreated"),
    Field("Location Shown in the Image", ("LocationShown",), f"{EXTENSION}:LocationShown"),
    Field("Max Avail Height", (), f"{EXTENSION}:MaxAvailHeight"),
    Field("Max Avail Width", (), f"{EXTENSION}:MaxAvailWidth"),
    Field("Minor Model Age Disclosure", (), f"{PLUS}:MinorModelAgeDisclosure"),
    Field("Model Age", (), f"{EXTENSION}:ModelAge"),
    Field("Model Release Id", (), f"{PLUS}:ModelReleaseID"),
    Field("Model Release Status", (), f"{PLUS}:ModelReleaseStatus"),
    Field(
        "Name of Organisation Featured in the Image",
        ("OrganisationInImageName",),
        f"{EXTENSION}:OrganisationInImageName",
    ),
    Field("Person Shown in the Image", ("PersonInImage",), f"{EXTENSION}:PersonInImage"),
    Field(
        "Person Shown in the Image with Details",
        ("PersonInImageWDetails",),
        f"{EXTENSION}:PersonInImageWDetails",
        member=f"{EXTENSION}:PersonName",
    ),
    Field("PLUS Version", (), f"{PLUS}:Version"),
    Field(
        "Product Shown in the Image",
        ("ProductInImage",),
        f"{EXTENSION}:ProductInImage",
        member=f"{EXTENSION}:ProductName",
    ),
    Field("Property Release Id", (), f"{PLUS}:PropertyReleaseID"),
    Field("Property Release Status", (), f"{PLUS}:PropertyReleaseStatus"),
    Field("Web Statement of Rights", ("WebStatement",), "xmpRights:WebStatement"),
)

PREFIXED = re.compile(r"(?P<xmp>XMP-)?(?P<prefix>\w+):(?P<name>[\w-]+)", re.IGNORECASE)
PREFIXES = {prefix.lower(): prefix for prefix in xmp.NAMESPACES.values()} | {"iptccore": CORE, "iptcext": EXTENSION}
EXIF_GROUPS = {"exif", "ifd0", "exififd"}


@lru_cache(maxsize=1_000)
def find(name: str) -> Field | None:
    """The field of a configured name; None if there is no such field."""
    if field := _by_plain_name().get(_plain(name)):
        return field
    match = PREFIXED.fullmatch(name.strip())
    if match is None:
        return None
    prefix, local = match["prefix"].lower(), match["name"]
    if match["xmp"] or prefix in PREFIXES.keys() - EXIF_GROUPS:
        return _xmp_property(name, prefix, local)
    if prefix in EXIF_GROUPS:
        return _exif_tag(name, local)
    if prefix == "iptc" and (field := _by_plain_name().get(_plain(local))) and field.iim:
        return Field(name, iim=field.iim, kind=field.kind)
    return None


def _xmp_property(name: str, prefix: str, local: str) -> Field | None:
    if prefix not in PREFIXES:
        return None
    return Field(name, xmp=f"{PREFIXES[prefix]}:{local}", kind="date" if "date" in local.lower() else "text")


def _exif_tag(name: str, local: str) -> Field | None:
    tag = _exif_names().get(local.lower())
    return Field(name, exif=tag, kind="date" if "Date" in tag else "text") if tag else None


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


@cache
def _by_plain_name() -> dict[str, Field]:
    return {_plain(name): field for field in FIELDS for name in (field.name, *field.aliases)}


@cache
def _exif_names() -> dict[str, str]:
    return {name.lower(): name for name in exif.NAMES.values()}
