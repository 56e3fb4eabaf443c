"""How likely texts are before a line is looked at."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class Prior(Protocol):
    """What is known of texts, asked for one character after the other while they are sought.

    A state stands for a beginning; what it is, is the prior's own affair. Logarithms are natural.
    """

    def begin(self) -> Any:
        """The state of the empty text."""

    def after(self, state: Any, character: str) -> tuple[Any, float]:
        """The state with one character more, and what that adds to the logarithm."""

    def end(self, state: Any) -> float:
        """What it adds that the text ends here."""

    def logarithm(self, text: str) -> float:
        """The logarithm for a whole text."""


class OfColumns(NamedTuple):
    """A prior asked for a model's columns (:class:`ocr.recognition.ctc.ColumnPrior`)."""

    prior: Prior
    characters: Sequence[str]
    """What each column stands for."""

    def begin(self) -> Any:
        """The state of the empty text."""
        return self.prior.begin()

    def after(self, state: Any, column: int) -> tuple[Any, float]:
        """The state with one column more, and what that adds."""
        return self.prior.after(state, self.characters[column])

    def end(self, state: Any) -> float:
        """What it adds that the text ends here."""
        return self.prior.end(state)


def alike(_text: str) -> float:
    """All texts are as likely."""
    return 0.0
