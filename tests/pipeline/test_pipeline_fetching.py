"""From paper to another system: the object says what it is, the desk gives it by its DocCode."""

import hashlib
import zipfile
from pathlib import Path

import httpx
import pytest
from handed_in import code, ingest, page
from running import Running

from sohoa.bootstrap import open_objects

pytestmark = pytest.mark.service

BASE = "/api/v1/documents"


def test_a_published_paper_is_fetched_by_another_system(
    serving: Running, pages: Path, tmp_path: Path
) -> None:
    answer = ingest(serving, page(pages, 11), "--dossier", code(51), "--department", "mot-cua")
    assert answer["stage"] == "published"
    token = serving.cli(
        "token", "add", "kho", "--role", "reader", "--department", "mot-cua", "--json"
    )
    headers = {"authorization": f"Bearer {token.json['token']['token']}"}
    address = str(serving.facts()["services"]["portal"]["address"]).rstrip("/")
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        (one,) = client.get(BASE, params={"dossier": code(51)}).json()["Documents"]
        said = client.get(f"{BASE}/{one['DocCode']}").json()
        file = client.get(f"{BASE}/download/{one['DocCode']}")
        scan = client.get(f"{BASE}/download/{said['Versions'][0]['DocCode']}")
        part = client.get(f"{BASE}/download/{one['DocCode']}", headers={"range": "bytes=0-4"})
    assert (one["TypeName"], one["DocCode"]) == ("Quyết định", said["Versions"][1]["DocCode"])
    assert said["CodeNumber"] and said["CodeNotation"] and said["IssuedDate"] and said["Subject"]
    assert hashlib.sha256(file.content).hexdigest() == said["Versions"][1]["Sha256"]
    assert scan.content == page(pages, 11).read_bytes()
    assert (part.status_code, part.content) == (206, b"%PDF-")

    objects = open_objects(serving.settings())
    key = f"mot-cua/{code(51)}/component-001.pdf"
    kept = objects.stat(objects.options.results_bucket, key)
    assert kept is not None
    assert kept.metadata["doccode"] == one["DocCode"]
    assert kept.metadata["typename"] == "Quyết định"
    assert kept.metadata["subject"] == said["Subject"]

    got = serving.cli("results", "get", code(51), "--zip", "--out", tmp_path, "--json").json
    with zipfile.ZipFile(got["file"]) as archive:
        assert archive.read(f"{code(51)}/component-001.pdf") == file.content
        archive.extract(f"{code(51)}/evidence.asice", tmp_path)
    proof = tmp_path / code(51) / "evidence.asice"
    assert serving.cli("evidence", "verify", proof, "--json").json["sound"]
