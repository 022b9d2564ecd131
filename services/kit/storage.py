"""Opens the object store the settings name."""

from pathlib import Path
from urllib.parse import urlsplit

from services.kit.objects import LocalObjects, ObjectStore
from services.kit.settings import ServiceSettings


def open_objects(settings: ServiceSettings) -> ObjectStore:
    """The store behind ``object_store_url``: ``file:///folder`` or ``s3://bucket``; ValueError for others."""
    url = urlsplit(settings.object_store_url)
    if url.scheme == "file":
        return LocalObjects(Path(url.path))
    if url.scheme == "s3":
        from services.kit.objects_s3 import S3Objects  # noqa: PLC0415 - its client costs each start 0.3 s

        return S3Objects.open(settings, bucket=url.netloc)
    raise ValueError("object_store_url must begin with file:// or s3://")
