"""How each role signs, as values."""

from datetime import datetime

from schemas.messages import sentence
from schemas.page import Frozen
from signing.options import SignerRole


class Profile(Frozen):
    """One kind of signature."""

    role: SignerRole
    field: str
    """Signature fields are called this with a number."""
    locks: bool
    """Nobody may sign or change anything after it."""

    def lines(self, *, agency: str, signer: str, time: datetime) -> tuple[str, ...]:
        """The text of its stamp, line by line; the time in ISO 8601 with its zone."""
        text = sentence(
            f"signing.stamp_{self.role.value}",
            "vi",
            agency=agency,
            signer=signer,
            time=time.isoformat(timespec="seconds"),
        )
        return tuple(text.splitlines())


PROFILES = {
    profile.role: profile
    for profile in (
        Profile(role=SignerRole.seal, field="Seal", locks=True),
        Profile(role=SignerRole.clerk, field="Clerk", locks=False),
        Profile(role=SignerRole.leader, field="Leader", locks=False),
    )
}
"""The seal makes the electronic copy (SAO Y; NĐ 30/2020, annex I) and ends the signing; clerk and
leader sign before it."""
