"""Kinds of signature as data: whose key, how each looks, where it stands and what it forbids.

One YAML file each under ``signing/data/profiles/``, and in the folder where an office keeps its
own; the file's name without its ending is the profile's name. A new profile touches no Python.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import NamedTuple

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from schemas.data_file import parameters, read_data_files, refuse_unknown
from schemas.data_name import DataName
from schemas.errors import ConfigurationError, NotFound
from schemas.page import Frozen
from signing.options import SignerRole

ProfileName = DataName
"""``sao-y``; whether there is such a profile is for :class:`Profiles` to say."""


class Placement(StrEnum):
    """Where a signature shows."""

    top_right = "top_right"
    signer_block = "signer_block"
    """Between the signer's title and name."""
    over_signature = "over_signature"
    """Over about a third of the person's picture, on its left."""


class CheckText(NamedTuple):
    """What people type who have no telephone at hand."""

    page: str
    """Address of the page, without scheme."""
    code: str
    """The public code in groups."""


class Profile(Frozen):
    """One kind of signature."""

    name: ProfileName
    role: SignerRole = Field(description="whose key and picture, unless another role is named")
    usual: bool = Field(False, description="what its role signs where no profile is named")
    field: str = Field(
        pattern=r"^[A-Z][A-Za-z]{1,30}$", description="signature fields: this with a number"
    )
    locks: bool = Field(description="nobody may sign or change anything after it")
    placement: Placement
    stamp: tuple[str, ...] = Field(
        (),
        description="lines of text with {agency}, {signer}, {number}, {time}; where a picture "
        "belongs and none is set, they stand at the top right instead. Without lines and without "
        "a picture nothing shows. Lines with {check_page}, {code} are there where a document has a "
        "public code and there is room for them",
    )
    prepares: ProfileName | None = Field(
        None,
        description="a profile over_signature that signs later; its field is made with this "
        "signature, which stands in the signer's block",
    )
    qr_code: bool = Field(
        False, description="the QR code of the check page stands beside the lines, where it fits"
    )
    legal_basis: str = Field(min_length=1)

    @field_validator("stamp")
    @classmethod
    def _known_parameters(cls, stamp: tuple[str, ...]) -> tuple[str, ...]:
        for line in stamp:
            refuse_unknown(line, _PARAMETERS)
        return stamp

    @model_validator(mode="after")
    def _prepares_from_the_block(self) -> "Profile":
        if self.prepares is not None and self.placement is not Placement.signer_block:
            raise PydanticCustomError("signing.profile_prepares_elsewhere", "no signer's block")
        return self

    @property
    def pictured(self) -> bool:
        """Whether a picture belongs to it."""
        return self.placement is not Placement.top_right

    @property
    def numbered(self) -> bool:
        """Whether its lines show the document's number."""
        return any("number" in parameters(line) for line in self.stamp)

    def lines(
        self,
        *,
        agency: str,
        signer: str,
        time: datetime,
        number: str | None = None,
        check: "CheckText | None" = None,
    ) -> tuple[str, ...]:
        """The text of its stamp, line by line; the time in ISO 8601 with its zone.

        Lines that show the public code are left out without ``check``.

        Raises:
            ConfigurationError: it shows the document's number, and there is none.
        """
        if self.numbered and not number:
            raise ConfigurationError("signing.number_needed")
        values = {
            "agency": agency,
            "signer": signer,
            "number": number or "",
            "time": time.isoformat(timespec="seconds"),
        }
        if check is not None:
            values |= {"check_page": check.page, "code": check.code}
        shown = (line for line in self.stamp if check or not _OF_CHECK & parameters(line))
        return tuple(line.format_map(values) for line in shown)

    @property
    def letters(self) -> set[str]:
        """The letters of its lines, without those of what is put in."""
        return {
            letter for line in self.stamp for text, *_ in Formatter().parse(line) for letter in text
        }


_OF_CHECK = frozenset({"check_page", "code"})
_PARAMETERS = frozenset({"agency", "signer", "number", "time"}) | _OF_CHECK


class Profiles(Mapping[str, Profile]):
    """The profiles an office knows, by their names."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        """A later profile takes the place of an earlier one with the same name or usual role.

        Raises:
            ConfigurationError: they contradict each other; the sentence names the files.
        """
        self._by_name = MappingProxyType({one.name: one for one in profiles})
        self._usual = {one.role: one for one in self._by_name.values() if one.usual}
        fields: dict[str, str] = {}
        for one in self._by_name.values():
            other = fields.setdefault(one.field, one.name)
            if other != one.name:
                raise ConfigurationError(
                    "signing.profile_field_taken",
                    file=f"{one.name}.yaml",
                    field=one.field,
                    other=other,
                )
            after = self._by_name.get(one.prepares) if one.prepares else None
            if one.prepares and (after is None or after.placement is not Placement.over_signature):
                raise ConfigurationError(
                    "signing.profile_prepares_unknown",
                    file=f"{one.name}.yaml",
                    name=one.prepares,
                )

    def __getitem__(self, name: str) -> Profile:
        """The profile of that name.

        Raises:
            KeyError: there is none.
        """
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def chosen(self, name: str | None, role: SignerRole | None) -> Profile:
        """The profile ``name``; where none is named the role's usual one, of the seal at last.

        Raises:
            NotFound: there is no profile of that name.
        """
        if name is None:
            return self._usual[role or SignerRole.seal]
        if name not in self:
            raise NotFound("signing.no_such_profile", name=name, known=", ".join(self))
        return self[name]

    def preparing(self, profile: Profile) -> Profile | None:
        """The profile whose signature makes the field of ``profile`` ready."""
        return next((one for one in self.values() if one.prepares == profile.name), None)


@cache
def shipped_profiles() -> Profiles:
    """Those of Decree 30/2020 and TT 01/2023."""
    return Profiles(read_data_files(files("signing").joinpath("data", "profiles"), Profile))


def known_profiles(folder: Path | None = None) -> Profiles:
    """The shipped profiles and those of ``folder`` (``*.yaml``).

    Raises:
        ConfigurationError: a file is not what it should be; the sentence names its line.
    """
    if folder is None or not folder.is_dir():
        return shipped_profiles()
    return Profiles([*shipped_profiles().values(), *read_data_files(folder, Profile)])
