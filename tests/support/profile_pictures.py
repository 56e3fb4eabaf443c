"""Draws the pictures of ``docs/screenshots/signing-*.png``: one of each profile.

``python tests/support/profile_pictures.py docs/screenshots``; ``make screenshots`` does it.
"""

import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2 as pdfium
from drawn_signatures import draw_paper, draw_seal, draw_signature

from signing import Pki, Signer, SignerRole, SigningOptions
from signing.options import PictureFile
from signing.profiles import shipped_profiles

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"
AT = datetime(2026, 11, 24, 9, 30, 15, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
SCALE = 1.3


def options(folder: Path) -> SigningOptions:
    """Signing with an invented signature and seal drawn into ``folder``."""
    return SigningOptions(
        agency=AGENCY,
        check_page="https://sohoa.hoasen.example/check/",
        pictures={
            SignerRole.leader: PictureFile(file=draw_signature(folder / "signature.png")),
            SignerRole.seal: PictureFile(file=draw_seal(folder / "seal.png")),
        },
    )


def sign_each(folder: Path) -> dict[str, Path]:
    """A paper signed with each profile; the agency's after the leader's."""
    paper = draw_paper(folder / "paper.pdf")
    pki = Pki.ensure(folder / "pki", AGENCY, lambda: AT)
    signer = Signer(pki, options(folder))
    made: dict[str, Path] = {}
    for profile in sorted(shipped_profiles(), key=lambda name: name == "agency"):
        source = made["leader"] if profile == "agency" else paper
        made[profile] = folder / f"{profile}.pdf"
        signer.sign(
            source,
            made[profile],
            profile=profile,
            number="123/QĐ-UBND",
            reference="H17-261124-0001/result-001",
            public_code="5W3KQ7ZC0HBN8RT2MXJ4PDVE6S",
            at=AT,
        )
    signer.close()
    return made


def main(out: Path) -> None:
    """Sign, render, write small PNGs."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for profile, path in sign_each(Path(folder)).items():
            document = pdfium.PdfDocument(path)
            document.init_forms()
            picture = document[0].render(scale=SCALE, may_draw_forms=True).to_pil()
            few = picture.convert("P", palette=1, colors=128)
            few.save(out / f"signing-{profile}.png", optimize=True)
            document.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
