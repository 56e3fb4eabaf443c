"""What lets a browser see a paper's pages for some minutes: an address that nobody can make up."""

from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken

SECONDS = 600


class PaperViews:
    """Makes such addresses, and opens them. The key lives as long as the process."""

    def __init__(self) -> None:
        self._box = Fernet(Fernet.generate_key())

    def issue(self, document_id: int, now: datetime) -> str:
        """What stands in the address of a document's pages."""
        return self._box.encrypt_at_time(str(document_id).encode(), int(now.timestamp())).decode()

    def opened(self, token: str, now: datetime) -> int | None:
        """The document's id; None where it is none of ours, or too old."""
        try:
            said = self._box.decrypt_at_time(token, SECONDS, int(now.timestamp()))
        except (InvalidToken, ValueError):  # no letters that a token has, or not ours
            return None
        return int(said)
