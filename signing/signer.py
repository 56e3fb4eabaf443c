# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Signing one PDF, file to file, exactly once."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.timestamps import TimestampRequestError

from schemas.errors import (
    Conflict,
    InputRejected,
    ServiceUnavailable,
    SohoaError,
)
from signing.evidence import frame
from signing.files import PartFile, sha256_of
from signing.keys import KeySigner, LocalTimeStamper
from signing.options import SignerRole, SigningOptions
from signing.pades import Pades, Plan, fields_of, refuse_locked
from signing.pki import Pki
from signing.placement import first_page
from signing.profiles import PROFILES
from signing.signed_file import SignedFile, recognise
from signing.stamp import LineStampStyle, lay_out
from signing.trust import trust_store
from signing.typeface import Typeface, find_font, load

_TIME_LETTERS = "0123456789-+:TZ; "


class Signer:
    """Signs PDFs with the keys of one PKI; made once a process, then used for every file.

    Keys and font are parsed when the signer is made. Calls may come from any thread, with or
    without a running event loop; they are served one after the other on a thread of the signer's
    own, because pyHanko's objects must not be shared between threads.
    """

    def __init__(self, pki: Pki, options: SigningOptions) -> None:
        """Load keys and font.

        Raises:
            MissingDependency: no font with the metrics of Times New Roman on this machine.
            ConfigurationError: the font lacks letters of the agency's or a signer's name.
        """
        self._pki = pki
        self._options = options
        self._zone = ZoneInfo(options.timezone)
        self._signers = {role: KeySigner(pki, role.value) for role in SignerRole}
        self._typeface = self._load_typeface()
        self._crl_age = timedelta(hours=options.crl_hours)
        self._pades = Pades(pki, LocalTimeStamper(pki), options.level, self._crl_age)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="signer")

    def _load_typeface(self) -> Typeface:
        now = self._pki.clock()
        letters = set(_TIME_LETTERS)
        for role in SignerRole:
            letters.update(*self._lines(role, now))
        return load(find_font(self._options.font), "".join(sorted(letters)))

    def _lines(self, role: SignerRole, time: datetime) -> tuple[str, ...]:
        return PROFILES[role].lines(
            agency=self._options.agency,
            signer=self._signers[role].subject_name or "",
            time=time.astimezone(self._zone),
        )

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
            ServiceUnavailable: time stamp or revocation evidence is not to be had now, or another
                process is signing this file.
            ConfigurationError: the certificate is expired, revoked or not meant for signing.
        """
        work = functools.partial(self._sign, source, out, role, reference, at)
        return self._thread.submit(work).result()

    def recover(self, source: Path, out: Path, *, role: SignerRole) -> SignedFile | None:
        """Adopt what an interrupted run left: a complete signature of exactly ``source``.

        Looks at ``out``, then at ``<out>.part`` (which is renamed when good, removed when not).
        None: nothing was there, sign.

        Raises:
            Conflict: ``out`` holds something else than ``source`` signed.
            ServiceUnavailable: another process is signing this file.
        """

        def work() -> SignedFile | None:
            with PartFile(out) as part:
                return self._recover(source, part, role)

        return self._thread.submit(work).result()

    def close(self) -> None:
        """Wait for signatures under way, then let the thread go."""
        self._thread.shutdown()

    def _recover(self, source: Path, part: PartFile, role: SignerRole) -> SignedFile | None:
        if part.out.exists():
            found = self._recognise(part.out, source, role)
            if found is None:
                raise Conflict("signing.out_exists")
            return found
        if part.empty:
            return None
        found = self._recognise(part.path, source, role)
        if found is None:
            return None
        part.finish()
        return found.model_copy(update={"path": part.out})

    def _recognise(self, path: Path, source: Path, role: SignerRole) -> SignedFile | None:
        return recognise(
            path,
            source,
            certificate=self._pki.certificate(role.value),
            level=self._options.level,
            trust=trust_store(self._pki, crl_age=self._crl_age),
            now=self._pki.clock(),
        )

    def _sign(
        self,
        source: Path,
        out: Path,
        role: SignerRole,
        reference: str | None,
        at: datetime | None,
    ) -> SignedFile:
        time = (at or self._pki.clock()).astimezone(self._zone).replace(microsecond=0)
        with PartFile(out) as part:
            found = self._recover(source, part, role)
            if found is not None:
                return found
            with source.open("rb") as unsigned:
                if not frame(unsigned):
                    raise InputRejected("signing.not_a_pdf")
            with part.fill_from(source) as stream:
                source_sha256 = sha256_of(part.path)
                field = self._write(stream, part.path, role, reference, time)
            sha256 = sha256_of(part.path)
            part.finish()
        return SignedFile(
            path=out,
            sha256=sha256,
            source_sha256=source_sha256,
            field=field,
            level=self._options.level,
            time=time,
        )

    def _write(
        self, stream: IO[bytes], path: Path, role: SignerRole, reference: str | None, time: datetime
    ) -> str:
        """Append signature, evidence and time stamp to the open file; the field's name."""
        try:
            plan = self._plan(stream, path, role, reference, time)
            asyncio.run(self._pades.append(stream, plan))
            stream.flush()
        except SohoaError:
            raise
        except TimestampRequestError as exc:
            raise ServiceUnavailable("signing.time_stamp_unavailable") from exc
        except Exception as exc:  # a faulty PDF makes pyHanko fail in many ways
            raise InputRejected("signing.cannot_sign") from exc
        return plan.field

    def _plan(
        self, stream: IO[bytes], path: Path, role: SignerRole, reference: str | None, time: datetime
    ) -> Plan:
        try:
            writer = IncrementalPdfFileWriter(stream, strict=False)
            encrypted = writer.prev.encrypted
            names, signed = fields_of(writer.prev) if not encrypted else (set(), False)
        except (PdfError, ValueError, KeyError, TypeError) as exc:
            raise InputRejected("signing.not_a_pdf") from exc
        if encrypted:
            raise InputRejected("signing.encrypted")
        refuse_locked(writer.prev)
        profile = PROFILES[role]
        number = next(n for n in range(1, len(names) + 2) if f"{profile.field}{n}" not in names)
        style, box = None, None
        if not signed:
            stamp = lay_out(self._lines(role, time), self._typeface, first_page(path))
            style = LineStampStyle(stamp=stamp, typeface=self._typeface)
            box = stamp.rectangle
        return Plan(
            writer=writer,
            signer=self._signers[role],
            field=f"{profile.field}{number}",
            locks=profile.locks,
            reason=reference,
            time=time,
            style=style,
            box=box,
        )
