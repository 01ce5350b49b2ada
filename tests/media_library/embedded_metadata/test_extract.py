"""Captions inside image files fill metadata: which field names there are, and which place wins."""

from io import BytesIO
from typing import NamedTuple

import pytest

from media_library.embedded_metadata import extract, fields
from tests import images


class Mapping(NamedTuple):
    field: str
    metadata_property_name: str


def extracted(data: bytes, *mappings: tuple[str, str], mime_type: str = "image/jpeg") -> dict[str, str]:
    return extract.extract(BytesIO(data), mime_type, [Mapping(*mapping) for mapping in mappings])


def alternatives(tag: str, text: str) -> str:
    return f'<{tag}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{tag}>'


EVERYWHERE = images.jpeg(
    xmp=images.packet(alternatives("dc:description", "from XMP")),
    iim=images.captions({120: "from IIM", 5: "IIM title"}),
    exif={0x010E: "from EXIF", 0x013B: "EXIF artist"},
)


def test_the_mappings_of_a_media_type_fill_its_properties() -> None:
    """IMG-39"""
    found = extracted(EVERYWHERE, ("Title", "title"), ("Description", "caption"), ("Creator", "author"))
    assert found == {"title": "IIM title", "caption": "from XMP", "author": "EXIF artist"}


def test_xmp_wins_over_iim_and_iim_over_exif() -> None:
    """IMG-39"""
    iim_and_exif = images.jpeg(iim=images.captions({120: "from IIM"}), exif={0x010E: "from EXIF"})
    only_exif = images.jpeg(exif={0x010E: "from EXIF"})
    assert extracted(EVERYWHERE, ("Description", "x")) == {"x": "from XMP"}
    assert extracted(iim_and_exif, ("Description", "x")) == {"x": "from IIM"}
    assert extracted(only_exif, ("Description", "x")) == {"x": "from EXIF"}


def test_an_empty_value_does_not_win() -> None:
    data = images.jpeg(xmp=images.packet(alternatives("dc:description", " ")), iim=images.captions({120: "from IIM"}))
    assert extracted(data, ("Description", "x")) == {"x": "from IIM"}


def test_of_several_mappings_for_a_property_the_first_with_content_wins() -> None:
    """IMG-39"""
    data = images.jpeg(iim=images.captions({105: "headline", 5: "title"}))
    assert extracted(data, ("Credit", "x"), ("Headline", "x"), ("Title", "x")) == {"x": "headline"}
    assert extracted(data, ("Title", "x"), ("Headline", "x")) == {"x": "title"}


def test_one_field_may_fill_several_properties() -> None:
    data = images.jpeg(iim=images.captions({5: "title"}))
    assert extracted(data, ("Title", "x"), ("Object Name", "y")) == {"x": "title", "y": "title"}


def test_what_is_not_there_is_left_out() -> None:
    assert extracted(images.jpeg(), ("Title", "title")) == {}
    assert extracted(EVERYWHERE, ("No such field", "title")) == {}
    assert extracted(EVERYWHERE) == {}


def test_other_types_have_no_captions() -> None:
    assert extracted(images.svg(), ("Title", "title"), mime_type="image/svg+xml") == {}
    assert extracted(images.gif(), ("Title", "title"), mime_type="image/gif") == {}
    assert extracted(b"no image", ("Title", "title"), mime_type="image/png") == {}


# "Exif Extraction" in the documentation of media types lists these names and aliases.
DOCUMENTED = """
City (legacy): City, City legacy, cityName
Copyright Notice: rights
Country (legacy): Country legacy, Country/Primary Location Name
Country Code (legacy): Country Code
Creator: By-line
Creator\N{RIGHT SINGLE QUOTATION MARK}s Contact Info: Creator Contact Info, creatorContactInfo, CreatorContactInfo
Creator\N{RIGHT SINGLE QUOTATION MARK}s jobtitle: AuthorsPosition, By-line Title
Credit Line: Credit, Provider
Date Created: DateCreated
Time Created:
Description: Caption/Abstract, Caption, description, caption
Description Writer: Writer/Editor, CaptionWriter
Headline:
Instructions:
Intellectual Genre: Object Attribute Reference
Job Id: TransmissionReference, Original Transmission Reference
Keywords: subject
Province or State: State, Province/State
Rights Usage Terms: UsageTerms
Scene Code: Scene
Source:
Subject Code: Subject Reference
Sublocation (legacy): Location, Sub-location
Title: Object Name, title
Additional Model Information: AddlModelInfo
Artwork or Object in the Image: ArtworkOrObject
Code of Organisation Featured in the Image: OrganisationInImageCode
Copyright Owner: CopyrightOwner
CV-Term About Image: AboutCvTerm
Digital Image GUID: DigImageGUID
Digital Source Type: DigitalSourceType
Embedded Encoded Rights Expression: EmbdEncRightsExpr
Event:
Genre:
Image Creator: ImageCreator
Image Rating: Rating
Image Region: ImageRegion
Image Registry Entry: RegistryId
Image Supplier: ImageSupplier
Image Supplier Image ID: ImageSupplierImageID
Licensor:
Linked Encoded Rights Expression: LinkedEncRightsExpr
Location created: LocationCreated
Location Shown in the Image: LocationShown
Max Avail Height: MaxAvailHeight
Max Avail Width: MaxAvailWidth
Minor Model Age Disclosure: MinorModelAgeDisclosure
Model Age: ModelAge
Model Release Id: ModelReleaseID
Model Release Status: ModelReleaseStatus
Name of Organisation Featured in the Image: OrganisationInImageName
Person Shown in the Image: PersonInImage
Person Shown in the Image with Details: PersonInImageWDetails
PLUS Version:
Product Shown in the Image: ProductInImage
Property Release Id: PropertyReleaseID
Property Release Status: PropertyReleaseStatus
Web Statement of Rights: WebStatement
Artwork or Object in the Image structure: ArtworkOrObject
"""


@pytest.mark.parametrize("line", DOCUMENTED.strip().splitlines())
def test_documented_names_and_aliases_mean_the_same_field(line: str) -> None:
    """IMG-39"""
    name, _, aliases = line.partition(":")
    field = fields.find(name)
    assert field is not None
    assert field.xmp
    for alias in filter(None, map(str.strip, aliases.split(","))):
        assert fields.find(alias) is field


def test_no_name_means_two_fields() -> None:
    names = [name for field in fields.FIELDS for name in (field.name, *field.aliases)]
    assert all(name in (field.name, *field.aliases) for name in names if (field := fields.find(name)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("XMP-dc:description", "from XMP"),
        ("XMP-dc:Description", "from XMP"),
        ("dc:description", "from XMP"),
        ("IPTC:Caption-Abstract", "from IIM"),
        ("IPTC:ObjectName", "IIM title"),
        ("EXIF:ImageDescription", "from EXIF"),
        ("IFD0:Artist", "EXIF artist"),
    ],
)
def test_a_place_may_be_named_directly(name: str, text: str) -> None:
    assert extracted(EVERYWHERE, (name, "x")) == {"x": text}


@pytest.mark.parametrize("name", ["IPTC:Nothing", "EXIF:Nothing", "XMP-unknown:title", "IPTC:Event", ":", "", "a:b:c"])
def test_places_that_do_not_exist(name: str) -> None:
    assert fields.find(name) is None


def test_a_png_has_all_three_too() -> None:
    """IMG-39"""
    profile = images.raw_profile("iptc", images.resource(0x0404, images.captions({120: "IIM caption"})))
    data = images.png(
        xmp=images.packet(alternatives("dc:title", "XMP title")),
        exif={0x013B: "EXIF artist"},
        texts=[("Raw profile type iptc", profile, True)],
    )
    found = extracted(data, ("Title", "t"), ("Description", "d"), ("Creator", "c"), mime_type="image/png")
    assert found == {"t": "XMP title", "d": "IIM caption", "c": "EXIF artist"}
