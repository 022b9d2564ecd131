"""Objects in any S3 store, through the minio client; write-once by a conditional presigned PUT."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Self

import httpx
from minio import Minio
from minio.error import S3Error

from services.kit.crashpoints import crashpoint
from services.kit.objects import ObjectMissing, ObjectStore
from services.kit.settings import ServiceSettings

PUT_VALID = timedelta(minutes=15)
PRECONDITION_FAILED = 412
CONFLICT = 409


class S3Objects(ObjectStore):
    """Objects in a bucket under ``sha256/ab/cd/<digest>``."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._spool = Path(tempfile.gettempdir())

    @classmethod
    def open(cls, settings: ServiceSettings, bucket: str) -> Self:
        """A store on the endpoint and with the keys of the settings."""
        client = Minio(
            endpoint=settings.s3_endpoint,
            access_key=settings.s3_access_key.get_secret_value(),
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=settings.s3_secure,
        )
        return cls(client, bucket)

    def spool_folder(self) -> Path:
        """The system's folder for temporary files."""
        return self._spool

    async def keep_file(self, path: Path, sha256: str, media_type: str) -> bool:
        """Sends the spooled file by a presigned PUT with ``If-None-Match: *``.

        The minio client has no conditional put (7.2.20); the same name means the same bytes, so a store
        that ignores the header still cannot hold anything else under it.
        """
        return await asyncio.to_thread(self._keep, path, sha256, media_type)

    def _keep(self, path: Path, sha256: str, media_type: str) -> bool:
        crashpoint("objects.before-keep")
        url = self._client.presigned_put_object(self._bucket, _key(sha256), expires=PUT_VALID)
        headers = {
            "If-None-Match": "*",
            "Content-Type": media_type,
            "Content-Length": str(path.stat().st_size),
        }
        with path.open("rb") as body, httpx.Client(timeout=120, trust_env=False) as http:
            answer = http.put(url, content=body, headers=headers)
        if answer.status_code in {PRECONDITION_FAILED, CONFLICT}:
            return False
        answer.raise_for_status()
        crashpoint("objects.after-keep")
        return True

    async def read_raw(self, sha256: str) -> bytes:
        """Reads the object under the digest."""
        return await asyncio.to_thread(self._read, sha256)

    def _read(self, sha256: str) -> bytes:
        try:
            answer = self._client.get_object(self._bucket, _key(sha256))
        except S3Error as error:
            if error.code in {"NoSuchKey", "NotFound"}:
                raise ObjectMissing(sha256) from None
            raise
        try:
            return answer.read()
        finally:
            answer.close()
            answer.release_conn()

    async def has(self, sha256: str) -> bool:
        """Asks the store for the object's head."""
        return await asyncio.to_thread(self._has, sha256)

    def _has(self, sha256: str) -> bool:
        try:
            self._client.stat_object(self._bucket, _key(sha256))
        except S3Error as error:
            if error.code in {"NoSuchKey", "NotFound"}:
                return False
            raise
        return True


def _key(sha256: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"
