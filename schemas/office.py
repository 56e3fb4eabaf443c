"""What the hosts of an office have in common."""

from pydantic import Field

from schemas.page import Frozen


class OfficeRoot(Frozen):
    """The office's root certificate: what the ledger has on record, and what this host has."""

    recorded: str | None = Field(
        description="SHA-256 of the certificate, hex; None where the ledger names none"
    )
    own: str | None = Field(description="the same of this host; None where it has no keys yet")

    @property
    def agrees(self) -> bool:
        """Whether this host may work with the ledger."""
        return self.recorded is None or self.recorded == self.own
