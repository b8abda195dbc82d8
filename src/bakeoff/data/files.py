"""Find a published file or fetch it, and let nothing unverified through.

Order: each folder of the environment variable BAKEOFF_DATA, then folders where the system may hold the file, then the
user's cache, then the mirrors. A damaged file of the user is an error; a damaged file in the cache is fetched anew.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pooch
import requests

from bakeoff.errors import DataError

_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class WantedFile:
    """A published file.

    Attributes:
        dataset: Name of the data set, which is also the folder's name inside a BAKEOFF_DATA folder.
        name: File name at the mirrors.
        checksum: `sha256:...` or `md5:...`.
        checksum_of: What the checksum is of: the file as published, or its content after gunzip. Mirrors pack anew,
            so the content is the better choice; then the file is also accepted unpacked.
        mirrors: URLs of folders, ending in a slash, in the order to be tried.
        system_folders: Where a package of the operating system may have put the file.
    """

    dataset: str
    name: str
    checksum: str
    checksum_of: Literal["content", "file"]
    mirrors: tuple[str, ...]
    system_folders: tuple[str, ...] = ()


def obtain(wanted: WantedFile) -> bytes:
    """The verified content, unpacked if it was gzipped.

    Raises:
        DataError: A found file is damaged, or none was found and no mirror gave a sound one.
    """
    folders = _search_folders(wanted)
    for folder in folders:
        for name in _local_names(wanted):
            if (folder / name).is_file():
                return _read_verified(folder / name, wanted)
    cached = Path(pooch.os_cache("bakeoff")) / wanted.dataset / wanted.name
    complaints = []
    if cached.is_file():
        try:
            return _read_verified(cached, wanted)
        except DataError as problem:
            complaints.append(str(problem))
    for mirror in wanted.mirrors:
        try:
            return _download(mirror + wanted.name, cached, wanted)
        except (OSError, DataError) as problem:  # requests' exceptions are OSErrors
            complaints.append(_explain(mirror, problem))
    raise DataError(_describe_failure(wanted, folders=[*folders, cached.parent], complaints=complaints))


def read_unpacked(path: Path) -> bytes:
    """Read a file, unpacked if it is gzipped (by its first bytes: some servers unpack on the way).

    Raises:
        DataError: It cannot be read or is no sound gzip file.
    """
    return _unpack(_read(path), where=path)


def _read_verified(path: Path, wanted: WantedFile) -> bytes:
    raw = _read(path)
    if wanted.checksum_of == "file":
        _verify(raw, wanted, path=path)
        return _unpack(raw, where=path)
    content = _unpack(raw, where=path)
    _verify(content, wanted, path=path)
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise DataError(f"{path}: cannot be read: {problem.strerror or problem}") from problem


def _unpack(raw: bytes, *, where: Path) -> bytes:
    if not raw.startswith(_GZIP_MAGIC):
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, OSError, zlib.error) as problem:
        raise DataError(
            f"{where}: expected a whole gzip file, found a damaged one of {len(raw)} bytes ({problem}); fetch it again"
        ) from problem


def _verify(content: bytes, wanted: WantedFile, *, path: Path) -> None:
    algorithm, _, expected = wanted.checksum.partition(":")
    found = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
    if found != expected:
        raise DataError(
            f"{path}: expected {algorithm} {expected} of the {wanted.checksum_of}, found {found} "
            f"({len(content)} bytes); the file is damaged or another version: remove it or fetch it again"
        )


def _download(url: str, cached: Path, wanted: WantedFile) -> bytes:
    partial = cached.with_name(f"{cached.name}.{os.getpid()}.part")
    cached.parent.mkdir(parents=True, exist_ok=True)
    try:
        pooch.HTTPDownloader(chunk_size=1 << 16, timeout=30)(url, str(partial), None)
        content = _read_verified(partial, wanted)
        partial.replace(cached)
        return content
    finally:
        partial.unlink(missing_ok=True)


def _explain(mirror: str, problem: Exception) -> str:
    """What went wrong with a mirror, in a few words; a missing connection needs no stack of library messages."""
    if isinstance(problem, requests.exceptions.ConnectionError):
        return f"no connection to {urlsplit(mirror).netloc}"
    return f"{mirror}: {problem}"


def _local_names(wanted: WantedFile) -> tuple[str, ...]:
    is_content = wanted.checksum_of == "content"
    return (wanted.name, wanted.name.removesuffix(".gz")) if is_content else (wanted.name,)


def _search_folders(wanted: WantedFile) -> list[Path]:
    own = [folder for folder in os.environ.get("BAKEOFF_DATA", "").split(os.pathsep) if folder]
    return [Path(folder).expanduser() / wanted.dataset for folder in own] + [Path(f) for f in wanted.system_folders]


def _describe_failure(wanted: WantedFile, *, folders: list[Path], complaints: list[str]) -> str:
    algorithm, _, value = wanted.checksum.partition(":")
    return (
        f"{wanted.dataset}: {wanted.name} ({algorithm} of the {wanted.checksum_of}: {value}) was not found in "
        f"{', '.join(map(str, folders))} and could not be fetched ({'; '.join(complaints) or 'no mirrors'}). Put it "
        f"into FOLDER/{wanted.dataset}/ and set the environment variable BAKEOFF_DATA to FOLDER"
    )
