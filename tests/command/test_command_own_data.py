"""An office's own signing profile and template of a result: one file each in the data folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from drawn_signatures import decision, draw_paper
from typer.testing import CliRunner

from sohoa.cli import app
from sohoa.doctor.check import look
from sohoa.doctor.data import DATA
from sohoa.settings import load_settings

RECEIPT = """\
role: clerk
field: Received
locks: true
placement: top_right
stamp: ["ĐẾN: {signer}", "{time}"]
legal_basis: 30/2020/NĐ-CP, Điều 22
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with the profile ``receipt``; keys of 2048 bits are quicker made."""
    monkeypatch.setattr("signing.keys.pki.KEY_BITS", 2048)
    data = tmp_path / "data"
    (data / "profiles").mkdir(parents=True)
    (data / "profiles" / "receipt.yaml").write_text(RECEIPT, "utf-8")
    (data / "sohoa.toml").write_text("[signing]\nlevel = 'B-B'\n")
    return data


def _run(office: Path, *words: str | Path, code: int = 0) -> dict[str, Any]:
    arguments = [*map(str, words), "--json", "--data", str(office)]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == code, told.output
    return json.loads(told.stdout) if told.stdout.startswith("{") else {}


def test_sign_batch_route_and_verify_know_it(office: Path, tmp_path: Path) -> None:
    paper, out = draw_paper(tmp_path / "paper.pdf"), tmp_path / "signed.pdf"
    signed = _run(office, "sign", paper, "--profile", "receipt", "--out", out)
    assert signed["field"] == "Received1"

    batch = tmp_path / "batch"
    done = _run(office, "sign-batch", paper, "--profile", "receipt", "--out", batch, "--yes")
    assert [one["outcome"] for one in done["results"]] == ["signed"]

    route = tmp_path / "route"
    turns = ("--turn", "component=dao", "--turn", "receipt=mit")
    _run(office, "route", "begin", route, paper, *turns)
    _run(office, "route", "sign", route, "--as", "dao")
    _run(office, "route", "sign", route, "--as", "mit")
    early = ("--turn", "receipt=mit", "--turn", "component=dao")  # it locks
    _run(office, "route", "begin", tmp_path / "early", paper, *early, code=1)

    told = _run(office, "verify", out, batch / "paper.pdf", route / "2.pdf")
    fields = [[one["field"] for one in file["signatures"]] for file in told["files"]]
    assert fields == [["Received1"], ["Received1"], ["Clerk1", "Received1"]]
    assert {file["verdict"] for file in told["files"]} == {"valid"}


def test_a_batch_whose_profile_went_away_says_so(office: Path, tmp_path: Path) -> None:
    paper, batch = draw_paper(tmp_path / "paper.pdf"), tmp_path / "batch"
    _run(office, "sign-batch", paper, "--profile", "receipt", "--out", batch, "--yes")
    (office / "profiles" / "receipt.yaml").unlink()
    told = CliRunner().invoke(app, ["sign-batch", "--out", str(batch), "--data", str(office)])
    assert getattr(told.exception, "code", None) == "signing.no_such_profile"


def test_a_name_nobody_knows_is_wrong_usage(office: Path, tmp_path: Path) -> None:
    paper = draw_paper(tmp_path / "paper.pdf")
    words = ["sign", str(paper), "--profile", "recipt", "--out", str(tmp_path / "x.pdf")]
    told = CliRunner().invoke(app, [*words, "--data", str(office)])
    assert told.exit_code == 2 and "'receipt'" in told.output


def test_the_doctor_counts_it_and_names_what_is_wrong(office: Path) -> None:
    (profiles,) = (one for one in DATA if one.name == "signing profiles")
    settings = load_settings(data=office, language="en")
    assert look(profiles, settings).version == "8 (+1)"
    (office / "profiles" / "receipt.yaml").write_text(RECEIPT.replace("clerk", "king"), "utf-8")
    found = look(profiles, settings)
    assert not found.works
    assert found.advice == "receipt.yaml, line 1: role must be one of: seal, clerk, leader."


TEMPLATE = """\
title: Giấy biên nhận
legal_basis: Quy chế của phường
fields: {full_name: {at_least: 1}}
body:
  - letterhead: {}
  - line: {text: "Ông, bà {full_name}"}
  - signature: {}
"""


def test_draw_and_the_doctor_know_its_template(office: Path, tmp_path: Path) -> None:
    folder, fields, out = office / "result-templates", tmp_path / "f.yaml", tmp_path / "out.pdf"
    folder.mkdir()
    (folder / "bien-nhan.yaml").write_text(TEMPLATE, "utf-8")
    values = {name: decision()[name] for name in ("issuer", "number", "day", "signer")}
    fields.write_text(json.dumps({**values, "full_name": "Nguyễn Thị Đào"}))
    told = _run(office, "draw", "bien-nhan", fields, "--out", out)
    assert told["template"] == "bien-nhan" and out.is_file()
    _run(office, "draw", "bien-nhab", fields, "--out", tmp_path / "other.pdf", code=2)

    (templates,) = (one for one in DATA if one.name == "result templates")
    settings = load_settings(data=office, language="en")
    assert look(templates, settings).version == "3 (+1)"
    (folder / "bien-nhan.yaml").write_text(TEMPLATE.replace('{full_name}"', '{name}"'), "utf-8")
    advice = look(templates, settings).advice or ""
    assert advice.startswith("bien-nhan.yaml, line 6: body.1.line has no parameter {name}.")
