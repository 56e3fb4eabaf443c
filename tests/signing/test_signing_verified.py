"""What is signed is verified before it is put into its place: valid, or nothing is written."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pdf_attacks import appended
from pdf_signing import identity, sign
from pyhanko.pdf_utils.generic import NameObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from schemas.errors import InputRejected
from schemas.verdict import FileVerdict, Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions, Trust, verify
from signing.creation import verified
from signing.creation.pades import Pades
from signing.validation.known import Known, Recalled
from signing.validation.same_pages import plainly_same
from signing.validation.verify import without_pictures


@pytest.fixture
def meddled(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[bytes], bytes]], None]:
    """Something goes wrong while a file is written."""

    def by(change: Callable[[bytes], bytes]) -> None:
        usual = Pades.append

        async def append(self: Pades, stream: Any, plan: Any) -> None:
            await usual(self, stream, plan)
            stream.seek(0)
            changed = change(stream.read())
            stream.seek(0)
            stream.truncate()
            stream.write(changed)

        monkeypatch.setattr(Pades, "append", append)

    return by


def _flipped(content: bytes) -> bytes:
    at = content.index(b"%PDF-") + 9
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def _shown_anew(content: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    writer.root[pdf_name("/PageMode")] = NameObject("/FullScreen")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


WRONG = {
    "a byte": _flipped,
    "more": lambda content: content + b"1 0 obj\n<<>>\nendobj\n",
    "an update": _shown_anew,
    "cut off": lambda content: content[:-300],
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("level", [Level.b_b, Level.b_lta])
def test_a_file_that_came_out_wrong_is_not_written(
    source: Path, tmp_path: Path, pki: Pki, meddled: Any, name: str, level: Level
) -> None:
    signer = Signer(pki, SigningOptions(level=level))
    signer.sign(source, tmp_path / "first.pdf", role=SignerRole.seal)  # is known from here on
    meddled(WRONG[name])
    with pytest.raises(InputRejected) as refused:
        signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    signer.close()
    assert refused.value.code == "signing.signed_not_valid"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.pdf", "source.pdf"]


def test_a_document_that_was_altered_is_not_signed_once_more(
    tmp_path: Path, signer: Signer, led_bytes: bytes
) -> None:
    source = tmp_path / "source.pdf"
    for change in (_shown_anew, _flipped):
        source.write_bytes(change(led_bytes))
        with pytest.raises(InputRejected) as refused:
            signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
        assert refused.value.code == "signing.source_not_intact"
        assert [path.name for path in tmp_path.iterdir()] == ["source.pdf"]


def test_earlier_signatures_keep_their_verdict(
    tmp_path: Path, signer: Signer, trust: Trust, paper: bytes, stranger: Pki, led_bytes: bytes
) -> None:
    source, out = tmp_path / "source.pdf", tmp_path / "out.pdf"
    source.write_bytes(sign(paper, identity(stranger)))
    signer.sign(source, out, role=SignerRole.seal)
    after = verify(out, trust)
    assert after.verdict is Verdict.intact_untrusted
    assert [(one.intact, one.trusted) for one in after.signatures] == [(True, False), (True, True)]
    out.unlink()
    source.write_bytes(led_bytes)
    signer.sign(source, out, profile="agency")
    assert verify(out, trust).verdict is Verdict.valid


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Keys that nobody trusts."""
    place = tmp_path_factory.mktemp("stranger")
    return Pki.ensure(place / "pki", "CƠ QUAN KHÁC", lambda: datetime.now(UTC))


def _report(verdict: Verdict, *reports: Any) -> FileVerdict:
    return FileVerdict(file="", verdict=verdict, sentence="", signatures=reports)


def test_an_earlier_signature_made_worse_is_noticed(
    sealed_bytes: bytes, tmp_path: Path, trust: Trust
) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(sealed_bytes)
    (one,) = verify(path, trust).signatures
    own = one.model_copy(update={"field": "Own"})
    before = _report(Verdict.valid, one)
    assert verified._no_worse(before, _report(Verdict.valid, one, own), "Own")
    for worse in (
        {"intact": False},
        {"trusted": False},
        {"revoked": True},
        {"findings": ("changed_after",)},
        {"findings": ("covers_page",)},
        {"field": "Other"},
    ):
        bad = one.model_copy(update=worse)
        assert not verified._no_worse(before, _report(Verdict.valid, bad, own), "Own")
    assert not verified._no_worse(before, _report(Verdict.valid, own), "Own")
    assert not verified._no_worse(before, _report(Verdict.intact_untrusted, one, own), "Own")
    assert not verified._no_worse(None, _report(Verdict.intact_untrusted, own), "Own")
    for blemish in ({"covers_whole_file": False}, {"findings": ("byte_range",)}):
        spoilt = own.model_copy(update=blemish)
        assert not verified._stands(_report(Verdict.valid, spoilt), "Own")
    assert not verified._stands(_report(Verdict.valid, own, own), "Own")


@pytest.mark.parametrize("level", list(Level))
def test_what_is_known_changes_no_verdict(
    source: Path, tmp_path: Path, pki: Pki, level: Level
) -> None:
    """The quick way and the full one say the same of every signature."""
    signer, known = Signer(pki, SigningOptions(level=level)), Known()
    trust = None
    for number in range(3):
        out = tmp_path / f"{number}.pdf"
        signer.sign(source, out, role=SignerRole.seal)
        trust = trust or signer._trust(signer._signers[SignerRole.seal])
        now = datetime.now(UTC)
        quick, revisions = without_pictures(out, trust, known, now)
        full = verify(out, trust, at=now, language="en")
        assert quick == full
        with out.open("rb") as stream:
            assert plainly_same(stream, [one.end for one in revisions])
    signer.close()


def test_what_is_known_hides_no_damage(
    source: Path, tmp_path: Path, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer, known = Signer(pki, SigningOptions()), Known()
    out, used = tmp_path / "out.pdf", []
    signer.sign(source, out, role=SignerRole.seal)
    trust, now = signer._trust(signer._signers[SignerRole.seal]), datetime.now(UTC)
    signer.close()
    usual = Recalled.signature

    def counted(self: Recalled, *about: Any) -> bool:
        used.append(usual(self, *about))
        return used[-1]

    monkeypatch.setattr(Recalled, "signature", counted)
    assert without_pictures(out, trust, known, now)[0].verdict is Verdict.valid and not used
    assert without_pictures(out, trust, known, now)[0].verdict is Verdict.valid and used == [True]
    content = out.read_bytes()
    for change in WRONG.values():
        out.write_bytes(change(content))
        assert without_pictures(out, trust, known, now)[0].verdict not in verified.GOOD
    # other certificates, another trust, or much later: all is judged anew
    used.clear()
    out.write_bytes(content)
    without_pictures(out, trust.model_copy(), known, now)
    without_pictures(out, trust, known, now.replace(year=now.year + 1, day=1))
    assert used == []


def test_pages_are_drawn_where_cross_references_are_mended(tmp_path: Path, paper: bytes) -> None:
    path = tmp_path / "x.pdf"
    out = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    content = out.getvalue()
    path.write_bytes(content)
    with path.open("rb") as stream:
        assert plainly_same(stream, [len(content)])
    at = content.rindex(b"startxref")
    path.write_bytes(content[:at] + b"startxref\n99\n%%EOF\n")
    with path.open("rb") as stream:
        assert not plainly_same(stream, [len(content)])


def test_a_container_that_came_out_wrong_is_not_written(
    tmp_path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signing.creation import signer as module

    file, out = tmp_path / "a.csv", tmp_path / "x.asice"
    file.write_bytes(b"1;2\n")
    usual = module.write_container

    async def spoilt(files: Any, stream: Any, **options: Any) -> None:
        await usual(files, stream, **options)
        stream.seek(0)
        content = stream.read().replace(b"a.csv", b"b.csv", 1)
        stream.seek(0)
        stream.write(content)

    monkeypatch.setattr(module, "write_container", spoilt)
    with pytest.raises(InputRejected) as refused:
        signer.contain([file], out)
    assert refused.value.code == "signing.container_not_valid"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_what_a_crash_left_is_verified_before_it_is_adopted(
    source: Path, tmp_path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, part = tmp_path / "out.pdf", tmp_path / "out.pdf.part"
    signer.sign(source, out, role=SignerRole.seal)
    out.rename(part)
    monkeypatch.setattr(verified, "verify", lambda *a, **k: _report(Verdict.altered))
    with pytest.raises(InputRejected):
        signer.sign(source, out, role=SignerRole.seal)
    assert not out.exists()


def _saved(paper: bytes, change: Callable[[pikepdf.Pdf], None], **options: Any) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        change(document)
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, **options)
    return out.getvalue()


def _names_what_comes(content: bytes) -> bytes:
    """The page names objects that the signature, its evidence and the time stamp will bring."""
    size = max(int(one) for one in re.findall(rb"/Size (\d+)", content))
    (page,) = re.findall(rb"\n(\d+) 0 obj\n<<[^>]*/Type /Page\b", content)[:1]
    begin = content.index(b"\n%s 0 obj" % page) + 1
    body = content[content.index(b"<<", begin) + 2 : content.index(b"endobj", begin)]
    coming = b" ".join(b"%d 0 R" % number for number in range(size, size + 60))
    return appended(content, {int(page): b"<< /PieceInfo << /X [" + coming + b"] >>" + body})


def _named_twice(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.PieceInfo = pikepdf.Dictionary(X=document.Root)


UNUSUAL: dict[str, Callable[[bytes], bytes]] = {
    "names what comes": lambda paper: _names_what_comes(_saved(paper, lambda _: None)),
    "catalogue named by a page": lambda paper: _saved(paper, _named_twice),
    "linearised": lambda paper: _saved(paper, lambda _: None, linearize=True),
    "a key twice": lambda paper: _saved(paper, lambda _: None).replace(
        b"/Type /Page\n", b"/Type /Page /X (a(b)) /X 1 \n"
    ),
    "filling": lambda paper: paper + b"\n" * 3 + b"\x00" * 5000,
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_an_unusual_file_is_signed_and_valid_or_refused(
    tmp_path: Path, paper: bytes, signer: Signer, trust: Trust, name: str
) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(UNUSUAL[name](paper))
    written = []
    for number in range(2):  # for the second one the certificates are known
        out = tmp_path / f"{number}.pdf"
        try:
            signer.sign(source, out, role=SignerRole.seal)
        except InputRejected as refused:
            assert refused.code == "signing.signed_not_valid"
        written.append(out.exists())
        assert not out.exists() or verify(out, trust).verdict is Verdict.valid
    assert written == [name != "names what comes"] * 2
    assert not list(tmp_path.glob("*.part"))
