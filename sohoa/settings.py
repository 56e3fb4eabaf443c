"""Every setting of Sohoa, in one model, and where each comes from.

Sources, the first that names a setting wins: arguments of the command line, ``SOHOA_*`` environment
variables (``SOHOA_STORE__ENDPOINT`` is ``store.endpoint``), one TOML file, the defaults below. The
TOML file is the one ``SOHOA_CONFIG`` names, else ``<data>/sohoa.toml``, else
``/etc/sohoa/sohoa.toml``. A name nobody knows is an error, in all three.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from ocr import ReadingOptions
from schemas.dossier import DEPARTMENT_ID
from schemas.errors import ConfigurationError
from schemas.learning import LearningOptions
from schemas.messages import Language
from schemas.page import Frozen
from schemas.sharing import SharingOptions
from schemas.work import ApprovalOptions
from signing import SigningOptions
from sohoa.portal_settings import PortalSettings
from sohoa.register_settings import RegisterSettings
from storage import RetentionMode

PREFIX = "SOHOA_"
SYSTEM_CONFIG = Path("/etc/sohoa/sohoa.toml")
_OTHER_NAMES = frozenset({"SOHOA_CONFIG", "SOHOA_SAMPLES"})
"""``SOHOA_*`` names that are no settings."""
_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def _absolute(path: Path) -> Path:
    try:
        return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - links stay as they are
    except RuntimeError:  # `~name` of nobody
        raise ValueError("no such home folder") from None


Folder = Annotated[Path, AfterValidator(_absolute)]
"""A path made absolute when it is read; ``~`` is the home folder."""


def _default_data() -> Path:
    base = os.environ.get("XDG_DATA_HOME", "")
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return root / "sohoa"


def _cores() -> int:
    return len(os.sched_getaffinity(0))


class InboxSettings(Frozen):
    """When the watcher takes what lies in the inbox. Times are seconds."""

    settle_seconds: float = Field(
        5.0, ge=0, le=3600, description="size and mtime must stand still this long"
    )
    incomplete_seconds: float = Field(
        60.0, ge=0, le=86400, description="a file that stays incomplete this long is rejected"
    )
    rescan_seconds: float = Field(60.0, gt=0, le=86400, description="between two full looks")
    polling: bool = Field(False, description="look often instead of inotify (network shares)")
    poll_seconds: float = Field(2.0, gt=0, le=3600, description="between two looks when polling")


class StoreSettings(Frozen):
    """The object store. Without an ``endpoint`` Sohoa runs its own on this machine."""

    endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^/?#@\s]+$",
        description="http(s)://host[:port] of an outside S3",
    )
    access_key: SecretStr | None = None
    secret_key: SecretStr | None = None
    ca_file: Path | None = Field(
        None, description="PEM of the authority to trust with TLS, where it is not a public one"
    )
    region: str = Field("us-east-1", min_length=1)
    bucket_prefix: str = Field(
        "", pattern=r"^[a-z0-9-]{0,30}$", description="put before every bucket's name"
    )
    originals: str = Field("originals", pattern=r"^[a-z0-9-]{3,30}$", description="a bucket")
    results: str = Field("results", pattern=r"^[a-z0-9-]{3,30}$", description="a bucket")
    work: str = Field(
        "work", pattern=r"^[a-z0-9-]{3,30}$", description="the bucket of what is worked on"
    )
    retention_days: int = Field(
        3650, ge=1, le=36500, description="how long nothing may delete an object"
    )
    retention_mode: RetentionMode = RetentionMode.governance
    retry_seconds: float = Field(45.0, gt=0, description="patience while the store is away")

    @model_validator(mode="after")
    def _outside_needs_keys(self) -> Self:
        if self.endpoint is not None and (self.access_key is None or self.secret_key is None):
            raise ValueError("endpoint needs access_key and secret_key too")
        return self


class Settings(BaseSettings):
    """What can be configured. Build it with :func:`load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
    )

    data: Folder = Field(default_factory=_default_data, description="everything Sohoa keeps")
    pki: Folder = Field(
        default_factory=lambda known: known["data"] / "pki",
        description="the office's own keys and root; the same on every host of one ledger",
    )
    inbox: Folder = Field(
        default_factory=lambda known: known["data"] / "inbox",
        description="where clerks drop scans; one file system, since dossiers move by rename",
    )
    language: Language = Field("vi", description="of the sentences people read")
    department_default: str = Field(
        "chung", description="department of what lies directly in the inbox"
    )
    workers: int = Field(
        default_factory=_cores, ge=1, le=256, description="reading processes; the machine's cores"
    )
    taking: InboxSettings = Field(
        InboxSettings(), description="when the watcher takes what lies in the inbox"
    )
    database_url: SecretStr = Field(
        default_factory=lambda known: SecretStr(f"sqlite:///{known['data']}/ledger.sqlite"),
        description="the ledger: sqlite:///… or postgresql://…",
    )
    store: StoreSettings = StoreSettings()
    allow_plain_http: bool = Field(
        False, description="talk http:// to another machine: keys and papers can be read on the way"
    )
    prefect_api_url: str | None = Field(
        None,
        pattern=r"^https?://\S+/api$",
        description="an outside Prefect server; without it Sohoa runs its own",
    )
    reading: ReadingOptions = Field(ReadingOptions(), validate_default=True)
    approval: ApprovalOptions = Field(
        ApprovalOptions(), description="who must approve what before it is signed"
    )
    signing: SigningOptions = Field(SigningOptions(), validate_default=True)
    result_templates: Folder = Field(
        default_factory=lambda known: known["data"] / "result-templates",
        description="folder of the office's own templates of results",
    )
    learning: LearningOptions = Field(
        LearningOptions(), description="whether the line reader learns from what people decided"
    )
    registry: RegisterSettings = Field(
        RegisterSettings(), description="the population register, whom to ask about persons"
    )

    sharing: SharingOptions = Field(
        SharingOptions(), description="what departments must share with each other by law"
    )
    portal: PortalSettings = Field(
        PortalSettings(), description="the desk: pages for people, and answers for systems"
    )

    @field_validator("reading")
    @classmethod
    def _own_types(cls, reading: ReadingOptions, known: ValidationInfo) -> ReadingOptions:
        """What an office adds to the reading room lies in the data folder."""
        if "data" not in known.data:
            return reading
        data: Path = known.data["data"]
        places = {
            "types": data / "types",
            "calibration": data / "calibration.json",
            "adapters": data / "learning" / "adapters",
        }
        unset = {name: path for name, path in places.items() if getattr(reading, name) is None}
        return reading.model_copy(update=unset)

    @field_validator("signing")
    @classmethod
    def _own_profiles(cls, signing: SigningOptions, known: ValidationInfo) -> SigningOptions:
        """An office's own signing profiles lie in the data folder."""
        if "data" not in known.data or signing.profiles is not None:
            return signing
        return signing.model_copy(update={"profiles": known.data["data"] / "profiles"})

    @field_validator("department_default")
    @classmethod
    def _department(cls, name: str) -> str:
        if not DEPARTMENT_ID.fullmatch(name):
            raise ValueError("a department is a-z, 0-9, '.', '_' and '-', at most 63 characters")
        return name

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(_DATABASES):
            raise ValueError("must begin with " + " or ".join(_DATABASES))
        return url

    @property
    def agency(self) -> str:
        """The digitising unit's name as signatures show it."""
        return self.signing.agency

    @property
    def embedded_store(self) -> bool:
        """Whether Sohoa runs the object store itself."""
        return self.store.endpoint is None

    @property
    def embedded_prefect(self) -> bool:
        """Whether Sohoa runs the Prefect server itself."""
        return self.prefect_api_url is None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file :func:`load_settings` has read."""
        file = _InFile(settings_cls, _file_of(init_settings))
        return init_settings, env_settings, file


class _InFile(InitSettingsSource):
    """What the TOML file says."""


_FILE_KEY = "_sohoa_file"


def _file_of(arguments: PydanticBaseSettingsSource) -> dict[str, Any]:
    assert isinstance(arguments, InitSettingsSource)  # noqa: S101 - for the type checker
    content: dict[str, Any] = arguments.init_kwargs.pop(_FILE_KEY, {})
    return content


def load_settings(
    *, data: Path | None = None, inbox: Path | None = None, language: Language | None = None
) -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: a name is unknown, a value is wrong, or the file cannot be read. The
            sentence names the setting and never repeats its value.
    """
    _refuse_unknown_variables(os.environ)
    file = config_file(data)
    given: dict[str, Any] = {_FILE_KEY: _read(file) if file else {}}
    for name, value in (("data", data), ("inbox", inbox), ("language", language)):
        if value is not None:
            given[name] = value
    try:
        settings = Settings(**given)
    except SettingsError as wrong:  # a group's variable that is no JSON object
        raise ConfigurationError(
            "service.bad_setting", setting=_field_in(str(wrong)), problem="not a JSON object"
        ) from None
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "?"
        raise ConfigurationError(
            "service.bad_setting", setting=where, problem=first["msg"]
        ) from None
    _refuse_plain_http(settings)
    return settings


def _refuse_plain_http(settings: Settings) -> None:
    """Keys, passwords and papers go over TLS, or stay on this machine.

    Time stamps, revocation lists and OCSP answers are signed themselves and come over plain HTTP
    by custom (RFC 3161, RFC 5280, RFC 6960); a password for a time-stamp service is not.

    Raises:
        ConfigurationError: a setting names ``http://`` and another machine.
    """
    if settings.allow_plain_http:
        return
    stamps = settings.signing.time_stamps
    named = {
        "store.endpoint": settings.store.endpoint,
        "prefect_api_url": settings.prefect_api_url,
        "portal.oidc.issuer": settings.portal.oidc.issuer if settings.portal.oidc else None,
        "signing.time_stamps.address": stamps.address if stamps and stamps.user else None,
    } | {
        f"signing.keys.{role.value}.address": getattr(key, "address", None)
        for role, key in settings.signing.keys.items()
    }
    for setting, address in named.items():
        if address and address.lower().startswith("http://") and not _is_here(address):
            raise ConfigurationError("service.plain_http", setting=setting)


def _is_here(address: str) -> bool:
    """Whether an address is of this machine's loopback."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _field_in(message: str) -> str:
    """The field's name in ``error parsing value for field "taking" from source …``."""
    return message.partition('"')[2].partition('"')[0] or "?"


def config_file(data: Path | None = None) -> Path | None:
    """The TOML file that counts, or ``None``. ``data`` is the command line's ``--data``.

    Raises:
        ConfigurationError: ``SOHOA_CONFIG`` names a file that is not there.
    """
    named = os.environ.get("SOHOA_CONFIG")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise ConfigurationError("service.no_config_file", path=str(path))
        return path
    folder = data or Path(os.environ.get("SOHOA_DATA") or _default_data())
    own = Path(os.path.expanduser(folder)) / "sohoa.toml"  # noqa: PTH111 - never raises
    return next((path for path in (own, SYSTEM_CONFIG) if path.is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as wrong:
        # its message quotes at most one character; the file may hold keys
        raise ConfigurationError(
            "service.bad_config_file", path=str(path), problem=str(wrong)
        ) from None
    except (OSError, UnicodeDecodeError) as wrong:
        raise ConfigurationError(
            "service.bad_config_file", path=str(path), problem=type(wrong).__name__
        ) from None


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """Names below a known group are judged by the group's own model."""
    for name in environment:
        if not name.startswith(PREFIX) or name in _OTHER_NAMES:
            continue
        field, nested, _rest = name.removeprefix(PREFIX).lower().partition("__")
        known = Settings.model_fields.get(field)
        group = known is not None and _is_group(known.annotation)
        if known is None or (nested and not group):
            raise ConfigurationError("service.unknown_variable", name=name)


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
