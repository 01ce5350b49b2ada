"""The imported data: pictures, media library entries and documents, generated from numbers and always the same."""

import random
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "var" / "benchmarks"
PHOTOGRAPHS = 200  # 1600 x 1067, about 330 KB
THUMBNAILS = 50  # 160 x 107, about 4 KB: for measurements that do not depend on the size of files
VOCABULARY = (
    "river council vote bridge winter minister archive picture morning harbour strike school budget match goal village "
    "museum station train letter garden summit treaty market price storm coast engine signal border citizen"
)
WORDS = VOCABULARY.split()


def photographs() -> Path:
    """A folder of 000.jpg to 199.jpg."""
    return _pictures("photographs", PHOTOGRAPHS, (1600, 1067), grain=6, quality=60)


def thumbnails() -> Path:
    """A folder of 000.jpg to 049.jpg."""
    return _pictures("thumbnails", THUMBNAILS, (160, 107), grain=6, quality=60)


def _pictures(name: str, number: int, size: tuple[int, int], *, grain: int, quality: int) -> Path:
    """Coarse noise, enlarged: compresses about as well as a photograph. Generated once and kept."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(number):
        path = folder / f"{index:03d}.jpg"
        if not path.exists():
            seeded = random.Random(index)
            coarse = size[0] // grain, size[1] // grain
            noise = Image.frombytes("RGB", coarse, seeded.randbytes(coarse[0] * coarse[1] * 3))
            noise.resize(size, Image.Resampling.BICUBIC).save(path, "JPEG", quality=quality)
    return folder


def sentence(seeded: random.Random, words: int) -> str:
    """This many words."""
    return " ".join(seeded.choices(WORDS, k=words)).capitalize() + "."


def image_items(address: str, run: str, number: int, *, files: int) -> list[dict[str, Any]]:
    """Elements of an image import as in an agency's feed, with three metadata properties."""
    return [
        {
            "url": f"http://{address}/{index % files:03d}.jpg?{run}-{index}",
            "id": f"{run}-{index}",
            "fileName": f"Picture {index} of {run}",
            "metadata": {
                "title": f"Picture {index} of {run}",
                "caption": sentence(random.Random(index), 12),
                "source": "Archive",
            },
        }
        for index in range(number)
    ]


def entries(run: str, number: int) -> list[dict[str, Any]]:
    """Ready-made media library entries; the storage keys are the client's own."""
    found = []
    for index in range(number):
        seeded = random.Random(index)
        key = f"2026/11/21/{run}-{index}.jpg"
        found.append(
            {
                "systemName": "archive",
                "externalId": f"{run}-{index}",
                "mediaType": "image",
                "asset": {
                    "key": key,
                    "url": f"https://pictures.example.org/{key}",
                    "size": 300_000 + index,
                    "width": 1600,
                    "height": 1067,
                    "mimeType": "image/jpeg",
                    "filename": f"{run}-{index}.jpg",
                },
                "metadata": {
                    "title": f"Entry {index} of {run}",
                    "caption": sentence(seeded, 25),
                    "source": "Archive",
                    "creator": sentence(seeded, 2),
                },
            }
        )
    return found


def documents(run: str, number: int) -> list[dict[str, Any]]:
    """Elements of a document import: articles of 20 components, about 6 KB, with 6 references each."""
    return [_document(run, index) for index in range(number)]


def _document(run: str, index: int) -> dict[str, Any]:
    seeded = random.Random(index)
    header = {"catchline": sentence(seeded, 2), "title": sentence(seeded, 7), "author": sentence(seeded, 2)}
    linked = f'<a href="/{index}" data-li-document-ref="{index + 1}">{sentence(seeded, 3)}</a>'
    texts = [f"{sentence(seeded, 15)} <em>{sentence(seeded, 4)}</em> {sentence(seeded, 13)}" for _ in range(15)]
    body = [{"component": "paragraph", "content": {"text": text}} for text in texts]
    body[0]["content"]["text"] += f" {linked}"
    for place in (3, 7, 11):
        media = _image_value(f"media{seeded.randrange(10_000)}")
        body.insert(place, {"component": "image", "content": {"image": media, "caption": sentence(seeded, 8)}})
    quote = {"text": sentence(seeded, 12), "author": sentence(seeded, 2)}
    return {
        "id": f"{run}-{index}",
        "title": header["title"],
        "contentType": "article",
        "checksum": f"{run}",
        "content": [
            {"component": "header", "content": header},
            *body,
            {"component": "quote", "content": quote},
        ],
        "metadata": {
            "description": sentence(seeded, 20),
            "teaserImage": _image_value(f"media{seeded.randrange(10_000)}"),
            "author": {"$ref": "document", "reference": {"id": str(index + 2)}},
        },
    }


def _image_value(media_id: str) -> dict[str, Any]:
    url = f"https://pictures.example.org/2026/11/21/{media_id}.jpg"
    return {
        "mediaId": media_id,
        "originalUrl": url,
        "url": f"{url}?auto=format",
        "width": 1600,
        "height": 1067,
        "mimeType": "image/jpeg",
        "imageService": "imgix",
    }
