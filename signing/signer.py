"""Signing one PDF, file to file, exactly once."""

from datetime import datetime
from pathlib import Path

from schemas.page import Frozen
from signing.options import Level, SignerRole, SigningOptions
from signing.pki import Pki


class SignedFile(Frozen):
    """A file that was signed, or found already signed by an earlier run."""

    path: Path
    sha256: str
    source_sha256: str
    field: str
    level: Level
    time: datetime
    adopted: bool = False


class Signer:
    """Signs PDFs with the keys of one PKI; made once a process, then used for every file.

    Keys are parsed when the signer is made. Calls may come from any thread, with or without a
    running event loop; they are served one after the other.
    """

    def __init__(self, pki: Pki, options: SigningOptions) -> None:
        """Load keys and font.

        Raises:
            MissingDependency: no font with the metrics of Times New Roman on this machine.
            ConfigurationError: a key or certificate cannot be used.
        """
        raise NotImplementedError

    def sign(
        self,
        source: Path,
        out: Path,
        *,
        role: SignerRole,
        reference: str | None = None,
        at: datetime | None = None,
    ) -> SignedFile:
        """Sign ``source`` into ``out``; ``source`` is never written to.

        Exactly once: what :meth:`recover` finds is returned instead of signing again.

        Args:
            source: a PDF; one that carries signatures gets an invisible incremental one.
            out: where the signed file goes, complete or not at all; ``<out>.part`` is used.
            role: whose certificate and stamp.
            reference: the dossier's code and document number, kept in the signature's reason.
            at: the moment shown and claimed; now when unset.

        Raises:
            InputRejected: ``source`` is not a PDF that can be signed.
            Conflict: ``out`` holds something else than ``source`` signed.
            ServiceUnavailable: time stamp or revocation evidence is not to be had now.
        """
        raise NotImplementedError

    def recover(self, source: Path, out: Path, *, role: SignerRole) -> SignedFile | None:
        """Adopt what an interrupted run left: a complete signature of exactly ``source``.

        Looks at ``out``, then at ``<out>.part`` (which is renamed when good, removed when not).
        None: nothing was there, sign.

        Raises:
            Conflict: ``out`` holds something else than ``source`` signed.
        """
        raise NotImplementedError
