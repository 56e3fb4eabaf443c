"""The table of commands: their names, what the first page says of each, where they are.

A command's module is imported when the command is called: the first page needs none, and `sohoa
status` does not wait for what reads pages.
"""

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer._click import Command, Context  # typer exports neither
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class Listed(NamedTuple):
    """A command on the first page; a test holds that the sentence is the command's own."""

    module: str
    """Below ``sohoa.cli``; its ``add_to`` registers the command."""
    help: str


COMMANDS = {
    "up": Listed(
        "serve", "Chạy mọi dịch vụ và xử lý hộp thư. / Run every service and work on the inbox."
    ),
    "ingest": Listed(
        "office", "Chuyển bản quét vào hộp thư. / Hand scans over to the running service."
    ),
    "retry": Listed("office", "Xử lý lại tài liệu bị lỗi. / Try failed documents again."),
    "status": Listed("status", "Hồ sơ đang ở giai đoạn nào. / Where dossiers stand."),
    "accesses": Listed(
        "accesses",
        "Ai đã xem, tải giấy tờ của hồ sơ. / Who saw or took papers of a dossier.",
    ),
    "review": Listed(
        "review",
        "Xác nhận điều nghi ngờ; MÃ/SỐ là một tài liệu. / Settle doubts; CODE/N is one document.",
    ),
    "approve": Listed(
        "approve",
        "Phê duyệt trước khi ký; MÃ/SỐ là một tài liệu. / Approve before signing, or refuse.",
    ),
    "reopen": Listed(
        "approve",
        "Đưa MÃ/SỐ về rà soát trước khi ký. / Send CODE/N back to review, before it is signed.",
    ),
    "withdraw": Listed(
        "approve",
        "Thu hồi MÃ/SỐ đã công bố; kho vẫn giữ. / Withdraw published CODE/N; the store keeps it.",
    ),
    "digitise": Listed(
        "engine", "Bản quét thành PDF/A có lớp chữ và tệp kê khai. / Scans to searchable PDF/A."
    ),
    "sign": Listed("signing", "Ký số một tệp PDF (PAdES B-LTA). / Sign a PDF."),
    "sign-batch": Listed(
        "signing", "Duyệt một lần, ký nhiều tệp; chạy lại để ký tiếp. / One approval, many files."
    ),
    "resign-archive": Listed(
        "signing", "Gia hạn dấu thời gian lưu trữ trước khi hết hạn. / Renew archive time stamps."
    ),
    "draw": Listed(
        "signing",
        "Lập kết quả (quyết định, CT07) từ dữ liệu, để ký. / Draw a result from its fields.",
    ),
    "verify": Listed(
        "verify",
        "Kiểm tra chữ ký số; mã thoát 0 chỉ khi mọi tệp hợp lệ. / Verify; 0 only if all are valid.",
    ),
    "schema": Listed("schema", "Lược đồ JSON của tệp kê khai. / The manifest's JSON Schema."),
    "contain": Listed(
        "evidence",
        "Ký các tệp không phải PDF vào một tệp ASiC-E. / Sign files that are no PDFs, together.",
    ),
    "calibrate": Listed(
        "calibrate",
        "Chỉnh độ tin cậy theo chỗ cán bộ đã sửa. / Fit confidence from the clerks' corrections.",
    ),
    "learn": Listed(
        "learn", "Máy đọc học nét chữ của đơn vị. / The reader learns the office's hands."
    ),
    "coversheet": Listed(
        "export",
        "Phiếu bìa có mã QR cho hồ sơ quét. / Cover sheets with a QR code, to scan with dossiers.",
    ),
    "doctor": Listed(
        "doctor", "Kiểm tra mọi thành phần và dịch vụ. / Examine each dependency and service."
    ),
    "department": Listed("department", "Các đơn vị có hồ sơ. / The departments."),
    "user": Listed("user", "Tài khoản của cán bộ. / Accounts of people."),
    "token": Listed("token", "Mã truy cập của hệ thống khác. / Tokens of other systems."),
    "target": Listed(
        "target", "Hệ thống được báo khi hồ sơ thay đổi. / Systems that are told of changes."
    ),
    "outbox": Listed(
        "outbox", "Tin đang gửi cho hệ thống khác. / News on their way to other systems."
    ),
    "report": Listed(
        "report",
        "Chỉ tiêu số hóa theo đơn vị trong một kỳ. / Indicators of a period, by department.",
    ),
    "share": Listed(
        "share", "Chia sẻ giấy tờ giữa các đơn vị. / What departments share with each other."
    ),
    "results": Listed("results", "Kết quả đã công bố. / Published results."),
    "route": Listed(
        "route", "Nhiều người ký lần lượt một tài liệu. / Several signers, one after the other."
    ),
    "evidence": Listed(
        "evidence", "Bằng chứng, kiểm tra được ngoại tuyến. / Evidence that is checked offline."
    ),
    "types": Listed("types", "Loại giấy tờ. / Document types."),
    "ledger": Listed(
        "ledger",
        "Sổ cái: kiểm tra, chấp nhận, đặt lại, chứng thư gốc, chỉ mục tìm kiếm."
        " / Ledger: check, accept, restore, root, reindex.",
    ),
    "config": Listed("config", "Cấu hình. / Configuration."),
    "bench": Listed("bench", "Đo hiệu năng. / Benchmarks."),
}


class Commands(TyperGroup):
    """The commands of the table, each imported when it is called."""

    def __init__(self, **how: Any) -> None:
        """Lists the commands without importing one."""
        how["commands"] = {
            name: TyperCommand(name=name, help=listed.help, add_help_option=False)
            for name, listed in COMMANDS.items()
        }
        super().__init__(**how)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """The command that is called, imported."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and imported(listed.name or ""), rest


def imported(name: str) -> Command:
    """A command of the table with its arguments."""
    module = import_module(f"sohoa.cli.{COMMANDS[name].module}")
    holder = typer.Typer()
    module.add_to(holder)
    return get_group(holder).commands[name]
