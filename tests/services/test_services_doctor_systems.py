"""The doctor tells of systems that are not told of changes as they should be."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.dossier import Role
from schemas.messages import catalogue
from sohoa.bootstrap import open_ledger, target_secrets
from sohoa.doctor import EXAMINERS
from sohoa.doctor.check import CheckResult, look
from sohoa.settings import load_settings
from storage import Failure, NewClaim, NewFile, NewTarget
from usecases.news_signing import new_secret

DOWN = Failure(code="delivering.no_answer")


def finding(data: Path) -> CheckResult:
    examiner = next(one for one in EXAMINERS if one.name == "other-systems")
    return look(examiner, load_settings(data=data))


def told(data: Path, *, failed: timedelta | None = None, dead: bool = False) -> None:
    """A system that is told of one dossier; one try failed so long ago."""
    settings = load_settings(data=data)
    with open_ledger(settings) as ledger:
        target = ledger.targets.add(
            NewTarget(
                name="dvc", folded="dvc", url="https://dvc.example.vn/", departments=None,
                events=frozenset({"received"}), adapter="sohoa", plain=False,
            ),
            "test",
        )  # fmt: skip
        paper = NewFile(
            relative="1.pdf", name="1.pdf", role=Role.component, sha256="a" * 64, bytes=1
        )
        ledger.register(
            NewClaim(
                claim_id="c", department="chung", code="H17-261123-0001", folder="c",
                files=(paper,), actor="test",
            )
        )  # fmt: skip
        if failed is not None:
            past = datetime.now(UTC) - failed
            outbox = type(ledger.outbox)(ledger._database, lambda: past)
            soon = type(ledger.outbox)(ledger._database, lambda: datetime.now(UTC))
            (one,) = soon.take("t", [target.id], together=1, seconds=60)
            outbox.failed(one, "t", DOWN, past, dead=dead)


@pytest.mark.parametrize(
    ("secret", "how", "advice"),
    [
        (True, {}, None),
        (False, {}, "doctor_no_secret"),
        (True, {"failed": timedelta(minutes=5)}, None),
        (True, {"failed": timedelta(hours=2)}, "doctor_other_systems"),
        (True, {"failed": timedelta(minutes=5), "dead": True}, "doctor_given_up"),
    ],
)
def test_it_says_what_to_do(
    tmp_path: Path, secret: bool, how: dict[str, object], advice: str | None
) -> None:
    if secret:
        target_secrets(load_settings(data=tmp_path)).keep("DVC", new_secret())
    told(tmp_path, **how)  # type: ignore[arg-type]
    found = finding(tmp_path)
    assert found.works is (advice is None)
    assert found.advice == (
        catalogue("schemas.messages", "service")[advice]["vi"] if advice else None
    )


def test_nothing_is_said_where_nobody_is_told(tmp_path: Path) -> None:
    assert finding(tmp_path).works
    with open_ledger(load_settings(data=tmp_path)):
        pass
    assert finding(tmp_path).version == "-"


def test_a_secret_that_others_can_read_and_bad_names_are_seen(tmp_path: Path) -> None:
    secrets = target_secrets(load_settings(data=tmp_path))
    secrets.keep("dvc", new_secret())
    told(tmp_path)
    assert finding(tmp_path).works
    (path,) = secrets.folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    assert not finding(tmp_path).works
    path.chmod(0o600)
    path.write_text("mật khẩu", "utf-8")
    assert not finding(tmp_path).works
    secrets.keep("dvc", new_secret())
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "cua-toi.yaml").write_text("record: {A: chua-biet}\n", "utf-8")
    assert "cua-toi.yaml" in (finding(tmp_path).advice or "")
