"""Where the ledger and the objects are kept: the settings of this room."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from schemas.page import Frozen


def _host_and_port(endpoint: str) -> str:
    if "/" in endpoint or not endpoint or "@" in endpoint:
        raise ValueError("give the endpoint as host:port, without http:// and without a path")
    return endpoint


class LedgerOptions(Frozen):
    """The ledger's database."""

    url: SecretStr = Field(
        description="sqlite:////absolute/path/ledger.sqlite or postgresql://user:password@host/name"
    )
    busy_seconds: float = Field(
        30.0, gt=0, description="how long a writer waits for another process's transaction"
    )
    head_file: Path | None = Field(
        None, description="where the end of the event log is kept beside it; None: nowhere"
    )


class RetentionMode(StrEnum):
    """Who may shorten a retention: GOVERNANCE an administrator with a special right, COMPLIANCE
    nobody."""

    governance = "GOVERNANCE"
    compliance = "COMPLIANCE"


class StoreOptions(Frozen):
    """An S3 compatible object store, embedded or outside."""

    endpoint: Annotated[str, AfterValidator(_host_and_port)] = Field(description="host:port")
    access_key: str
    secret_key: SecretStr
    secure: bool = Field(True, description="TLS; off only on loopback")
    ca_file: Path | None = Field(
        None, description="PEM of the authority to trust with TLS, where it is not a public one"
    )
    region: str = "us-east-1"
    bucket_prefix: str = Field(
        "", pattern=r"^[a-z0-9-]{0,30}$", description="put before the names of all buckets"
    )
    originals: str = Field(
        "originals", pattern=r"^[a-z0-9-]{3,30}$", description="bucket of the files as they came"
    )
    results: str = Field(
        "results",
        pattern=r"^[a-z0-9-]{3,30}$",
        description="bucket of signed artefacts, manifests and indexes",
    )
    work: str = Field(
        "work",
        pattern=r"^[a-z0-9-]{3,30}$",
        description="bucket of what is worked on, emptied as dossiers are published",
    )
    retention_days: int = Field(
        3650, ge=1, le=36500, description="how long nothing may delete an object"
    )
    retention_mode: RetentionMode = RetentionMode.governance
    data_dir: Path | None = Field(
        None,
        description="the embedded store's folder, flushed to disk by Objects.sync; None outside",
    )
    retry_seconds: float = Field(
        45.0,
        gt=0,
        description="how long to try again while the store does not answer; over 20 s, because a"
        " change of leader in the store takes up to 19 s",
    )
    connect_seconds: float = Field(5.0, gt=0)
    read_seconds: float = Field(60.0, gt=0)

    @property
    def originals_bucket(self) -> str:
        """Full name of the bucket of originals."""
        return self.bucket_prefix + self.originals

    @property
    def work_bucket(self) -> str:
        """Full name of the bucket of what is worked on."""
        return self.bucket_prefix + self.work

    @property
    def results_bucket(self) -> str:
        """Full name of the bucket of results."""
        return self.bucket_prefix + self.results
