"""The page that the demo ends with: what was imported, and how to import an image of one's own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape, unescape
from pathlib import Path
from string import Template

from demo.commands import OWN_FILES, Commands
from demo.service import LOGIN
from livingdocs_import_client import Entry, Progress

TEMPLATE = Path(__file__).with_suffix(".html")
WIDTH = 480  # pixels of a preview


def page(service: str, job: str, progress: Progress, entries: Sequence[Entry], shown: Commands) -> str:
    """The HTML. `service` is its URL, `job` the id of the job with the photographs."""
    facts = {
        "service": service,
        "user": LOGIN[0],
        "password": LOGIN[1],
        "job": job,
        "job_page": f"{service}/admin/imports/importjob/?q={job}",
        "success": f"{progress.success}",
        "failed": f"{progress.failed}",
        "own_files": OWN_FILES,
        **asdict(shown),
    }
    return Template(TEMPLATE.read_text()).substitute(_escaped(facts), figures="\n".join(map(_figure, entries)))


def addresses(page: str) -> set[str]:
    """Whatever a page loads or leads to."""
    return {unescape(address) for address in re.findall(r'(?:src|href)="([^"]+)"', page)}


def _escaped(facts: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(fact) for name, fact in facts.items()}


def _figure(entry: Entry) -> str:
    """An image, a video or a file, with its title and its facts."""
    asset, title = entry.asset, escape(str(entry.metadata.get("caption") or entry.metadata.get("title") or entry.id))
    url = escape(asset.url)
    size = f"{asset.width:.0f} x {asset.height:.0f}, " if asset.width and asset.height else ""
    caption = f'<figcaption><a href="{url}">{title}</a><span>{size}{escape(asset.mime_type)}</span></figcaption>'
    match asset.mime_type.partition("/")[0]:
        case "image":
            return f'<figure><img src="{url}&amp;w={WIDTH}" alt="{title}">{caption}</figure>'
        case "video":
            return f'<figure><video src="{url}" controls muted></video>{caption}</figure>'
        case _:
            return f'<figure><div class="file">{escape(asset.filename)}</div>{caption}</figure>'
