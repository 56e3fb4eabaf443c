"""The development PKI: made on first start, so that signing works before real keys are there."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

Clock = Callable[[], datetime]


class Pki:
    """Root, issuing CA, agency seal, clerk, leader, time-stamping unit and CRLs of one office."""

    @property
    def root_path(self) -> Path:
        """The root certificate as PEM, for other verifiers (``<directory>/root.pem``)."""
        raise NotImplementedError

    @classmethod
    def ensure(cls, directory: Path, agency: str, clock: Clock) -> "Pki":
        """Open the PKI in ``directory``, made now if there is none.

        Raises:
            ConfigurationError: the directory holds something else, or is damaged.
        """
        raise NotImplementedError
