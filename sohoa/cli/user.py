"""``sohoa user``: who may sign in."""

import sys
from collections.abc import Collection
from typing import Annotated

import typer

from schemas.account import AccountView, NewAccountView
from sohoa.bootstrap import open_rooms
from sohoa.cli import delegate
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain
from usecases import accounts
from usecases.caller import Duty, local_operator

app = typer.Typer(
    help="Tài khoản của cán bộ. / Accounts of people.", no_args_is_help=True, add_completion=False
)

Name = Annotated[str, typer.Argument(help="Tên đăng nhập. / Its name.", show_default=False)]
Roles = Annotated[
    list[Duty],
    typer.Option("--role", help="Vai trò, có thể nhiều. / Role, several allowed."),
]
Units = Annotated[
    list[str] | None,
    typer.Option(
        "--department",
        help="Đơn vị, có thể nhiều; bỏ qua là tất cả. / Department, several; all if left out.",
        show_default=False,
    ),
]


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(delegate.app, name="delegate")
    main.add_typer(app, name="user")


@app.command("add")
def add(
    name: Name,
    role: Roles,
    department: Units = None,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Đọc mật khẩu từ stdin. / Read the password."),
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Thêm tài khoản; không có mật khẩu thì cấp loại dùng một lần. / Make an account."""
    settings, output = begin(data, as_json, verbose)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with open_rooms(settings) as rooms:
        made = accounts.add(
            local_operator(), rooms, name, role, department or None, password=password
        )
    output.say(output.text("cli.user_added", name=made.name))
    _tell(output, made)


@app.command("list")
def show(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Các tài khoản. / The accounts."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        known = accounts.accounts(local_operator(), rooms)
    output.emit({"accounts": [one.model_dump(mode="json") for one in known]})
    if output.json:
        return
    table = output.table(None, "account", "duties", "department", "state")
    for one in known:
        table.add_row(
            plain(one.name),
            ", ".join(one.duties),
            units_shown(output, one.departments),
            _state(output, one),
        )
    output.people.print(table)


@app.command("change")
def change(
    name: Name,
    role: Annotated[
        list[Duty] | None,
        typer.Option(
            "--role",
            help="Các vai trò từ nay; bỏ qua là giữ nguyên. / All roles; unchanged if left out.",
            show_default=False,
        ),
    ] = None,
    department: Annotated[
        list[str] | None,
        typer.Option(
            "--department",
            help="Các đơn vị từ nay; bỏ qua là giữ nguyên. / Departments; unchanged if left out.",
            show_default=False,
        ),
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Mọi đơn vị. / All departments.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Đổi vai trò, đơn vị; có hiệu lực ngay. / Other roles or departments, at once."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        changed = accounts.change(
            local_operator(),
            rooms,
            name,
            duties=role or None,
            departments=department or None,
            everywhere=everywhere,
        )
    _changed(output, changed, "cli.user_changed")


@app.command("disable")
def disable(
    name: Name, as_json: AsJson = False, verbose: Verbose = False, data: Data = None
) -> None:
    """Khóa tài khoản; mọi phiên kết thúc ngay. / Disable it; its sessions end at once."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        changed = accounts.disable(local_operator(), rooms, name)
    _changed(output, changed, "cli.user_disabled")


@app.command("enable")
def enable(
    name: Name, as_json: AsJson = False, verbose: Verbose = False, data: Data = None
) -> None:
    """Mở lại tài khoản đã khóa. / Let it be used again."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        changed = accounts.enable(local_operator(), rooms, name)
    _changed(output, changed, "cli.user_enabled")


@app.command("reset")
def reset(name: Name, as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Cấp mật khẩu dùng một lần mới. / A new one-time password."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        made = accounts.reset(local_operator(), rooms, name)
    _tell(output, made)


def units_shown(output: Output, departments: Collection[str] | None) -> str:
    """The departments as a table has them."""
    return output.text("cli.everywhere") if departments is None else ", ".join(departments)


def _changed(output: Output, account: AccountView, code: str) -> None:
    output.emit({"account": account.model_dump(mode="json")})
    output.say(output.text(code, name=account.name))


def _tell(output: Output, made: NewAccountView) -> None:
    output.emit({"account": made.model_dump(mode="json")})
    if made.password is not None and not output.json:
        output.say(output.text("cli.user_password", name=made.name, password=made.password))


def _state(output: Output, one: AccountView) -> str:
    if one.disabled:
        return output.text("cli.state_disabled")
    return output.text("cli.state_must_change") if one.must_change else ""
