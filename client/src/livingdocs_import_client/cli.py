"""The command `livingdocs-import`: post a file or a folder, wait for jobs, show what came of them."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from livingdocs_import_client.batches import MAX_ITEMS, RefusedItem, new_key
from livingdocs_import_client.cli_input import UsageError, items_named
from livingdocs_import_client.cli_output import Meter, printer, say
from livingdocs_import_client.client import Client
from livingdocs_import_client.errors import ImportClientError
from livingdocs_import_client.jobs import Job, Kind, Progress, Row
from livingdocs_import_client.json_types import JSONObject
from livingdocs_import_client.service import API_VERSION
from livingdocs_import_client.version import __version__

WELL, FAILED, SOME_FAILED, INTERRUPTED = 0, 1, 3, 130  # exit codes; argparse has 2
API, TOKEN = "LIVINGDOCS_IMPORT_API", "LIVINGDOCS_IMPORT_TOKEN"
EPILOG = f"""\
examples:
  export {API}=https://import.example.org {TOKEN}=…
  livingdocs-import post images rows.ndjson --system-name archive --wait
  livingdocs-import post images --folder /srv/photos --base-url https://photos.example.org --system-name archive
  livingdocs-import wait images 3f9k2m81qz
  livingdocs-import show images 3f9k2m81qz --all

A line of rows.ndjson is an item as the API takes it:
  {{"url": "https://photos.example.org/cat.jpg", "id": "cat-1", "fileName": "A cat", "metadata": {{}}}}

exit codes: 0 all well, 1 it could not be done, 2 a mistake in the command, 3 some items were refused or have failed
"""
Command: TypeAlias = Callable[[Client, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    command: Command = given.command
    try:
        with Client(_api(given), _token(given), version=given.api_version) as client:
            return command(client, given)
    except (UsageError, ValueError) as error:
        parser.error(str(error))
    except (ImportClientError, OSError) as error:
        say(f"livingdocs-import: {error}")
        return FAILED
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED


# --- Arguments -------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="livingdocs-import", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--api", metavar="URL", help=f"the address of the service; else {API}")
    parser.add_argument("--token-file", metavar="FILE", type=Path, help=f"a file with the token; else {TOKEN}")
    parser.add_argument("--api-version", default=API_VERSION, help="default: %(default)s")
    commands = parser.add_subparsers(required=True, metavar="post | wait | show")
    _add_post(commands.add_parser("post", help="post a file or a folder in batches"))
    _add_wait(commands.add_parser("wait", help="wait until jobs have ended"))
    _add_show(commands.add_parser("show", help="show what came of a job, or an entry"))
    return parser


def _add_post(post: argparse.ArgumentParser) -> None:
    post.set_defaults(command=_post)
    post.add_argument("kind", type=Kind, choices=list(Kind))
    post.add_argument("file", nargs="?", help="NDJSON, an item in each line; - for standard input")
    post.add_argument("--system-name", required=True, metavar="NAME", help="your system's name, to which ids belong")
    post.add_argument("--folder", type=Path, help="instead of a file: all files of this kind in a folder …")
    post.add_argument("--base-url", metavar="URL", help="… which the service fetches from here")
    post.add_argument("--webhook", metavar="URL", help="called when a job has ended")
    post.add_argument("--key", default="", help="begins the Idempotency-Keys; the same one goes on with the same input")
    post.add_argument("--max-items", type=int, default=MAX_ITEMS, metavar="N", help="of a batch; default: %(default)s")
    post.add_argument("--wait", action="store_true", help="wait until all is done, and show what has failed")
    post.add_argument("--json", action="store_true", help="one JSON object in each line")


def _add_wait(wait: argparse.ArgumentParser) -> None:
    wait.set_defaults(command=_wait)
    wait.add_argument("kind", type=Kind, choices=list(Kind))
    wait.add_argument("jobs", nargs="+", metavar="JOB")
    wait.add_argument("--timeout", type=float, metavar="SECONDS", default=float("inf"))
    wait.add_argument("--json", action="store_true", help="one JSON object")


def _add_show(show: argparse.ArgumentParser) -> None:
    show.set_defaults(command=_show)
    show.add_argument("kind", choices=[*Kind, "entry"])
    show.add_argument("id", metavar="JOB | ENTRY")
    show.add_argument("--all", action="store_true", help="also what did not fail")
    show.add_argument("--json", action="store_true", help="one JSON object in each line")


def _api(given: argparse.Namespace) -> str:
    api: str | None = given.api or os.environ.get(API)
    if not api:
        raise UsageError(f"which service? Give --api or set {API}")
    return api


def _token(given: argparse.Namespace) -> str:
    """From a file or the environment: arguments are visible to all users of the machine."""
    token = given.token_file.read_text().strip() if given.token_file else os.environ.get(TOKEN)
    if not token:
        raise UsageError(f"there is no token: give --token-file or set {TOKEN}")
    return str(token)


# --- Commands --------------------------------------------------------------------------------------------------------


def _post(client: Client, given: argparse.Namespace) -> int:
    show = printer(given)
    refused: list[int] = []

    def on_refused(item: RefusedItem) -> None:
        refused.append(item.place)
        problems = [{"path": each.path, "message": each.message} for each in item.problems]
        text = "; ".join(map(str, item.problems))
        show({"refused": item.place, "problems": problems}, f"item {item.place}: refused: {text}")

    def on_accepted(job: Job) -> None:
        body: JSONObject = {"job": job.id, "kind": job.kind, "offset": job.offset, "count": job.count, "key": job.key}
        show(body, f"job {job.id}: {job.count} {job.kind} from item {job.offset} on")

    key = given.key or new_key()
    say(f"key {key}: with --key {key} the same command goes on after an interruption")
    more: JSONObject = {"webhook": given.webhook} if given.webhook else {}
    with items_named(given) as items:
        jobs = client.import_items(
            given.kind,
            items,
            system_name=given.system_name,
            key=key,
            max_items=given.max_items,
            on_refused=on_refused,
            on_accepted=on_accepted,
            more=more,
        )
    failed = _show_rows(client, jobs, given, everything=False) if given.wait else 0
    return SOME_FAILED if refused or failed else WELL


def _wait(client: Client, given: argparse.Namespace) -> int:
    jobs = [Job(given.kind, job) for job in given.jobs]
    with Meter() as meter:
        progress = client.wait(jobs, on_progress=meter.show, timeout=given.timeout)
    printer(given)(_progress_json(progress), str(progress))
    return SOME_FAILED if progress.failed else WELL


def _show(client: Client, given: argparse.Namespace) -> int:
    if given.kind == "entry":
        entry = client.entry(given.id).raw
        print(json.dumps(entry, ensure_ascii=False, indent=None if given.json else 2))
        return WELL
    job = Job(Kind(given.kind), given.id)
    status = client.status(job)
    if not status.finished:
        printer(given)(_progress_json(status.progress), f"{status.state}: {status.progress}")
        return WELL
    return SOME_FAILED if _show_rows(client, [job], given, everything=given.all) else WELL


def _show_rows(client: Client, jobs: Sequence[Job], given: argparse.Namespace, *, everything: bool) -> int:
    """Wait, show rows and the counts; how many have failed."""
    show, failed, total = printer(given), 0, 0
    with Meter() as meter:
        for row in client.results(jobs, on_progress=meter.show):
            total += 1
            failed += row.failed
            if row.failed or everything:
                meter.clear()
                show(row.raw, _line(row))
    say(f"{total} done, {failed} failed")
    return failed


def _line(row: Row) -> str:
    made = row.media_id or row.document_id
    why = "; ".join(map(str, row.problems)) or row.reason
    return "\t".join(str(part) for part in (row.external_id, row.state, made, why) if part is not None)


def _progress_json(progress: Progress) -> JSONObject:
    counts = {"total": progress.total, "done": progress.done, "success": progress.success}
    counts |= {"skipped": progress.skipped, "failed": progress.failed}
    return {**counts, "waitingFor": progress.waiting_for} if progress.waiting_for else counts
