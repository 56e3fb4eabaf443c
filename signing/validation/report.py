# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""The validation report of ETSI TS 119 102-2 (version 1.2.1), as XML.

pyHanko can write one too, but only from its own validation, which knows neither of the checks made
here nor of old algorithms that are weak rather than wrong. The report is not signed.
"""

import base64
import hashlib
from datetime import UTC, datetime
from xml.etree import ElementTree

from asn1crypto import x509
from pyhanko.sign.validation import EmbeddedPdfSignature

from schemas.verdict import FileVerdict, SignatureReport, Verdict
from signing.options import Level
from signing.validation.proof import Findings, Proof

NAMESPACE = "http://uri.etsi.org/19102/v1.2.1#"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_URN = "urn:etsi:019102"

_DIGESTS = {
    "md5": "http://www.w3.org/2001/04/xmldsig-more#md5",
    "sha1": "http://www.w3.org/2000/09/xmldsig#sha1",
    "sha224": "http://www.w3.org/2001/04/xmldsig-more#sha224",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}
_PROCESSES = {Level.b_lta.value: "LTA", Level.b_lt.value: "LTVM", Level.b_t.value: "LTVM"}
_PROCESSES |= {f"CAdES-{level}": name for level, name in _PROCESSES.items()}

PASSED = "total-passed"
FAILED = "total-failed"
INDETERMINATE = "indeterminate"

Element = ElementTree.Element


def validation_report(verdict: FileVerdict, findings: Findings, at: datetime) -> bytes | None:
    """The report on a file judged at ``at``, in UTF-8; ``None`` where it holds no signature."""
    pairs = list(zip(findings.signatures, verdict.signatures, strict=True))
    if not pairs:
        return None
    ElementTree.register_namespace("", NAMESPACE)
    ElementTree.register_namespace("ds", _DS)
    root = Element(f"{{{NAMESPACE}}}ValidationReport")
    objects: dict[str, bytes] = {}
    for number, (proof, report) in enumerate(pairs, 1):
        root.append(_signature(number, proof, report, verdict, at, objects))
    if objects:
        held = _add(root, "SignatureValidationObjects")
        for name, der in objects.items():
            one = _add(held, "ValidationObject", id=name)
            _add(one, "ObjectType", f"{_URN}:validationObject:certificate")
            shown = _add(one, "ValidationObjectRepresentation")
            _add(shown, "base64", base64.b64encode(der).decode())
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def indication(proof: Proof, report: SignatureReport, verdict: Verdict) -> tuple[str, str | None]:
    """Main and sub-indication of one signature (ETSI EN 319 102-1, 5.1.3)."""
    if proof.embedded is None or {"signature_unreadable", "kind_unknown"} & set(proof.findings):
        return FAILED, "FORMAT_FAILURE"
    if proof.unknown is not None and (proof.digest_matches or proof.unknown == "digest"):
        return INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE"
    if not proof.digest_matches:
        return FAILED, "HASH_FAILURE"
    if not proof.signature_valid:
        return FAILED, "SIG_CRYPTO_FAILURE"
    if verdict in {Verdict.altered, Verdict.broken} or not report.intact:
        return FAILED, "FORMAT_FAILURE"
    if not proof.trusted or proof.revoked:
        return INDETERMINATE, proof.indication or "NO_CERTIFICATE_CHAIN_FOUND"
    if report.algorithms is None or report.algorithms.weak:
        return INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    if "not_compared" in report.findings:
        return INDETERMINATE, "SIG_CONSTRAINTS_FAILURE"
    return PASSED, None


def _signature(
    number: int,
    proof: Proof,
    report: SignatureReport,
    verdict: FileVerdict,
    at: datetime,
    objects: dict[str, bytes],
) -> Element:
    top = Element(f"{{{NAMESPACE}}}SignatureValidationReport")
    certificate = None if proof.embedded is None else proof.embedded.signer_cert
    _identify(top, number, proof)
    times = _add(top, "ValidationTimeInfo")
    _add(times, "ValidationTime", _time(at))
    proven = report.time if report.time_source in {"timestamp", "archive"} else None
    best = _add(times, "BestSignatureTime")  # without a proof it is now (EN 319 102-1, 5.6.2)
    _add(best, "POETime", _time(proven or at))
    _add(best, "TypeOfProof", f"{_URN}:poetype:validation")
    if proof.embedded is not None:
        _signed(top, proof, report)
    if certificate is not None:
        who = _add(top, "SignerInformation")
        _add(who, "SignerCertificate", VOReference=_keep(certificate, objects))
        if report.signer:
            _add(who, "Signer", report.signer)
    process = _add(top, "SignatureValidationProcess")
    name = _PROCESSES.get(report.level or "", "Basic")
    _add(process, "SignatureValidationProcessID", f"{_URN}:validationprocess:{name}")
    main, sub = indication(proof, report, verdict.verdict)
    status = _add(top, "SignatureValidationStatus")
    _add(status, "MainIndication", f"{_URN}:mainindication:{main}")
    if sub is not None:
        _add(status, "SubIndication", f"{_URN}:subindication:{sub}")
    _reasons(status, proof, report, objects)
    return top


def _identify(top: Element, number: int, proof: Proof) -> None:
    identifier = _add(top, "SignatureIdentifier", id=f"S-{number}")
    if proof.embedded is not None:
        info = proof.embedded.signer_info
        algorithm = str(proof.embedded.md_algorithm)
        attributes = info["signed_attrs"]
        if algorithm in _DIGESTS and attributes.native:
            data = attributes.untag().dump()
            _digest(identifier, algorithm, hashlib.new(algorithm, data).digest())
        value = ElementTree.SubElement(identifier, f"{{{_DS}}}SignatureValue")
        value.text = base64.b64encode(info["signature"].native).decode()
    _add(identifier, "HashOnly", "false")
    _add(identifier, "DocHashOnly", "false")


def _signed(top: Element, proof: Proof, report: SignatureReport) -> None:
    """What was signed, and what the signature says of itself."""
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    algorithm = str(embedded.md_algorithm)
    document = _add(top, "SignersDocument")
    if algorithm in _DIGESTS:
        _digest(document, algorithm, embedded.compute_digest())
    attributes = _add(top, "SignatureAttributes")
    if report.time is not None and report.time_source == "claimed":
        claimed = _add(attributes, "SigningTime", Signed="true")
        _add(claimed, "Time", _time(report.time))
    if report.time is not None and report.time_source == "timestamp":
        stamp = _add(attributes, "SignatureTimeStamp", Signed="false")
        _add(stamp, "TimeStampValue", _time(report.time))
    kind = str(embedded.sig_object.get("/SubFilter", "")).removeprefix("/")
    if kind:
        _add(_add(attributes, "SubFilter", Signed="true"), "SubFilterElement", kind)
    if isinstance(embedded, EmbeddedPdfSignature):
        _add(attributes, "ByteRange", " ".join(str(int(one)) for one in embedded.byte_range))


def _reasons(
    status: Element, proof: Proof, report: SignatureReport, objects: dict[str, bytes]
) -> None:
    """Anchor, algorithm, and our own findings by their keys."""
    data = _add(status, "AssociatedValidationReportData")
    if proof.anchor_certificate is not None:
        _add(data, "TrustAnchor", VOReference=_keep(proof.anchor_certificate, objects))
    if report.algorithms is not None and report.algorithms.digest in _DIGESTS:
        strength = _add(data, "CryptoInformation")
        named = "S" if proof.embedded is None else _keep(proof.embedded.signer_cert, objects)
        _add(strength, "ValidationObjectId", VOReference=named)
        _add(strength, "Algorithm", _DIGESTS[report.algorithms.digest])
        _add(strength, "SecureAlgorithm", "false" if report.algorithms.weak else "true")
    if report.findings:
        more = _add(data, "AdditionalValidationReportData")
        for finding in report.findings:
            one = _add(more, "ReportData")
            _add(one, "Type", "urn:sohoa:finding")
            _add(one, "Value", finding)


def _keep(certificate: x509.Certificate, objects: dict[str, bytes]) -> str:
    """Note a certificate as a validation object; its name."""
    der = certificate.dump()
    name = f"C-{hashlib.sha256(der).hexdigest()}"
    objects[name] = der
    return name


def _digest(parent: Element, algorithm: str, value: bytes) -> None:
    held = _add(parent, "DigestAlgAndValue")
    method = ElementTree.SubElement(held, f"{{{_DS}}}DigestMethod")
    method.set("Algorithm", _DIGESTS[algorithm])
    ElementTree.SubElement(held, f"{{{_DS}}}DigestValue").text = base64.b64encode(value).decode()


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    child = ElementTree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    child.text = text
    return child


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
