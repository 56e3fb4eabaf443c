# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""Certificates and revocation data that a CMS signature carries itself, wherever it does so.

They stand in ``SignedData.crls`` (RFC 5652, 10.2.1; OCSP answers by RFC 5940, EN 319 122-1, 5.5.2),
in the attribute of Acrobat (``adbe-revocationInfoArchival``, ISO 32000-2, 12.8.3.3.2), in those of
CAdES (``revocation-values``, ``certificate-values``; RFC 5126, 6.3), and in the same places of the
time stamps inside. Nothing of it is believed for where it stands: each list and each answer is
signed by whoever issued it.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import cms, core, ocsp, x509
from asn1crypto import crl as asn1_crl
from asn1crypto import pdf as asn1_pdf

OCSP = "1.3.6.1.5.5.7.16.2"
"""Says that revocation data of another kind than a list are an OCSP response (RFC 5940)."""

_BASIC_OCSP = "1.3.6.1.5.5.7.48.1.1"
"""The same without the response's envelope (``id-pkix-ocsp-basic``)."""

_ADOBE = {"adobe_revocation_info_archival", "1.2.840.113583.1.1.8"}
_REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"
_CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"
_TOKENS = frozenset(
    {
        "signature_time_stamp_token",
        "content_time_stamp",
        "1.2.840.113549.1.9.16.2.14",
        "1.2.840.113549.1.9.16.2.20",
        "1.2.840.113549.1.9.16.2.25",  # CAdES-C, references, archive
        "1.2.840.113549.1.9.16.2.26",
        "1.2.840.113549.1.9.16.2.27",
        "1.2.840.113549.1.9.16.2.48",
        "0.4.0.1733.2.4",
    }
)
_DEPTH = 4  # time stamps inside time stamps


class _Lists(core.SequenceOf):  # type: ignore[misc]
    _child_spec = asn1_crl.CertificateList


class _Answers(core.SequenceOf):  # type: ignore[misc]
    _child_spec = ocsp.BasicOCSPResponse


class _RevocationValues(core.Sequence):  # type: ignore[misc]  # RFC 5126, 6.3.4
    _fields = [  # noqa: RUF012
        ("lists", _Lists, {"explicit": 0, "optional": True}),
        ("answers", _Answers, {"explicit": 1, "optional": True}),
        ("others", core.Any, {"explicit": 2, "optional": True}),
    ]


class _Certificates(core.SequenceOf):  # type: ignore[misc]  # RFC 5126, 6.3.3
    _child_spec = x509.Certificate


@dataclass
class Carried:
    """What was found, in no order; parts that cannot be read are left out."""

    certificates: list[x509.Certificate] = field(default_factory=list)
    lists: list[asn1_crl.CertificateList] = field(default_factory=list)
    answers: list[ocsp.OCSPResponse] = field(default_factory=list)


def carried(signed: cms.SignedData) -> Carried:
    """Everything of this kind in a signature. Never raises."""
    found = Carried()
    _from_signature(signed, found, _DEPTH)
    return found


def _from_signature(signed: cms.SignedData, found: Carried, depth: int) -> None:
    with suppress(Exception):
        for one in signed["certificates"]:
            if one.name == "certificate":
                found.certificates += _read(x509.Certificate, one.chosen)
    with suppress(Exception):
        for one in signed["crls"]:
            _from_choice(one, found)
    with suppress(Exception):
        for info in signed["signer_infos"]:
            for kind, value in _attributes(info):
                with suppress(Exception):
                    _from_attribute(kind, value, found, depth)


def _from_choice(one: cms.RevocationInfoChoice, found: Carried) -> None:
    with suppress(Exception):
        if one.name == "crl":
            found.lists += _read(asn1_crl.CertificateList, one.chosen)
            return
        kind, value = one.chosen["other_rev_info_format"].dotted, one.chosen["other_rev_info"]
        if kind == OCSP:
            found.answers += _read(ocsp.OCSPResponse, value)
        elif kind == _BASIC_OCSP:
            found.answers += [_enveloped(each) for each in _read(ocsp.BasicOCSPResponse, value)]


def _attributes(info: cms.SignerInfo) -> Iterator[tuple[str, Any]]:
    """Signed or not: who signed a list is what counts."""
    for place in ("signed_attrs", "unsigned_attrs"):
        attributes = info[place]
        if attributes is core.VOID:
            continue
        for attribute in attributes:
            with suppress(Exception):
                kind = str(attribute["type"].native)
                for value in attribute["values"]:
                    yield kind, value


def _from_attribute(kind: str, value: Any, found: Carried, depth: int) -> None:
    if kind in _TOKENS and depth:
        token = cms.ContentInfo.load(value.dump())
        _from_signature(token["content"], found, depth - 1)
    elif kind in _ADOBE:
        held = asn1_pdf.RevocationInfoArchival.load(value.dump())
        with suppress(Exception):
            for one in held["crl"]:
                found.lists += _read(asn1_crl.CertificateList, one)
        with suppress(Exception):
            for one in held["ocsp"]:
                found.answers += _read(ocsp.OCSPResponse, one)
    elif kind == _REVOCATION_VALUES:
        values = _RevocationValues.load(value.dump())
        with suppress(Exception):
            for one in values["lists"]:
                found.lists += _read(asn1_crl.CertificateList, one)
        with suppress(Exception):
            for one in values["answers"]:
                found.answers += [_enveloped(each) for each in _read(ocsp.BasicOCSPResponse, one)]
    elif kind == _CERTIFICATE_VALUES:
        for one in _Certificates.load(value.dump()):
            found.certificates += _read(x509.Certificate, one)


def _read(kind: Any, value: Any) -> list[Any]:
    """One of these, parsed anew and looked into; none where it is not one."""
    with suppress(Exception):
        one = kind.load(value.dump(), strict=True)
        if kind is ocsp.OCSPResponse:
            _ = one["response_bytes"]["response"].parsed["tbs_response_data"].native
        elif kind is ocsp.BasicOCSPResponse:
            _ = one["tbs_response_data"].native
        elif kind is asn1_crl.CertificateList:
            _ = one.issuer.native, one["tbs_cert_list"]["this_update"].native
        else:
            _ = one.serial_number, one.subject.dump(), one.issuer.dump()
        return [one]
    return []


def _enveloped(basic: ocsp.BasicOCSPResponse) -> ocsp.OCSPResponse:
    """A basic response as it comes from an OCSP service (RFC 6960, 4.2.1)."""
    held = {
        "response_type": "basic_ocsp_response",
        "response": core.ParsableOctetString(basic.dump()),
    }
    whole = ocsp.OCSPResponse({"response_status": "successful", "response_bytes": held})
    return ocsp.OCSPResponse.load(whole.dump())
