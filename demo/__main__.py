"""`make demo`: an import from beginning to end, each step checked; then the service stays up, with a page to open.

With `--exit` it ends by itself: 0 if every step was right, 1 and a sentence otherwise.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from demo import library, media
from demo.address import LOOPBACK, Address, free
from demo.archive import Archive
from demo.commands import ALLOWED, OWN_FILE, commands
from demo.display import expect, heading, note
from demo.media import Photographs
from demo.page import addresses, page
from demo.patience import out
from demo.service import LOGIN, ROOT, Service
from livingdocs_import_client import Client, ImportClientError

PORT = 8000  # if it is free


def main(arguments: Sequence[str]) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="end after showing")
    parser.add_argument("--bind", metavar="ADDRESS:PORT", help="where to listen (default: a port of this machine)")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo", help="its folder, which is emptied first")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stop everything that was started
    address = Address.parse(given.bind) if given.bind else free(LOOPBACK, PORT)
    with (
        Archive(free(address.host, address.port + 1)) as archive,
        Service(address, given.data, archive.address.reachable, *ALLOWED) as service,
        suppress(KeyboardInterrupt),
    ):
        show(service, archive)
        if not given.exit:
            keep_serving(service, archive)


def show(service: Service, archive: Archive) -> None:
    """All steps, one after the other."""
    heading("1. A bare machine becomes a service")
    service.set_up()
    service.start()
    note(f"up on {service.url}: SQLite, local files, one worker, no broker; data in {service.data}")
    with service.client() as client:
        photographs = media.import_photographs(client, archive)
        media.look_at_files(service, photographs)
        media.await_webhook(archive)
        media.import_again(client, archive)
        media.import_details(client, archive)
        library.create_poster(client, photographs)
        others = media.import_video_and_file(service, client, archive)
        library.import_articles(client, photographs)
        archive.page = _page(service, archive, client, photographs, others)
    look_at_page(service, archive)
    out.print("\n[green]Everything shown was as it should be.[/]")


def _page(service: Service, archive: Archive, client: Client, photographs: Photographs, others: Sequence[str]) -> str:
    ids = [*(str(row.media_id) for row in photographs.rows.values()), *others]
    progress, entries = client.status(photographs.job).progress, list(client.entries(ids))
    return page(service.url, photographs.job.id, progress, entries, commands(service, archive))


def look_at_page(service: Service, archive: Archive) -> None:
    """Follow each link of the page, and load each picture."""
    text = service.http.get(archive.url("/")).raise_for_status().text
    for address in sorted(addresses(text)):
        answer = service.http.get(address, follow_redirects=True)
        expect(answer.is_success, f"{address} should be there, and answers {answer.status_code}")


def keep_serving(service: Service, archive: Archive) -> None:
    """Print what to paste and the page to open, and keep running."""
    heading("It is yours now, until Ctrl-C. An import to paste into another shell, and what became of it:")
    shown = commands(service, archive)
    out.print("\n".join((shown.export, shown.post, shown.status)), markup=False)
    heading("Pictures of your own? This makes them available to the service, in the folder where they are:")
    out.print(f"{shown.serve}     # then post {OWN_FILE}", markup=False)
    out.print(f"\nAdmin   {service.url}/admin/   login {LOGIN[0]}, password {LOGIN[1]}")
    out.print(
        f"[bold]Open    [cyan]{archive.url('/')}[/cyan][/bold]   pictures, a video, a file, the job, the API page"
    )
    service.wait()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (ImportClientError, httpx.HTTPError) as error:
        sys.exit(f"The demo ended with {type(error).__name__}: {error}")
