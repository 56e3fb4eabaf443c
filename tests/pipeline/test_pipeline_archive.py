"""What is stored stays provable: archive time stamps renewed, on a schedule that Prefect shows."""

import base64
import json
import urllib.request
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from running import Running

from schemas.errors import ExitCode
from schemas.verdict import Verdict
from signing import verify
from sohoa.keys import trust_of
from sohoa.sample import draw_small
from usecases.evidence import check

pytestmark = pytest.mark.service

CODE = f"H17.9-{date.today():%y%m%d}-0001"


def test_stored_results_are_renewed_beside_the_old_ones(serving: Running, tmp_path: Path) -> None:
    (scans,) = draw_small(tmp_path / "drawn", 1, date.today())
    answer = serving.cli("ingest", scans, "--dossier", CODE, "--wait", "--timeout", "400", "--json")
    assert answer.json["dossiers"][0]["stage"] == "published"
    with serving.ledger() as ledger:
        dossier = ledger.dossier(CODE)
        assert dossier is not None
        before = ledger.objects(dossier.id)

    # a time stamp of 15 years counts as running out
    told = serving.cli("resign-archive", "--stored", "--within", "10000", "--json")
    assert told.code == ExitCode.ok and told.json["renewed"] > 0 == told.json["refused"]
    with serving.ledger() as ledger:
        after = ledger.objects(dossier.id)
        assert ledger.verify_chain().first_broken_seq is None
    assert after[: len(before)] == before
    assert [one.kind.value for one in after[len(before) :]] == ["renewed", "index"]

    got = serving.cli("results", "get", CODE, "--out", tmp_path, "--json").json["files"]
    (file,) = (Path(one["path"]) for one in got if one["kind"] == "renewed")
    assert "signed" not in {one["kind"] for one in got}
    trust = trust_of(serving.settings())
    verdict = verify(file, trust)
    assert verdict.verdict is Verdict.valid and verdict.signatures[0].level == "B-LTA"
    assert serving.cli("evidence", "export", CODE, "--out", tmp_path / "e.asice").code == 0
    assert check(tmp_path / "e.asice", trust).sound


def _prefect(serving: Running, path: str, body: bytes = b"{}") -> Any:
    address = serving.facts()["services"]["prefect"]["address"]
    own = (serving.data / "secrets" / "prefect_auth").read_bytes().strip()
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Basic {base64.b64encode(own).decode()}",
    }
    request = urllib.request.Request(f"{address}/api/{path}", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.mark.parametrize("flow", ["resign-archive", "check-store"])
def test_the_night_s_run_is_planned_and_one_asked_for_is_done(serving: Running, flow: str) -> None:
    named = json.dumps({"flows": {"name": {"any_": [flow]}}}).encode()

    def deployed() -> bool:
        return bool(_prefect(serving, "deployments/filter", named))

    serving.wait_for(deployed, 60, "a deployment")
    (deployment,) = _prefect(serving, "deployments/filter", named)
    (schedule,) = deployment["schedules"]
    assert schedule["schedule"]["timezone"] == "Asia/Ho_Chi_Minh"
    asked = _prefect(serving, f"deployments/{deployment['id']}/create_flow_run")

    def runs() -> dict[str, str]:
        found = _prefect(serving, "flow_runs/filter")
        own = [one for one in found if one["deployment_id"] == deployment["id"]]
        return {one["id"]: one["state_type"] for one in own}

    serving.wait_for(lambda: runs()[asked["id"]] == "COMPLETED", 120, "the run that was asked for")

    def others() -> list[str]:
        return [state for name, state in runs().items() if name != asked["id"]]

    serving.wait_for(lambda: "SCHEDULED" in others(), 120, "the night's run to be planned")
