"""The first page lists all commands without importing one, and says of each what it says itself."""

import json
import subprocess
import sys
from importlib import import_module

import pytest
from running import COMMAND
from typer._click import Context

from signing import verify
from sohoa.cli import checkout
from sohoa.cli.commands import COMMANDS, imported
from usecases.digitise import VERIFY

HEAVY = ("cv2", "numpy", "onnxruntime", "pikepdf", "pyhanko", "prefect", "sqlalchemy", "minio")
IMPORTED = """
import sys, json, contextlib, io
sys.argv = ["sohoa", *json.loads(sys.argv[1])]
from sohoa.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    try:
        main()
    except SystemExit as ended:
        code = ended.code
print(json.dumps([code, sorted(sys.modules)]))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_first_page_says_of_a_command_what_it_says_itself(name: str) -> None:
    command = imported(name)
    assert command.name == name
    assert command.help == COMMANDS[name].help
    assert "--help" in command.get_help_option_names(Context(command))


def imported_for(*arguments: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    command = [sys.executable, "-c", IMPORTED, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, modules = json.loads(done.stdout)
    assert not code
    return set(modules)


def test_the_first_page_imports_nothing_heavy() -> None:
    modules = imported_for("--help")
    assert not modules.intersection({*HEAVY, "pydantic", "sohoa.settings", "yaml"})
    assert not {f"sohoa.cli.{listed.module}" for listed in COMMANDS.values()} & modules


def test_signatures_of_a_scan_are_verified_by_the_function_that_is_named() -> None:
    assert getattr(import_module(VERIFY.module), VERIFY.name) is verify


def test_who_digitises_imports_neither_ledger_nor_store_nor_what_reads_in_the_workers() -> None:
    modules = imported_for("digitise", "--help")
    assert "sohoa.cli.engine" in modules
    assert not modules.intersection({*HEAVY, "cryptography", "asn1crypto", "psutil", "yaml"})
    assert not {"storage.tables", "sohoa.bootstrap", "schemas.document_type"} & modules


def test_an_installation_without_the_source_says_where_the_benchmarks_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checkout, "PACKAGE", "nowhere")
    command = imported("bench")
    assert command.help == COMMANDS["bench"].help
    program = f"from sohoa.cli import checkout; checkout.PACKAGE = 'nowhere'; {COMMAND[-1]}"
    done = subprocess.run(
        [sys.executable, "-c", program, "bench", "ocr", "--rounds", "3", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout)["error"]["code"] == "cli.checkout_only"
    assert done.returncode == 7
