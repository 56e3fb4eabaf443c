"""The doctor on what an office adds as data."""

from pathlib import Path

import pytest

from sohoa.doctor.check import CheckResult, look
from sohoa.doctor.data import DATA
from sohoa.settings import load_settings

OWN = """
id: giay_thu
names: {vi: Giấy thử, en: Trial}
legal_basis: Không
layout: labelled
recognise: {titles: [GIẤY THỬ]}
fields: [{id: full_name, labels: [{text: "Họ và tên:"}], type: name}]
"""


def findings(data: Path) -> dict[str, CheckResult]:
    settings = load_settings(data=data, language="en")
    return {examiner.name: look(examiner, settings) for examiner in DATA}


def test_own_types_are_counted(tmp_path: Path) -> None:
    (tmp_path / "types").mkdir()
    (tmp_path / "types" / "thu.yaml").write_text(OWN, encoding="utf-8")
    found = findings(tmp_path)
    assert all(one.works for one in found.values())
    assert (found["document types"].version or "").endswith("(+1)")


@pytest.mark.parametrize(
    ("file", "name"), [("types/thu.yaml", "document types"), ("calibration.json", "calibration")]
)
def test_a_damaged_file_is_a_finding_with_advice(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / "types").mkdir()
    (tmp_path / file).write_text("id: [", encoding="utf-8")
    found = findings(tmp_path)[name]
    assert not found.works
    assert "sohoa" in (found.advice or "")
