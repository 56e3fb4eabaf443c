"""A paper on its way whose work files are lost or damaged, here and in the store."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stacks import CODE, StackOffice, stack

from ocr import ReaderPool
from schemas.dossier import Stage
from signing import Signer, Trust
from storage import Document, Dossier
from usecases import steps
from usecases.caller import Caller, Duty
from usecases.review import Assignment, settle
from usecases.workspace import Workspace

TESTER = Caller("cli:test", frozenset(Duty))


class Case(StackOffice):
    """One paper whose type is known: a person accepts what is doubtful in it."""

    async def step(self, *names: str) -> None:
        for name in names:
            await getattr(steps, name)(self.office, self.dossier)

    async def at_stage(self, stage: Stage) -> Document:
        self.drop(CODE, stack(self.root / "a.pdf", "QUYẾT ĐỊNH"))
        await self.step("read", "decide")
        if self.document.stage is Stage.in_review and stage is not Stage.in_review:
            self.settle()
        if stage is Stage.signed:
            await self.step("sign")
        assert self.document.stage is stage
        return self.document

    def settle(self, *assignments: str) -> None:
        named = [Assignment.parse(text) for text in assignments]
        settle(
            TESTER,
            self.ledger,
            self.work,
            self.dossier,
            named,
            approval=self.approval,
            accept=True,
        )

    @property
    def dossier(self) -> Dossier:
        found = self.ledger.dossier(CODE)
        assert found is not None
        return found

    @property
    def document(self) -> Document:
        return self.ledger.documents(self.dossier.id)[0]

    @property
    def workspace(self) -> Workspace:
        return self.office.workspace(self.document)

    def kept(self, pattern: str) -> list[Path]:
        """What the store keeps of the work on it."""
        return sorted((self.root / "store" / "work").glob(f"*/{pattern}"))

    def kinds(self) -> list[str]:
        return [one.kind for one in self.ledger.events(self.dossier.id)]

    def forget(self) -> None:
        """As a ledger of an earlier version: it holds no manifests."""
        self.ledger.manifest = lambda *_: None  # type: ignore[method-assign]


@pytest.fixture
def at(tmp_path: Path, pool: ReaderPool, keys: tuple[Signer, Trust]) -> Iterator[Case]:
    made = Case(tmp_path, pool, *keys)
    yield made
    made.ledger.close()


def removed(path: Path) -> None:
    path.unlink()


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


HARM = pytest.mark.parametrize("harm", [removed, flipped, cut_short, emptied])
Harm = Callable[[Path], None]


def own(at: Case, pattern: str) -> Path:
    (found,) = at.workspace.folder.glob(pattern)
    return found
