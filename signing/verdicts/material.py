# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What is at hand to judge certificates by: from the file and from configuration, never fetched."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko.pdf_utils.generic import DictionaryObject
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
from signing.verdicts.anchors import Registry, trusted
from signing.verdicts.entries import entry
from signing.verdicts.revoked import MOST, Answers, Lists, Told, about, speaks_of, told
from signing.verdicts.stores import stores_of
from signing.verdicts.views import TooMuch

_NOT_HERE = RevocationCheckingRule.NO_CHECK
_REVOCATION = CertRevTrustPolicy(
    RevocationCheckingPolicy(_NOT_HERE, _NOT_HERE),
    freshness=timedelta(days=365 * 200),
    freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
)
"""Revocation is asked for apart, by :mod:`signing.verdicts.revoked`."""


class Material:
    """Certificates and revocation data: from the file and from configuration."""

    def __init__(
        self,
        trust: Trust,
        *,
        certificates: Iterable[x509.Certificate] = (),
        lists: Lists = (),
        answers: Answers = (),
    ) -> None:
        """``certificates``, ``lists`` and ``answers`` come from the file that is judged."""
        self._roots = [trusted(x509.Certificate.load(der)) for der in trust.anchors]
        self._certificates = [x509.Certificate.load(der) for der in trust.certificates]
        self._certificates += certificates
        self._lists = [asn1_crl.CertificateList.load(der) for der in trust.crls]
        self._embedded = (list(lists), list(answers))

    @classmethod
    def of(cls, trust: Trust, reader: PdfFileReader) -> "Material":
        """With what the file's security stores hold; broken evidence is no evidence."""
        stores = list(stores_of(reader))
        return cls(
            trust,
            certificates=_loaded(_stored(stores, "/Certs"), x509.Certificate),
            lists=_loaded(_stored(stores, "/CRLs"), asn1_crl.CertificateList),
            answers=_loaded(_stored(stores, "/OCSPs"), asn1_ocsp.OCSPResponse),
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
    ) -> Told:
        """What is told of the revocation of a certificate; ``embedded``: by the file alone.

        Raises:
            TooMuch: the file brings more about it than can be asked; what is left out could be
                what matters, and nothing in a file may crowd out what is at hand.
        """
        lists, answers = about(certificate, *self._embedded)
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


def _stored(stores: Iterable[DictionaryObject], key: str) -> Iterator[Any]:
    """The streams of one kind in security stores, each once."""
    seen = set()
    for store in stores:
        with suppress(Exception):
            for reference in entry(store, key, ()):
                if reference.reference not in seen:
                    seen.add(reference.reference)
                    yield reference


def _loaded(references: Iterable[Any], kind: Any) -> list[Any]:
    found = []
    for reference in references:
        with suppress(Exception):
            one = kind.load(reference.get_object().data, strict=True)
            _ = one.native if kind is asn1_ocsp.OCSPResponse else one.issuer.native
            found.append(one)
    return found
