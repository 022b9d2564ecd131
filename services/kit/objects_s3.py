"""Objects in any S3 store, through the minio client; write-once by a conditional presigned PUT."""

import asyncio
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Self

import httpx
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from services.kit.crashpoints import crashpoint
from services.kit.objects import ObjectMissing, ObjectStore, ObjectStoreAway
from services.kit.settings import ServiceSettings

PUT_VALID = timedelta(minutes=15)
PUT_SECONDS = 120.0
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
STORED = 200
PRECONDITION_FAILED = 412
CONFLICT = 409


class S3Objects(ObjectStore):
    """Objects in a bucket under ``sha256/ab/cd/<digest>``."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._spool = Path(tempfile.gettempdir())
        # One for all puts: making a client costs 20 ms (certificates), a put 2 ms.
        self._http = httpx.Client(timeout=PUT_SECONDS, trust_env=False)

    @classmethod
    def open(cls, settings: ServiceSettings, bucket: str) -> Self:
        """A store on the endpoint and with the keys of the settings."""
        client = Minio(
            endpoint=settings.s3_endpoint,
            access_key=settings.s3_access_key.get_secret_value(),
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=settings.s3_secure,
            http_client=PoolManager(
                timeout=Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
                retries=Retry(total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
                maxsize=32,
            ),
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
        with _said_plainly():
            url = self._client.presigned_put_object(self._bucket, _key(sha256), expires=PUT_VALID)
            headers = {
                "If-None-Match": "*",
                "Content-Type": media_type,
                "Content-Length": str(path.stat().st_size),
            }
            with path.open("rb") as body:
                status = self._http.put(url, content=body, headers=headers).status_code
        if status == PRECONDITION_FAILED or (status == CONFLICT and self._has(sha256)):
            return False
        if status != STORED:
            raise ObjectStoreAway(f"a put was answered with {status}")
        crashpoint("objects.after-keep")
        return True

    async def read_raw(self, sha256: str) -> bytes:
        """Reads the object under the digest."""
        return await asyncio.to_thread(self._read, sha256)

    def _read(self, sha256: str) -> bytes:
        with _said_plainly(sha256):
            answer = self._client.get_object(self._bucket, _key(sha256))
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
            with _said_plainly(sha256):
                self._client.stat_object(self._bucket, _key(sha256))
        except ObjectMissing:
            return False
        return True


@contextmanager
def _said_plainly(sha256: str = "") -> Generator[None]:
    """Turns the client's errors into ours: ObjectMissing, or ObjectStoreAway without a signed address in it."""
    try:
        yield
    except S3Error as error:
        if sha256 and error.code in {"NoSuchKey", "NotFound"}:
            raise ObjectMissing(sha256) from None
        raise ObjectStoreAway(str(error.code)) from None
    except (MinioException, httpx.HTTPError, HTTPError) as error:
        raise ObjectStoreAway(type(error).__name__) from None


def _key(sha256: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"
