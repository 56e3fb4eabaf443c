"""What became of a paper, in one file that anybody can check without this service.

The scan's hash → its pages and fields → who reviewed them → the signed file → the stored version,
with the events of the ledger that say so and the proof that they stand in its chain. The file is an
ASiC-E container, signed by the office.
"""

from usecases.evidence.check import check
from usecases.evidence.export import export
from usecases.evidence.records import DossierEvidence, EvidenceReport, Fault

__all__ = ["DossierEvidence", "EvidenceReport", "Fault", "check", "export"]
