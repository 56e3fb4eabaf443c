"""How commands name a dossier: its code, its department, and one of its documents."""

from typing import Annotated

import typer

Code = Annotated[str, typer.Argument(help="Mã hồ sơ. / Dossier code.", show_default=False)]
Department = Annotated[str | None, typer.Option(help="Đơn vị. / Department.", show_default=False)]

Purpose = Annotated[
    str | None,
    typer.Option(
        help="Mục đích sử dụng, ghi vào nhật ký. / What for, kept in the access log.",
        show_default=False,
    ),
]


def numbered(code: str) -> tuple[str, int | None]:
    """``H17-261123-0001/2`` is document 2 of the dossier; without a number, all of them."""
    dossier, slash, number = code.rpartition("/")
    return (dossier, int(number)) if slash and number.isdecimal() else (code, None)
