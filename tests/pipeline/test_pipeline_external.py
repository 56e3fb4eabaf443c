"""The ledger in PostgreSQL by address, polling in place of news, English in place of Vietnamese."""

from datetime import date
from pathlib import Path

import psycopg
import pytest
from postgres_server import postgres_server
from running import running_in

from schemas.errors import ExitCode
from sohoa.sample import draw_small


@pytest.mark.service
@pytest.mark.slow
def test_postgresql_polling_and_english(tmp_path: Path) -> None:
    (first,) = draw_small(tmp_path / "pages", 1, date.today())
    with postgres_server() as folder:
        with psycopg.connect(host=str(folder), user="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE sohoa")
        running = running_in(tmp_path)
        running.environment |= {
            "SOHOA_DATABASE_URL": f"postgresql+psycopg://postgres@/sohoa?host={folder}",
            "SOHOA_TAKING__POLLING": "true",
            "SOHOA_LANGUAGE": "en",
        }
        running.start()
        try:
            first.rename(tmp_path / "scan")
            loose = next((tmp_path / "scan").iterdir())
            department = running.inbox / "mot-cua"
            department.mkdir()
            loose.rename(department / f"{first.name}{loose.suffix}")  # a clerk's own move

            def stage() -> str:
                answer = running.cli("status", first.name, "--json")
                return str(answer.json["dossier"]["stage"]) if answer.code == ExitCode.ok else ""

            running.wait_for(lambda: stage() in {"published", "in_review"}, 90, "the dossier")
            if stage() == "in_review":
                assert running.cli("review", first.name, "--accept").code == ExitCode.ok
            running.wait_for(lambda: stage() == "published", 60, "the dossier")
            refused = running.cli("status", "H17-000000-0000")
            assert refused.err.strip().startswith("The ledger has no dossier with this code.")
            assert not (running.data / "ledger.sqlite").exists()
        finally:
            assert running.stop() == 0
