"""What every service is told from outside: one small frozen class, read once, units in the names."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS_FOLDER = Path("/run/secrets/xuewei")


class ServiceSettings(BaseSettings):
    """Settings of any service; a service's own class adds its limits and terms.

    Read from environment variables ``XUEWEI_…`` and, for secrets, from files of the same (lower case) name
    under /run/secrets/xuewei. Nothing else reads the environment.
    """

    model_config = SettingsConfigDict(
        env_prefix="XUEWEI_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # a complaint about one setting would print the others, secrets among them
        secrets_dir=SECRETS_FOLDER if SECRETS_FOLDER.is_dir() else None,
    )

    environment: Literal["production", "development"] = "production"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=0, ge=0, le=65535)
    public_url: str = Field(default="", description="address under which clients reach this service")

    json_body_max_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, description="objects have limits of their own"
    )

    database_url: SecretStr
    database_connections_max: int = Field(default=12, ge=2, le=200)

    kafka_bootstrap_servers: str
    kafka_idempotent_producer: bool = True
    kafka_session_timeout_ms: int = Field(default=10_000, ge=1_000)
    kafka_fetch_max_wait_ms: int = Field(default=100, ge=1)
    kafka_publish_deadline_seconds: float = Field(default=30.0, gt=0)
    kafka_replication_factor: int = Field(default=1, ge=1, description="used when topics are created")
    kafka_partitions_max: int = Field(
        default=100, ge=1, description="a topic is created with fewer partitions than its table says"
    )

    object_store_url: str = Field(description="file:///folder or s3://bucket")
    s3_endpoint: str = ""
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    s3_secure: bool = True

    oidc_issuer: str
    oidc_audience: str = "xuewei"
    oidc_jwks_url: str = Field(default="", description="when empty it is read from the issuer's discovery")

    otlp_endpoint: str = Field(default="", description="OpenTelemetry collector, HTTP; empty sends nothing")
    trace_path: Path | None = Field(default=None, description="spans as JSON lines in a file (development)")
    trace_sample_ratio: float = Field(default=1.0, ge=0, le=1)

    handler_tries_max: int = Field(default=5, ge=1)
    dead_letters_in_a_row_max: int = Field(default=20, ge=1)
    outbox_kept_days: int = Field(default=30, ge=30)

    clock_offset_path: Path | None = Field(default=None, description="development only: moves the clock")
    crashpoint_path: Path | None = Field(default=None, description="development only: where to die in tests")

    @model_validator(mode="after")
    def _production_has_no_toys(self) -> Self:
        if self.environment == "production":
            toys = [
                name
                for name in ("clock_offset_path", "crashpoint_path", "trace_path")
                if getattr(self, name) is not None
            ]
            if toys:
                raise ValueError(f"only for development, must not be set in production: {', '.join(toys)}")
        return self
