"""How each kind of signature looks, where it stands and what it forbids: policies, as values."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from schemas.errors import ConfigurationError
from schemas.messages import sentence
from schemas.page import Frozen
from signing.options import SignerRole


class ProfileName(StrEnum):
    """The kinds of signature that Decree 30/2020 and TT 01/2023 know."""

    leader = "leader"
    agency = "agency"
    attachment = "attachment"
    sao_y = "sao-y"
    sao_luc = "sao-luc"
    trich_sao = "trich-sao"
    component = "component"


class Place(StrEnum):
    """Where a signature shows."""

    top_right = "top_right"
    signer_block = "signer_block"
    """Between the signer's title and name."""
    over_signature = "over_signature"
    """Over about a third of the person's picture, on its left."""


class Profile(Frozen):
    """One kind of signature."""

    name: ProfileName
    role: SignerRole
    """Whose key signs, unless another is named."""
    field: str
    """Signature fields are called this with a number."""
    locks: bool
    """Nobody may sign or change anything after it."""
    place: Place
    text: str | None
    """Key of its lines in the catalogue; where a picture belongs and none is set, they stand at the
    top right instead. None: without a picture nothing shows."""
    prepares: tuple[ProfileName, ...] = ()
    """Whose fields are made ready with the first signature, because they sign later."""
    linked: bool = False
    """A QR code to the verification page stands beside its lines, where an address is set."""
    legal_basis: str

    @property
    def pictured(self) -> bool:
        """Whether a picture belongs to it."""
        return self.place is not Place.top_right

    def lines(
        self, *, agency: str, signer: str, time: datetime, number: str | None = None
    ) -> tuple[str, ...]:
        """The text of its stamp, line by line; the time in ISO 8601 with its zone.

        Raises:
            ConfigurationError: it shows the document's number, and there is none.
        """
        if self.text is None:
            return ()
        if self.name is ProfileName.attachment and not number:
            raise ConfigurationError("signing.number_needed")
        text = sentence(
            f"signing.{self.text}",
            "vi",
            agency=agency,
            signer=signer,
            number=number or "",
            time=time.isoformat(timespec="seconds"),
        )
        return tuple(text.splitlines())


_DECREE = "30/2020/NĐ-CP, Phụ lục I"

PROFILES: Mapping[ProfileName, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(
                name=ProfileName.leader,
                role=SignerRole.leader,
                field="Leader",
                locks=False,
                place=Place.signer_block,
                text="stamp_leader",
                prepares=(ProfileName.agency,),
                legal_basis=f"{_DECREE}, mục II.7",
            ),
            Profile(
                name=ProfileName.agency,
                role=SignerRole.seal,
                field="Agency",
                locks=True,
                place=Place.over_signature,
                text=None,
                legal_basis=f"{_DECREE}, mục II.8",
            ),
            Profile(
                name=ProfileName.attachment,
                role=SignerRole.seal,
                field="Attachment",
                locks=True,
                place=Place.top_right,
                text="stamp_attachment",
                legal_basis=f"{_DECREE}, mục II.8",
            ),
            *(
                Profile(
                    name=name,
                    role=SignerRole.seal,
                    field=field,
                    locks=True,
                    place=Place.top_right,
                    text=text,
                    linked=True,
                    legal_basis=f"{_DECREE}, mục III.2",
                )
                for name, field, text in (
                    (ProfileName.sao_y, "Seal", "stamp_seal"),
                    (ProfileName.sao_luc, "Recopy", "stamp_sao_luc"),
                    (ProfileName.trich_sao, "Extract", "stamp_trich_sao"),
                )
            ),
            Profile(
                name=ProfileName.component,
                role=SignerRole.clerk,
                field="Clerk",
                locks=False,
                place=Place.top_right,
                text="stamp_clerk",
                legal_basis="01/2023/TT-VPCP, điều 8",
            ),
        )
    }
)
"""Person first, seal last: what the agency signs ends the signing."""

USUAL: Mapping[SignerRole, ProfileName] = MappingProxyType(
    {
        SignerRole.seal: ProfileName.sao_y,
        SignerRole.clerk: ProfileName.component,
        SignerRole.leader: ProfileName.leader,
    }
)
"""What a role signs where no profile is named."""
