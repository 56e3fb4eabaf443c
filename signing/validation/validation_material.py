# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What is at hand to judge certificates by: from the file and from configuration, never fetched."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, x509
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from signing.keys.trust import Trust
from signing.validation.anchors import Registry, trusted
from signing.validation.carried import carried
from signing.validation.dss import dss_revisions
from signing.validation.entries import entry
from signing.validation.revoked import (
    MOST,
    Answers,
    Lists,
    RevocationStatus,
    about,
    speaks_of,
    told,
)
from signing.validation.views import TooMuch

_NOT_HERE = RevocationCheckingRule.NO_CHECK
_REVOCATION = CertRevTrustPolicy(
    RevocationCheckingPolicy(_NOT_HERE, _NOT_HERE),
    freshness=timedelta(days=365 * 200),
    freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
)
"""Revocation is asked for apart, by :mod:`signing.validation.revoked`."""


class Material:
    """Certificates and revocation data: from the file and from configuration."""

    def __init__(
        self,
        trust: Trust,
        *,
        certificates: Iterable[x509.Certificate] = (),
        lists: Lists = (),
        answers: Answers = (),
        signatures: Iterable[cms.SignedData] = (),
    ) -> None:
        """``certificates``, ``lists`` and ``answers`` come from the file that is judged.

        ``signatures`` are asked for what they carry themselves: it counts for or against a
        certificate like everything else, but is no evidence of the file's own, as
        baseline levels ask for it.
        """
        self._roots = [trusted(x509.Certificate.load(der)) for der in trust.anchors]
        beside = [carried(one) for one in signatures]
        known = [x509.Certificate.load(der) for der in trust.certificates]
        known += [*certificates, *(one for each in beside for one in each.certificates)]
        self._certificates = list({one.dump(): one for one in known}.values())
        self._lists = [asn1_crl.CertificateList.load(der) for der in trust.crls]
        self._embedded: tuple[Lists, Answers] = (list(lists), list(answers))
        self._brought: tuple[Lists, Answers] = (
            [*lists, *(one for each in beside for one in each.lists)],
            [*answers, *(one for each in beside for one in each.answers)],
        )

    @classmethod
    def of(
        cls, trust: Trust, reader: PdfFileReader, signatures: Iterable[cms.SignedData] = ()
    ) -> "Material":
        """With what the file's DSS holds, and its ``signatures``.

        Broken evidence is no evidence.
        """
        return cls(
            trust,
            certificates=_loaded(stored(reader, "/Certs", "/Cert"), x509.Certificate),
            lists=_loaded(stored(reader, "/CRLs", "/CRL"), asn1_crl.CertificateList),
            answers=_loaded(stored(reader, "/OCSPs", "/OCSP"), asn1_ocsp.OCSPResponse),
            signatures=signatures,
        )

    def context(
        self, moment: datetime, lists: Lists = (), answers: Answers = ()
    ) -> ValidationContext:
        """Who is trusted, judged at ``moment``; never goes to the network."""
        registry = Registry()
        registry.register_multiple(self._certificates)
        return ValidationContext(
            trust_roots=self._roots,
            certificate_registry=registry,
            crls=list(lists),
            ocsps=list(answers),
            moment=moment,
            allow_fetching=False,
            revinfo_policy=_REVOCATION,
            algorithm_usage_policy=AcceptAllAlgorithms(),
        )

    async def told(
        self,
        certificate: x509.Certificate,
        path: ValidationPath,
        moment: datetime,
        *,
        embedded: bool = False,
    ) -> RevocationStatus:
        """What is told of the revocation of a certificate; ``embedded``: by the file alone.

        Raises:
            TooMuch: the file brings more about it than can be asked; what is left out could be
                what matters, and nothing in a file may crowd out what is at hand.
        """
        lists, answers = about(certificate, *(self._embedded if embedded else self._brought))
        if max(len(lists), len(answers)) > MOST:
            raise TooMuch
        if not embedded:
            lists = [*self._lists, *lists]

        def context(some: Lists, others: Answers) -> ValidationContext:
            return self.context(moment, some, others)

        return await told(certificate, path, lists, answers, context, moment)

    def mentions(self, certificate: x509.Certificate) -> bool:
        """Whether the file holds something, genuine or not, about a certificate's revocation."""
        lists, answers = self._embedded
        return speaks_of(certificate, lists, answers)


def stored(reader: PdfFileReader, all_of_them: str, of_one: str) -> Iterator[Any]:
    """The streams of one kind in the DSS of all revisions, or in what these say of single
    signatures (``/VRI``; ISO 32000-2, 12.8.4.3 and 12.8.4.4), each once."""
    seen = set()
    for dss in dss_revisions(reader):
        arrays: list[Any] = []
        with suppress(Exception):
            arrays.append(entry(dss, all_of_them, ()))
        with suppress(Exception):
            arrays += [entry(one.get_object(), of_one, ()) for one in dss["/VRI"].values()]
        for array in arrays:
            with suppress(Exception):
                for reference in array:
                    if (place := getattr(reference, "reference", None)) not in seen:
                        seen.add(place)
                        yield reference


def _loaded(references: Iterable[Any], kind: Any) -> list[Any]:
    found = []
    for reference in references:
        with suppress(Exception):
            one = kind.load(reference.get_object().data, strict=True)
            _ = one.native if kind is asn1_ocsp.OCSPResponse else one.issuer.native
            found.append(one)
    return found
