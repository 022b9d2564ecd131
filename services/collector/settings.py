"""What the collector is told from outside: limits of what units send, and of the processes that read it."""

from pydantic import Field

from services.kit.settings import ServiceSettings

MIB = 1024 * 1024


class Settings(ServiceSettings):
    """Settings of the collector (采集服务)."""

    scan_size_max_bytes: int = Field(default=200 * MIB, gt=0, description="an uploaded PDF")
    file_size_max_bytes: int = Field(default=100 * MIB, gt=0, description="any other uploaded object")
    scan_pages_max: int = Field(default=500, ge=1)
    rows_max: int = Field(
        default=20_000, ge=1, description="records in one file; more are split over batches"
    )

    reader_memory_max_bytes: int = Field(default=1536 * MIB, ge=256 * MIB)
    reader_seconds_max: float = Field(default=60.0, gt=0)
    readers_warm: bool = Field(default=True, description="start the reading processes with the service")
