"""Stored files in a folder of the local (or a mounted) file system."""

import errno
import heapq
import os
import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from media_library.storage.port import NotStored, Space, StorageFailed, StoredFile, exactly


class LocalStore:
    """A folder. A file appears under its key at once, whole and on the disk: synced, then moved there."""

    def __init__(self, root: Path) -> None:
        self._files = FileSystemStorage(location=root)
        self.root = root

    def _path(self, key: str) -> Path:
        try:
            return Path(self._files.path(key))
        except SuspiciousFileOperation as error:  # a key that would leave the folder does not exist
            raise NotStored(key) from error

    def put(self, path: Path, key: str, content_type: str) -> None:
        target = self._path(key)
        try:
            try:
                self._put(path, target)
            except FileNotFoundError:  # usually the folder exists: the first file of a day creates it
                target.parent.mkdir(parents=True, exist_ok=True)
                self._put(path, target)
        except OSError as error:
            raise StorageFailed("the file could not be stored") from error

    def _put(self, path: Path, target: Path) -> None:
        try:
            self._move(path, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy(path, target)  # the temporary folder is on another file system

    def _copy(self, path: Path, target: Path) -> None:
        beside = target.with_name(f".{uuid.uuid4().hex}")
        try:
            shutil.copyfile(path, beside)
            self._move(beside, target)
        finally:
            beside.unlink(missing_ok=True)

    def _move(self, path: Path, target: Path) -> None:
        """Rename only synced files: otherwise a power cut leaves an entry with an empty file."""
        if self._files.file_permissions_mode is not None:  # temporary files are private to their process
            path.chmod(self._files.file_permissions_mode)
        _sync(path)
        os.replace(path, target)
        _sync(os.path.dirname(target))

    def stat(self, key: str) -> StoredFile:
        path = self._path(key)
        try:
            facts = path.stat()
        except (OSError, ValueError) as error:
            raise _absent_or_failed(error, key) from error
        if not path.is_file():
            raise NotStored(key)
        modified = datetime.fromtimestamp(facts.st_mtime, UTC)
        return StoredFile(facts.st_size, modified, f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"')

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        try:
            file = self._path(key).open("rb")
            file.seek(start)
        except (OSError, ValueError) as error:
            raise _absent_or_failed(error, key) from error
        return exactly(file, end - start)

    def delete(self, key: str) -> None:
        try:
            self._path(key).unlink()
        except (OSError, ValueError) as error:
            # A client's key may be a folder of other files, or lead through a file: there is no file under it.
            if isinstance(_absent_or_failed(error, key), StorageFailed):
                raise StorageFailed("the file could not be deleted") from error

    def having(self, stem: str, extensions: Collection[str]) -> list[str]:
        keys = [f"{stem}.{extension}" for extension in extensions]
        try:
            return [key for key in keys if self._path(key).is_file()]
        except OSError as error:
            raise StorageFailed("the storage did not answer") from error

    def below(self, folder: str) -> list[str]:
        root = self._path(folder)
        return sorted(path.relative_to(self.root).as_posix() for path in root.rglob("*") if path.is_file())

    def directly_in(self, folder: str, most: int, *, after: str = "", patient: bool = False) -> dict[str, StoredFile]:
        try:
            with os.scandir(self._path(folder)) as inside:
                names = heapq.nsmallest(most, (each.name for each in inside if each.name > after and each.is_file()))
        except (OSError, ValueError) as error:
            if isinstance(failed := _absent_or_failed(error, folder), StorageFailed):
                raise failed from error
            return {}
        found = {}
        for name in names:
            with suppress(NotStored):  # deleted in between
                found[f"{folder}/{name}"] = self.stat(f"{folder}/{name}")
        return found

    def check(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(f"{self.root} cannot be made: {error.strerror}") from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise StorageFailed(f"{self.root} is not writable")

    def space(self) -> Space | None:
        try:
            usage = shutil.disk_usage(self.root)
        except OSError as error:
            raise StorageFailed(f"{self.root} cannot be looked at: {error.strerror}") from error
        return Space(free=usage.free, total=usage.total)


def _sync(path: Path | str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _absent_or_failed(error: OSError | ValueError, key: str) -> Exception:
    """ValueError: U+0000 or a lone surrogate, which no file name contains."""
    absent = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}
    if isinstance(error, ValueError) or error.errno in absent:
        return NotStored(key)
    return StorageFailed("the storage did not answer")
