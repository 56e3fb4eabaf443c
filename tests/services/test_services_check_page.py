"""Where the public codes of documents lead: to the desk, if strangers reach it, or elsewhere."""

from pathlib import Path

import pytest

from signing import SigningOptions
from sohoa.bootstrap import signing_of
from sohoa.portal_settings import PortalSettings
from sohoa.settings import Settings

DESK = "https://sohoa.example.vn"
ELSEWHERE = "https://tra.example.vn/?m={reference}"


@pytest.mark.parametrize(
    ("desk", "said", "leads"),
    [
        (DESK, None, f"{DESK}/check/"),
        (DESK, ELSEWHERE, ELSEWHERE),
        (None, ELSEWHERE, ELSEWHERE),
        (None, None, None),
    ],
)
def test_where_codes_lead(
    tmp_path: Path, desk: str | None, said: str | None, leads: str | None
) -> None:
    settings = Settings(
        data=tmp_path,
        portal=PortalSettings(public_url=desk),
        signing=SigningOptions(check_page=said),
    )
    assert signing_of(settings).check_page == leads
    assert settings.signing.check_page == said, "what is signed outside of dossiers has no code"
