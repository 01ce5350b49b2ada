"""Work with the media library, and with articles that use its photographs."""

from demo.display import expect, heading, note, state, table
from demo.media import Photographs, finished
from livingdocs_import_client import Asset, Client, Document, Flags, NewEntry, Row, set_metadata
from livingdocs_import_client.json_types import JSONObject

POSTER = "poster-1"


def create_poster(client: Client, photographs: Photographs) -> None:
    """Create an entry that links to a photograph, patch it, and list the photograph's incoming links."""
    heading("7. A ready-made entry: POST import/mediaLibrary, PATCH, GET")
    cat = photographs.rows["chelsea.png"]
    (created,) = client.create_entries([_poster(cat)])
    expect(created.entry is not None and created.entry.id == POSTER, "the entry should have its own id")
    client.patch_entry(POSTER, [set_metadata("caption", "A cat for your wall")], version=1)
    poster = client.entry(POSTER)
    expect((poster.version, poster.metadata["caption"]) == (2, "A cat for your wall"), "the patch should hold")
    note(f"{poster.id}: version {poster.version}, {poster.metadata['caption']!r}")
    links = [entry.media_id for entry in client.linking_entries(str(cat.media_id))]
    expect(links == [POSTER], "the poster should link to the cat")
    note(f"which entries link to the cat: {', '.join(links)}")


def _poster(cat: Row) -> NewEntry:
    asset = Asset(
        key="posters/2026/chelsea.png",
        url="https://posters.example.org/2026/chelsea.png",
        size=240512,
        width=451,
        height=300,
        filename="chelsea.png",
        mime_type="image/png",
    )
    metadata: JSONObject = {"title": "Poster", "imageLink": cat.image}
    return NewEntry(
        id=POSTER, system_name="poster-shop", external_id="p-1", media_type="image", asset=asset, metadata=metadata
    )


# --- Articles --------------------------------------------------------------------------------------------------------


def import_articles(client: Client, photographs: Photographs) -> None:
    """Import and publish articles that use the photographs, list the uses of one, import them again."""
    heading("9. Articles that use the photographs: POST import/documents")
    cat, rocket = photographs.rows["chelsea.png"], photographs.rows["rocket.jpg"]
    rows = _imported(client, _article(1, "a", cat), _article(2, "a", rocket), _article(3, "a", cat))
    expect([row.state for row in rows] == ["published"] * 3, "three articles should be published")
    first, _, third = (row.document_id or 0 for row in rows)
    published = client.publication(first).last_publication_date
    expect(str(published) == "2011-05-01 06:00:00+00:00", f"its date should be the old one: {published}")

    heading("10. Where is the cat used? GET mediaLibrary/{id}/incomingDocumentReferences")
    used = list(client.linking_documents(str(cat.media_id)))
    places = [", ".join(str(link.raw.get("directiveName") or link.property_name) for link in use.links) for use in used]
    table("document", "where", rows=[(str(use.document_id), place) for use, place in zip(used, places, strict=True)])
    expect({use.document_id for use in used} == {first, third}, "in two of the articles")

    heading("11. The same articles again: an unchanged checksum is skipped, a new one updates")
    again = _imported(client, _article(1, "a", cat), _article(2, "b", rocket))
    states = [(row.state, row.raw["version"]) for row in again]
    expect(states == [("skipped", 1), ("published", 2)], f"one skipped, one updated: {states}")


def _imported(client: Client, *articles: Document) -> list[Row]:
    """Post articles, wait, and show what became of each."""
    rows = finished(client, client.import_documents(articles, system_name="text-archive"))
    shown = [(row.external_id, state(row), str(row.document_id), str(row.raw.get("version"))) for row in rows]
    table("article", "outcome", "document", "version", rows=shown)
    return rows


def _article(number: int, checksum: str, photo: Row) -> Document:
    """An article with a header, a paragraph and a photograph, published on its first publication date."""
    title = f"From the archive, part {number}"
    image: JSONObject = {"image": photo.image, "caption": "On shelf 12"}
    return Document(
        id=f"article-{number}",
        title=title,
        content_type="article",
        checksum=checksum,
        publish_control={"lastPublicationDate": f"2011-05-0{number}T06:00:00.000Z"},
        content=[
            {"identifier": "header", "content": {"title": title, "author": "The archivist"}},
            {"identifier": "paragraph", "content": {"text": "It was found in a box, <b>undated</b>."}},
            {"identifier": "image", "id": f"doc-photo{number}", "content": image},
        ],
        metadata={"description": "Found in a box", "teaserImage": photo.image},
        flags=Flags(auto_publish=True),
    )
