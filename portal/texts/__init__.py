"""The words of the pages, in Vietnamese and English: one YAML file for each page or group.

``key: {vi: ..., en: ...}`` with ``{name}`` for parameters, as in :mod:`schemas.messages`; sentences
about what went wrong are there.
"""

from importlib.resources import files

from schemas import messages
from schemas.messages import Language

LANGUAGES: tuple[Language, ...] = ("vi", "en")


def catalogue(name: str) -> dict[str, dict[str, str]]:
    """The words of one file."""
    return messages.catalogue(__name__, name)


def text(key: str, language: Language, /, **params: str | int | float) -> str:
    """The words ``file.key`` in a language.

    Raises:
        KeyError: there are none; a test keeps this from happening.
    """
    name, _, entry = key.partition(".")
    return catalogue(name)[entry][language].format(**params)


def for_script(name: str, language: Language) -> dict[str, str]:
    """The words of a file that its page hands to its script: those whose keys begin with js_."""
    return {
        key.removeprefix("js_"): said[language]
        for key, said in catalogue(name).items()
        if key.startswith("js_")
    }


def known(key: str) -> bool:
    """Whether there are such words."""
    name, _, entry = key.partition(".")
    there = files(__name__).joinpath(f"{name}.yaml").is_file() if name.isidentifier() else False
    return there and entry in catalogue(name)
