"""``sohoa bench``: the command line of the benchmarks, a module for those that measure alike."""

import typer

from training.commands import (
    camera,
    check,
    desk,
    fidelity,
    finding,
    load,
    losses,
    outbox,
    reading,
    retrieve,
    signing,
    skew,
)

bench = typer.Typer(help="Đo hiệu năng. / Benchmarks.", no_args_is_help=True, add_completion=False)


def add_to(app: typer.Typer) -> None:
    """Register the benchmarks as one command."""
    every = (
        signing, reading, camera, skew, load, losses, fidelity, desk,
        outbox, retrieve, check, finding,
    )  # fmt: skip
    for module in every:
        module.add_to(bench)
    app.add_typer(bench, name="bench")
