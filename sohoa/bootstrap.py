"""Opens the rooms as the settings say: the ledger, the objects, the keys, the office at work.

A room is imported where it is opened: who asks the ledger does not wait for what reads and signs.
"""

import hashlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flows.inbox import Inbox, Patience
from schemas.department import Department, Departments
from schemas.errors import ConfigurationError
from sohoa.keys import open_pki, own_root, pki_folder, trust_of
from sohoa.registers import open_register
from sohoa.services import ledger_options, store_options
from sohoa.services.secrets import FOLDER
from sohoa.settings import Settings
from usecases.context import ACTOR, AppContext
from usecases.office_keys import ROOT
from usecases.rooms import Rooms
from usecases.target_secrets import TargetSecrets

if TYPE_CHECKING:
    from signing import Signer, SigningOptions
    from storage import Ledger, Objects
    from usecases.delivering import Sender
    from usecases.learning import School


def work_folder(settings: Settings) -> Path:
    """Where documents are worked on until they are stored."""
    return settings.data / "work"


def usable_data(settings: Settings) -> None:
    """Make the data folder where it is missing.

    Raises:
        ConfigurationError: it cannot be made.
    """
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        raise ConfigurationError(
            "service.data_unusable", path=str(settings.data), problem=os.strerror(wrong.errno or 0)
        ) from wrong


def open_ledger(settings: Settings) -> "Ledger":
    """The ledger; its SQLite file is made the first time, and the default department with it.

    Raises:
        ConfigurationError: the data folder cannot be made.
    """
    from storage import Ledger  # noqa: PLC0415

    usable_data(settings)
    ledger = Ledger.open(ledger_options(settings))
    default = settings.department_default
    if default not in {one.id for one in ledger.departments()}:
        ledger.add_department(Department(id=default, name=default), ACTOR)
    return ledger


def signing_of(settings: Settings) -> "SigningOptions":
    """How documents of dossiers are signed: what stands on them leads to the desk's own page.

    Unless the office has named another page, or strangers do not reach the desk.
    """
    desk, signing = settings.portal.public_url, settings.signing
    if desk is None or signing.check_page is not None:
        return signing
    return signing.model_copy(update={"check_page": f"{desk}/check/"})


@contextmanager
def open_signer(settings: Settings, ask: Callable[[str], str] | None = None) -> Iterator["Signer"]:
    """The signer of this office; closed when the block ends.

    Args:
        settings: of this office.
        ask: asks a person for the secret of a role's key, where it has no file.
    """
    from signing import Signer  # noqa: PLC0415 - as above

    signer = Signer(open_pki(settings), settings.signing, ask=ask)
    try:
        yield signer
    finally:
        signer.close()


@contextmanager
def open_rooms(settings: Settings) -> Iterator[Rooms]:
    """What a face hands to the use cases; the ledger is closed when the block ends.

    Raises:
        ConfigurationError: the data folder cannot be made.
    """
    with open_ledger(settings) as ledger:
        yield _rooms(settings, ledger)


def _rooms(settings: Settings, ledger: "Ledger") -> Rooms:
    return Rooms(
        ledger=ledger,
        work=work_folder(settings),
        objects=kept_objects(settings),
        language=settings.language,
        types=settings.reading.types,
        pass_unseen=tuple(settings.reading.pass_unseen),
        approval=settings.approval,
        signer=lambda: open_signer(settings),
        signing=signing_of(settings),
        trust=lambda: trust_of(settings),
        coding=settings.coding,
        adapters=settings.record_names,
        target_secrets=target_secrets(settings),
    )


def target_secrets(settings: Settings) -> TargetSecrets:
    """The secrets that are shared with systems that are told of changes."""
    return TargetSecrets(settings.data / FOLDER / "targets", settings.delivering.secrets)


def sender_of(settings: Settings, ledger: "Ledger") -> "Sender":
    """What tells other systems of changes, on this host.

    Raises:
        ConfigurationError: ``delivering.bad_ca``.
    """
    from usecases.delivering import Sender  # noqa: PLC0415 - as above

    return Sender(
        rooms=_rooms(settings, ledger),
        secrets=target_secrets(settings),
        options=settings.delivering,
        zone=ZoneInfo(settings.signing.timezone),
        owner=owner_of(settings).replace("watcher@", "sender@", 1),
        tls=settings.delivering.tls(),
    )


@contextmanager
def open_upkeep(settings: Settings, signer: "Signer") -> Iterator[AppContext]:
    """The office at work on what is stored: nothing is read, and no reading process started."""
    from ocr import ReaderPool  # noqa: PLC0415 - as above

    work = work_folder(settings)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open_ledger(settings) as ledger:
        yield AppContext(
            ledger=ledger,
            objects=open_objects(settings),
            signer=signer,
            pool=ReaderPool(settings.reading, 1),
            trust=trust_of(settings),
            work=work,
        )


def school_of(settings: Settings) -> "School":
    """What the line reader's learning needs of this office."""
    from usecases.learning import School  # noqa: PLC0415 - as above

    return School(settings.data / "learning", settings.reading, settings.learning)


def open_objects(settings: Settings) -> "Objects":
    """The object store.

    Raises:
        ServiceUnavailable: the embedded store does not run.
    """
    from storage import Objects  # noqa: PLC0415

    return Objects(store_options(settings))


def kept_objects(settings: Settings) -> "Callable[[], Objects]":
    """Opens the object store: the same, with its connections, as long as it is where it was.

    What it gives may be used from several threads. It raises as :func:`open_objects`.
    """
    from storage import Objects  # noqa: PLC0415

    last: list[Objects] = []

    def opened() -> Objects:
        options = store_options(settings)
        known = last[-1] if last else None
        if known is not None and known.options == options:
            return known
        last[:] = [Objects(options)]
        return last[0]

    return opened


def open_inbox(settings: Settings, ledger: "Ledger") -> Inbox:
    """The inbox with this office's patience; its departments are those of the ledger."""
    from ocr import complete  # noqa: PLC0415

    taking = settings.taking
    patience = Patience(taking.settle_seconds, taking.incomplete_seconds)
    return Inbox(
        settings.inbox,
        settings.department_default,
        patience,
        complete,
        lambda: Departments(ledger.departments()),
        owner_of(settings),
    )


def owner_of(settings: Settings) -> str:
    """The name of the one watcher of this data folder in the ledger's leases."""
    folder = hashlib.sha256(str(settings.data).encode()).hexdigest()[:8]
    return f"watcher@{socket.gethostname()}:{folder}"


def see_the_same_office(settings: Settings, ledger: "Ledger | None" = None) -> None:
    """See that this host's keys are those of the office whose ledger it is.

    The first host to start enters the fingerprint of its root. A ledger in a file of this host's
    has no other, and may get new keys.

    Args:
        settings: of this host.
        ledger: its ledger, where it is open already.

    Raises:
        ConfigurationError: another host entered another root; the sentence says what to copy.
        ServiceUnavailable: the ledger's database does not answer.
    """
    if settings.database_url.get_secret_value().startswith("sqlite:"):
        return
    if ledger is None:
        with open_ledger(settings) as opened:
            see_the_same_office(settings, opened)
        return
    open_pki(settings)
    own = own_root(settings) or ""
    kept = ledger.common(ROOT, own)
    if kept != own:
        folder = str(pki_folder(settings))
        raise ConfigurationError("service.other_root", kept=kept[:16], folder=folder)


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[AppContext]:
    """The office at work, for one process; closed when the block ends."""
    from ocr import ReaderPool  # noqa: PLC0415
    from signing import Signer, trust_store  # noqa: PLC0415

    work = work_folder(settings)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    objects = open_objects(settings)
    objects.ensure()
    with open_ledger(settings) as ledger:
        pki = open_pki(settings)
        see_the_same_office(settings, ledger)
        trust = trust_store(pki, settings.signing.trust_anchors)
        async with ReaderPool(settings.reading, settings.workers) as pool:
            yield AppContext(
                ledger=ledger,
                objects=objects,
                signer=Signer(pki, signing_of(settings)),
                pool=pool,
                trust=trust,
                work=work,
                registry=open_register(settings.registry),
                language=settings.language,
                approval=settings.approval,
                timezone=settings.signing.timezone,
                desk=settings.portal.public or "",
                coding=settings.coding,
                types=settings.reading.types,
            )
