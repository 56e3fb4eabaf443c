"""What the office says of its desk."""

from pathlib import Path

from pydantic import Field, SecretStr

from schemas.messages import Language
from schemas.page import Frozen
from usecases.caller import Duty


class ProviderOptions(Frozen):
    """A provider of identities that lets people in (OpenID Connect), and what its word is worth.

    A person's groups say their duties and departments, anew at each sign-in.
    """

    issuer: str = Field(pattern=r"^https?://[^?#\s]+[^/?#\s]$", description="its address")
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    label: str = Field("OpenID Connect", description="what people call it")
    scope: str = "openid profile"
    name_claim: str = Field("preferred_username", description="what an account is called")
    groups_claim: str = Field(
        "groups", description="a list of words; dots lead into objects: realm_access.roles"
    )
    duties: dict[str, Duty] = Field(default_factory=dict, description="group → role")
    departments: dict[str, str] = Field(
        default_factory=dict, description="group → identifier of a department"
    )
    everywhere: frozenset[str] = Field(
        frozenset(), description="groups whose people work for all departments"
    )


class PortalOptions(Frozen):
    """How the desk is served, and what its pages must know besides the rooms."""

    office: str = Field("", description="the office's name, at the head of every page")
    language: Language = Field("vi", description="of who has chosen none")
    timezone: str = "Asia/Ho_Chi_Minh"
    secure: bool = Field(False, description="people reach it by https")
    hosts: frozenset[str] | None = Field(
        None, description="names by which it is reached; None: any, where a proxy or TLS says which"
    )
    public: str | None = Field(
        None, description="scheme and host by which telephones reach the desk; None: they do not"
    )
    idle_minutes: int = Field(30, ge=1, description="until an unused session ends")
    longest_hours: int = Field(12, ge=1, description="until any session ends")
    inbox: Path | None = Field(None, description="where papers are handed in")
    department_default: str = "chung"
    provider: ProviderOptions | None = Field(None, description="who lets people in besides")
    prefect_url: str | None = Field(None, description="page of a Prefect that is elsewhere")
