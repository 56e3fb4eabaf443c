"""``bench``: the benchmarks of a checkout; an installation says where they are."""

import typer

from schemas.errors import MissingDependency
from sohoa.cli.checkout import of_checkout


def add_to(app: typer.Typer) -> None:
    """Register the benchmarks where they are, else the sentence that says where."""
    try:
        of_checkout("commands").add_to(app)
    except MissingDependency:
        whatever = {"allow_extra_args": True, "ignore_unknown_options": True}
        app.command("bench", context_settings=whatever)(bench)


def bench() -> None:
    """Đo hiệu năng. / Benchmarks."""
    raise MissingDependency("cli.checkout_only")
