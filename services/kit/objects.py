"""Object storage (对象存储): bytes named by their SHA-256, written once, verified at every read.

Two adapters behind one port: the local disk here, S3 in objects_s3.py; one suite of tests runs over both.
"""

import asyncio
import contextlib
import hashlib
import os
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import IO

from contracts.vocabulary import StoredObject
from services.kit.crashpoints import crashpoint

CHUNK_BYTES = 1 << 20
SPOOL_KEPT_SECONDS = 86_400.0


class ObjectMissing(Exception):
    """An object that is referred to is not in storage; nothing may be decided without it."""


class ObjectDamaged(Exception):
    """An object's bytes do not have the digest that names them; it may never be filed."""


class DigestMismatch(Exception):
    """What was sent does not have the digest it was announced under; nothing was kept."""


class BodyTooLarge(Exception):
    """What was sent is larger than the limit; nothing was kept."""


class ObjectStoreAway(ConnectionError):
    """The object store did not answer, or would not serve us; whether a put took place is unknown.

    The text holds no address: an address for a put is signed, who has it may write.
    """


class ObjectStore(ABC):
    """The port: put once, read whole and verified, ask whether it is there."""

    @abstractmethod
    async def keep_file(self, path: Path, sha256: str, media_type: str) -> bool:
        """Makes a verified temporary file durable under its digest; False when it was there already."""

    @abstractmethod
    async def read_raw(self, sha256: str) -> bytes:
        """The stored bytes, unverified; raises ObjectMissing."""

    @abstractmethod
    async def has(self, sha256: str) -> bool:
        """Whether an object with this digest is stored."""

    @abstractmethod
    def spool_folder(self) -> Path:
        """Where incoming bodies are spooled before they are kept."""

    async def put(self, data: bytes, media_type: str) -> StoredObject:
        """Stores bytes and returns the reference to them; storing the same bytes again changes nothing."""

        async def once() -> AsyncIterator[bytes]:
            yield data

        digest = hashlib.sha256(data).hexdigest()
        stored, _ = await self.put_stream(once(), digest, media_type, size_max_bytes=len(data))
        return stored

    async def put_stream(
        self, body: AsyncIterable[bytes], sha256: str, media_type: str, *, size_max_bytes: int
    ) -> tuple[StoredObject, bool]:
        """Stores a streamed body under its announced digest; (reference, whether it was new).

        Raises DigestMismatch or BodyTooLarge; then nothing is visible.
        """
        spool = tempfile.NamedTemporaryFile(dir=self.spool_folder(), prefix="incoming-", delete=False)  # noqa: SIM115
        path = Path(spool.name)
        try:
            digest, size = await _spool(body, spool, size_max_bytes)
            if digest != sha256:
                raise DigestMismatch(sha256)
            new = await self.keep_file(path, sha256, media_type)
        finally:
            spool.close()
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return StoredObject(sha256=sha256, size_bytes=size, media_type=media_type), new

    async def read(self, stored: StoredObject | str) -> bytes:
        """The bytes of an object, verified against its digest; raises ObjectMissing or ObjectDamaged."""
        sha256 = stored if isinstance(stored, str) else stored.sha256
        data = await self.read_raw(sha256)
        if await _digest_of(data) != sha256:
            raise ObjectDamaged(sha256)
        return data

    async def prove(self, stored: StoredObject) -> None:
        """Reads an object only to compare it with its digest; raises ObjectMissing or ObjectDamaged."""
        await self.read(stored)


async def _digest_of(data: bytes) -> str:
    if len(data) < CHUNK_BYTES // 4:  # sooner done than handed to another thread
        return hashlib.sha256(data).hexdigest()
    return await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())


async def _spool(body: AsyncIterable[bytes], spool: IO[bytes], size_max_bytes: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    async for chunk in body:
        size += len(chunk)
        if size > size_max_bytes:
            raise BodyTooLarge(str(size_max_bytes))
        digest.update(chunk)
        if len(chunk) < CHUNK_BYTES:
            spool.write(chunk)
        else:
            await asyncio.to_thread(spool.write, chunk)
    spool.flush()
    await asyncio.to_thread(os.fsync, spool.fileno())
    return digest.hexdigest(), size


def _remove_abandoned(spools: Path) -> None:
    """Removes what a killed process left behind more than a day ago: nobody resumes it, and it holds records."""
    oldest = time.time() - SPOOL_KEPT_SECONDS
    for path in spools.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()


class LocalObjects(ObjectStore):
    """Objects on the local disk: temporary name, fsync, link; an existing object is never overwritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.spool_folder().mkdir(parents=True, exist_ok=True)
        _remove_abandoned(self.spool_folder())

    def spool_folder(self) -> Path:
        """The folder ``incoming`` on the same file system as the objects."""
        return self._folder / "incoming"

    def path_of(self, sha256: str) -> Path:
        """Where the object with this digest lies."""
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    async def put(self, data: bytes, media_type: str) -> StoredObject:
        """Stores bytes in one visit to another thread: most objects are small and made here."""
        digest = await asyncio.to_thread(self._put, data)
        return StoredObject(sha256=digest, size_bytes=len(data), media_type=media_type)

    def _put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        spool, path = tempfile.mkstemp(dir=self.spool_folder(), prefix="incoming-")
        try:
            with os.fdopen(spool, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(spool)
            self._keep(Path(path), self.path_of(digest))
        finally:
            Path(path).unlink(missing_ok=True)
        return digest

    async def keep_file(self, path: Path, sha256: str, media_type: str) -> bool:  # noqa: ARG002 the disk keeps no media types
        """Links the spooled file under its digest and makes the folders durable."""
        return await asyncio.to_thread(self._keep, path, self.path_of(sha256))

    def _keep(self, path: Path, target: Path) -> bool:
        target.parent.mkdir(parents=True, exist_ok=True)
        crashpoint("objects.before-keep")
        try:
            os.link(path, target)
        except FileExistsError:
            _sync_folder(target.parent)  # who linked it may not have come to that yet
            return False
        target.chmod(0o444)
        for folder in (target.parent, target.parent.parent, self._folder):
            _sync_folder(folder)
        crashpoint("objects.after-keep")
        return True

    async def read_raw(self, sha256: str) -> bytes:
        """Reads the file under the digest."""
        try:
            return await asyncio.to_thread(self.path_of(sha256).read_bytes)
        except FileNotFoundError:
            raise ObjectMissing(sha256) from None

    async def prove(self, stored: StoredObject) -> None:
        """Digests the file piece by piece: a scan may be larger than the memory that is left."""

        def digest() -> str:
            with self.path_of(stored.sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()

        try:
            found = await asyncio.to_thread(digest)
        except FileNotFoundError:
            raise ObjectMissing(stored.sha256) from None
        if found != stored.sha256:
            raise ObjectDamaged(stored.sha256)

    async def has(self, sha256: str) -> bool:
        """Whether the file is there."""
        return await asyncio.to_thread(self.path_of(sha256).exists)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
