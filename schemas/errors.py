"""Failures as outcomes: each has a code, a sentence that says what to do next, an exit code.

The sentences live in ``schemas/messages/*.yaml`` in Vietnamese and English. Their parameters never
carry personal data: no names of persons, no field values, no file names of a clerk's.
"""

from enum import IntEnum

from schemas.messages import Language, sentence


class ExitCode(IntEnum):
    """Exit codes of the ``sohoa`` command; scripts may rely on them."""

    ok = 0
    unexpected = 1
    usage = 2
    bad_input = 3
    not_found = 4
    not_valid = 5
    service_unavailable = 6
    missing_dependency = 7
    configuration = 8
    not_finished = 9
    already_running = 10
    not_allowed = 11
    interrupted = 130


class SohoaError(Exception):
    """An outcome that stops what was asked. ``code`` names its sentence in the catalogue."""

    exit_code = ExitCode.unexpected

    def __init__(self, code: str, /, **params: str | int | float) -> None:
        """``code`` is ``catalogue.key``, for example ``reading.empty_file``."""
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        """The English sentence, for logs."""
        return self.sentence("en")

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders."""
        return (_rebuild, (type(self), self.code, self.params))

    def sentence(self, language: Language) -> str:
        """One sentence in the reader's language, saying what happened and what to do."""
        return sentence(self.code, language, **self.params)


def _rebuild(kind: type[SohoaError], code: str, params: dict[str, str | int | float]) -> SohoaError:
    return kind(code, **params)


class InputRejected(SohoaError):
    """The bytes cannot be processed, today or tomorrow; the file goes to ``rejected/``."""

    exit_code = ExitCode.bad_input


class NotFound(SohoaError):
    """What was named does not exist."""

    exit_code = ExitCode.not_found


class ServiceUnavailable(SohoaError):
    """A service did not answer; the same step may succeed later."""

    exit_code = ExitCode.service_unavailable


class MissingDependency(SohoaError):
    """A program, library, font or model is not on this machine."""

    exit_code = ExitCode.missing_dependency


class Interrupted(SohoaError):
    """A person stopped it (Ctrl-C)."""

    exit_code = ExitCode.interrupted


class ConfigurationError(SohoaError):
    """A setting is wrong, or two settings contradict each other."""

    exit_code = ExitCode.configuration


class Conflict(SohoaError):
    """Something else stands where something was to be written; nothing was overwritten."""

    exit_code = ExitCode.bad_input


class Damaged(Conflict):
    """Bytes that were kept are not those that were put: nothing repairs them but a backup."""

    exit_code = ExitCode.not_valid


class NotTrusted(SohoaError):
    """The ledger contradicts itself: nothing is signed or published until an operator says so.

    The work waits and goes on by itself after ``sohoa ledger accept`` or ``restore``.
    """

    exit_code = ExitCode.not_valid


class NotAllowed(SohoaError):
    """Who asked may not do this; somebody else may."""

    exit_code = ExitCode.not_allowed
