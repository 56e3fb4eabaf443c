"""Settings of telling other systems: patience, whom to trust, secrets that are not in files."""

import ssl
from pathlib import Path

from pydantic import Field, SecretStr

from schemas.delivery import DeliveringOptions
from schemas.errors import ConfigurationError


class DeliveringSettings(DeliveringOptions):
    """How other systems are told of changes; which, ``sohoa target`` says."""

    ca_file: Path | None = Field(
        None, description="PEM of an authority to trust besides the machine's own"
    )
    secrets: dict[str, SecretStr] = Field(
        {}, description="by the system's name, in place of the file that `target add` writes"
    )

    def tls(self) -> ssl.SSLContext:
        """Whom the sender believes.

        Raises:
            ConfigurationError: ``delivering.bad_ca``.
        """
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca_file is not None:
            try:
                context.load_verify_locations(self.ca_file)
            except (OSError, ValueError) as wrong:  # SSLError is an OSError
                raise ConfigurationError("delivering.bad_ca") from wrong
        return context
