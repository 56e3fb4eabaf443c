"""Settings of the population register: whom to ask, and with which certificate."""

from pathlib import Path

from pydantic import Field, model_validator

from schemas.page import Frozen


class RegisterSettings(Frozen):
    """Whom to ask about personal numbers; nobody where neither is set."""

    table: Path | None = Field(None, description="CSV: personal_id, full_name, dob, sex")
    url: str | None = Field(
        None, pattern=r"^https://[^/?#@\s]+(/\S*)?$", description="the service, HTTPS only"
    )
    ca_file: Path | None = Field(None, description="PEM of the authority of the service")
    client_cert: Path | None = Field(None, description="PEM of this office's certificate")
    client_key: Path | None = Field(None, description="PEM of its key")
    timeout_seconds: float = Field(10.0, gt=0, le=120, description="of one question")

    @model_validator(mode="after")
    def _one(self) -> "RegisterSettings":
        if self.table is not None and self.url is not None:
            raise ValueError("name a table or a service, not both")
        if self.url is not None and (self.client_cert is None or self.client_key is None):
            raise ValueError("url needs client_cert and client_key too")
        return self
