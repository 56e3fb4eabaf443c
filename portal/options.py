"""What the office says of its desk."""

from pathlib import Path

from pydantic import Field

from schemas.messages import Language
from schemas.page import Frozen


class PortalOptions(Frozen):
    """How the desk is served, and what its pages must know besides the rooms."""

    office: str = Field("", description="the office's name, at the head of every page")
    language: Language = Field("vi", description="of who has chosen none")
    timezone: str = "Asia/Ho_Chi_Minh"
    secure: bool = Field(False, description="people reach it by https")
    hosts: frozenset[str] | None = Field(
        None, description="names by which it is reached; None: any, where a proxy or TLS says which"
    )
    idle_minutes: int = Field(30, ge=1, description="until an unused session ends")
    longest_hours: int = Field(12, ge=1, description="until any session ends")
    inbox: Path | None = Field(None, description="where papers are handed in")
    department_default: str = "chung"
    prefect_url: str | None = Field(None, description="Prefect's page, for operators")
