# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Signing one PDF, file to file, exactly once."""

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, TypeVar
from zoneinfo import ZoneInfo

from pyhanko.sign.timestamps import TimestampRequestError

from schemas.errors import Conflict, InputRejected, ServiceUnavailable, SohoaError
from signing.appearance.drawing import AppearanceBuilder, SignatureRequest
from signing.creation.container import write_container
from signing.creation.pades import Pades, SignaturePlan
from signing.creation.planning import plan
from signing.creation.renewal import Renewed
from signing.creation.renewal import renew as renewed
from signing.creation.signed_file import SignedFile, recognise
from signing.creation.stamper import LocalTimeStamper, OutsideTimeStamper
from signing.creation.verified import Verified
from signing.external.files import PartFile, sha256_of
from signing.external.secret import Ask
from signing.external.services import Service, ServiceState, Web
from signing.keys.checks import Checks
from signing.keys.keyring import Keyring, KeySigner, certificate_files
from signing.keys.pki import Pki
from signing.keys.revocation import Revocation
from signing.keys.trust import Trust, trust_store
from signing.options import Level, SignerRole, SigningOptions
from signing.profiles import known_profiles
from signing.validation.evidence import frame
from signing.validation.known import LIFE

_T = TypeVar("_T")


class Signer:
    """Signs PDFs with the keys of an office; made once a process, then used for every file.

    Keys, pictures and font are parsed once. Calls may come from any thread, with or without a
    running event loop. All are served by one event loop on a thread of the signer's own, because
    pyHanko's objects must not be shared between threads; while one signature waits for a slow
    service, others go on, at most ``options.together`` at a time.
    """

    def __init__(self, pki: Pki, options: SigningOptions, *, ask: Ask | None = None) -> None:
        """Load font and pictures; a key is opened when it is first needed.

        Args:
            pki: the development keys, for roles and services that have no others.
            options: how this office signs.
            ask: asks a person for a password or PIN that has no file; None: nobody is there.

        Raises:
            MissingDependency: no font with the metrics of Times New Roman on this machine.
            ConfigurationError: the font lacks letters of the agency's name; a picture, a
                certificate file or a profile of the office's own is not what it should be.
        """
        self._pki = pki
        self._options = options
        self._zone = ZoneInfo(options.timezone)
        self._profiles = known_profiles(options.profiles)
        self._appearances = AppearanceBuilder(options, self._profiles)
        self._crl_age = timedelta(hours=options.crl_hours)
        self._web = Web()
        self._keyring = Keyring(pki, options, self._web, ask)
        self._revocation = Revocation(self._web, options.services, pki.clock, self._crl_age)
        self._checks = Checks(
            pki,
            certificate_files(options.trust_anchors),
            certificate_files(options.intermediates),
            self._revocation,
            self._crl_age,
        )
        self._time_stamps: Service | None = None
        self._pades = Pades(self._checks, self._stamper(), options.level)
        self._verified = Verified()
        self._signers: dict[SignerRole, KeySigner] = {}
        self._trusted: dict[int, tuple[datetime, Trust]] = {}
        self._turn = asyncio.Semaphore(options.together)
        self._opening = asyncio.Lock()
        gc.freeze()  # what is loaded stays; looking through it took a tenth of each signature
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="signer", daemon=True)
        self._thread.start()

    def _stamper(self) -> LocalTimeStamper | OutsideTimeStamper:
        chosen = self._options.time_stamps
        if chosen is None:
            return LocalTimeStamper(self._pki)
        self._time_stamps = Service("time_stamp", self._options.services)
        return OutsideTimeStamper(
            chosen, self._time_stamps, self._web, self._checks.context, self._pki.clock
        )

    @property
    def services(self) -> tuple[ServiceState, ...]:
        """How the outside services stand, for operators."""
        own = () if self._time_stamps is None else (self._time_stamps.state,)
        return (*own, *self._revocation.states, *self._keyring.states)

    def sign(
        self,
        source: Path,
        out: Path,
        *,
        role: SignerRole | None = None,
        profile: str | None = None,
        number: str | None = None,
        reference: str | None = None,
        public_code: str | None = None,
        coming: Sequence[str] = (),
        at: datetime | None = None,
    ) -> SignedFile:
        """Sign ``source`` into ``out``; ``source`` is never written to.

        Exactly once: what :meth:`recover` finds is returned instead of signing again.

        Args:
            source: a PDF; one that carries signatures gets an incremental one, which shows only
                in a field that was made ready for it.
            out: where the signed file goes, complete or not at all; ``<out>.part`` is used.
            role: whose key; that of the profile when unset.
            profile: name of the profile, which says how it looks and what it forbids; the role's
                usual one when unset.
            number: the document's number and symbol, which some profiles show.
            reference: the dossier's code and document number, kept in the signature's reason.
            public_code: by which anybody checks it at ``options.check_page``; drawn where the
                profile says so and there is room.
            coming: profiles of those who sign after this one; their places are made ready with the
                first signature.
            at: the moment shown and claimed; now when unset.

        Raises:
            InputRejected: ``source`` is not a PDF that can be signed, or has no room for it; or
                what came out does not pass verification, and was not kept.
            Conflict: ``out`` holds something else than ``source`` signed.
            ServiceUnavailable: time stamp, revocation evidence or key is not to be had now, or
                another process is signing this file. Nothing was signed at a lower level.
            ConfigurationError: the certificate must not sign; the sentence says why.
            NotFound: there is no such profile.
        """
        kind = self._profiles.chosen(profile, role)
        later = [self._profiles.chosen(name, None) for name in coming]

        def request(signer: KeySigner) -> SignatureRequest:
            time = (at or self._pki.clock()).astimezone(self._zone).replace(microsecond=0)
            name = signer.subject_name or ""
            return SignatureRequest(kind, name, time, number, reference, public_code, later)

        return self._run(self._sign(source, out, role or kind.role, request))

    def recover(
        self,
        source: Path,
        out: Path,
        *,
        role: SignerRole | None = None,
        profile: str | None = None,
    ) -> SignedFile | None:
        """Adopt what an interrupted run left: a complete signature of exactly ``source``.

        Looks at ``out``, then at ``<out>.part`` (which is renamed when good, removed when not).
        None: nothing was there, sign.

        Raises:
            Conflict: ``out`` holds something else than ``source`` signed.
            ServiceUnavailable: another process is signing this file, or the key is not to be
                reached.
        """
        kind = self._profiles.chosen(profile, role)

        async def work() -> SignedFile | None:
            with PartFile(out) as part:
                return await self._recover(source, part, role or kind.role)

        return self._run(work())

    def contain(
        self,
        files: Sequence[Path],
        out: Path,
        *,
        role: SignerRole = SignerRole.clerk,
        at: datetime | None = None,
    ) -> Path:
        """Put ``files`` into the ASiC-E container ``out`` with one signature over all of them.

        For what is no PDF: images, spreadsheets, XML. The level is this office's (CAdES).

        Raises:
            InputRejected: no files, or two of the same name.
            Conflict: ``out`` exists.
            ServiceUnavailable: a time stamp or the key is not to be had now, or another process
                writes ``out``.
            ConfigurationError: the certificate must not sign; the sentence says why.
        """

        async def work() -> Path:
            time = (at or self._pki.clock()).replace(microsecond=0)
            async with self._turn:
                signer = await self._signer(role)
                await self._checks.approve(signer.certificate)
                level = self._options.level
                kept = await self._pades.context([signer.certificate]) if level.long_term else None
                with PartFile(out) as part:
                    if out.exists():
                        raise Conflict("signing.out_exists")
                    with part.path.open("w+b") as stream:
                        try:
                            await write_container(
                                files,
                                stream,
                                signer=signer,
                                stamper=self._pades.stamper if level.time_stamped else None,
                                time=time,
                                evidence=kept,
                                archive=level is Level.b_lta,
                            )
                        except TimestampRequestError as exc:
                            raise ServiceUnavailable("signing.time_stamp_unavailable") from exc
                    await self._verified.container(
                        part.path, self._trust(signer), self._pki.clock()
                    )
                    part.finish()
            return out

        return self._run(work())

    def check(self, role: SignerRole) -> None:
        """Open the key of ``role`` and check its certificate, as before every signature.

        Raises:
            ConfigurationError: key or certificate will not do; the sentence says why.
            ServiceUnavailable: key or evidence is not to be had now.
        """

        async def work() -> None:
            await self._checks.approve((await self._signer(role)).certificate)

        self._run(work())

    def renew(self, path: Path, *, days: int = 365) -> Renewed:
        """Renew the archive time stamp of ``path`` if its authority's certificate ends in ``days``.

        Raises:
            ServiceUnavailable: a time stamp or evidence is not to be had now.
        """

        async def work() -> Renewed:
            async with self._turn:
                base = trust_store(self._pki, self._options.trust_anchors, crl_age=self._crl_age)
                known = certificate_files(self._options.intermediates)
                more = (*base.certificates, *(one.dump() for one in known))
                return await renewed(
                    path,
                    pades=self._pades,
                    trust=base.model_copy(update={"certificates": more}),
                    now=self._pki.clock(),
                    within=timedelta(days=days),
                )

        return self._run(work())

    def close(self) -> None:
        """Wait for signatures under way, then let the thread go."""
        if self._loop.is_closed():
            return

        async def finish() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*others, return_exceptions=True)
            await self._web.close()

        self._run(finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _signer(self, role: SignerRole) -> KeySigner:
        """The role's signer; keys are opened one at a time, because a person may be asked."""
        async with self._opening:
            if role not in self._signers:
                key = await self._keyring.key(role)
                self._checks.learn(key.chain)
                self._signers[role] = KeySigner(key, certificate_files(self._options.intermediates))
            return self._signers[role]

    async def _recover(self, source: Path, part: PartFile, role: SignerRole) -> SignedFile | None:
        if part.out.exists():
            found = await self._recognise(part.out, source, role)
            if found is None:
                raise Conflict("signing.out_exists")
            return found
        if part.empty:
            return None
        found = await self._recognise(part.path, source, role)
        if found is None:
            return None
        now, trust = self._pki.clock(), self._trust(await self._signer(role))
        before = await self._verified.before(source, trust, now)
        await self._verified.after(part.path, trust, now, field=found.field, before=before)
        part.finish()
        return found.model_copy(update={"path": part.out})

    async def _recognise(self, path: Path, source: Path, role: SignerRole) -> SignedFile | None:
        signer = await self._signer(role)
        certificate = signer.signing_cert
        trust, now, level = self._trust(signer), self._pki.clock(), self._options.level

        def look() -> SignedFile | None:
            return recognise(
                path, source, certificate=certificate, level=level, trust=trust, now=now
            )

        return await asyncio.to_thread(look)

    def _trust(self, signer: KeySigner) -> Trust:
        """Whom our own signatures lead to: the anchors, and the authorities known to the key."""
        now = self._pki.clock()
        since, trust = self._trusted.get(id(signer), (now + LIFE, None))
        if trust is None or not since <= now < since + LIFE:
            own = trust_store(self._pki, self._options.trust_anchors, crl_age=self._crl_age)
            known = tuple(one.dump() for one in signer.cert_registry)
            trust = own.model_copy(update={"certificates": (*own.certificates, *known)})
            self._trusted[id(signer)] = now, trust
        return trust

    async def _sign(
        self,
        source: Path,
        out: Path,
        role: SignerRole,
        asked: Callable[[KeySigner], SignatureRequest],
    ) -> SignedFile:
        async with self._turn:
            signer = await self._signer(role)
            request = asked(signer)
            with PartFile(out) as part:
                found = await self._recover(source, part, role)
                if found is not None:
                    return found
                with source.open("rb") as unsigned:
                    if not frame(unsigned):
                        raise InputRejected("signing.not_a_pdf")
                with part.fill_from(source) as stream:
                    source_sha256 = sha256_of(part.path)
                    planned = plan(stream, part.path, signer, request, self._appearances)
                    trust = self._trust(signer)
                    before = None
                    if planned.signed:
                        before = await self._verified.before(source, trust, self._pki.clock())
                    await self._write(stream, planned)
                now = self._pki.clock()
                await self._verified.after(
                    part.path, trust, now, field=planned.field, before=before
                )
                sha256 = sha256_of(part.path)
                part.finish()
        return SignedFile(
            path=out,
            sha256=sha256,
            source_sha256=source_sha256,
            field=planned.field,
            visible=planned.style is not None,
            level=self._options.level,
            time=request.time,
        )

    async def _write(self, stream: IO[bytes], plan: SignaturePlan) -> None:
        """Append signature, evidence and time stamp to the open file."""
        try:
            await self._pades.append(stream, plan)
            stream.flush()
        except TimestampRequestError as exc:
            raise ServiceUnavailable("signing.time_stamp_unavailable") from exc
        except (SohoaError, OSError):  # a full disk is no fault of the document's
            raise
        except Exception as exc:  # a faulty PDF makes pyHanko fail in many ways
            raise InputRejected("signing.cannot_sign") from exc
