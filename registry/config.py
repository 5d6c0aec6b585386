"""The settings of the register's processes, read once from the environment.

Names that the public side reads too (`PERMITS_DATA`, `PERMITS_HOST`, …) mean the same there.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.errors import ConfigurationError
from registry.witnesses import Witness, parse_witnesses
from search.errors import BadSetting
from search.settings import ELASTIC_SETTINGS, ClusterSettings, cluster_from


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, its default ("" when derived) and what it means."""

    name: str
    default: str
    meaning: str


PASSPHRASE = "PERMITS_PASSPHRASE"  # noqa: S105  # The name of the setting.
SETTINGS = (
    Setting("PERMITS_DATA", "data", "The folder that holds everything in the embedded profile."),
    Setting("PERMITS_HOST", "localhost:8000", "The official host, as printed beside every QR."),
    Setting(
        "PERMITS_BASE_URL",
        "",
        "Where the public pages begin; default https://HOST, for localhost http://HOST.",
    ),
    Setting(
        "PERMITS_DATABASE_URL",
        "",
        "The register, as an SQLAlchemy URL; default sqlite:///DATA/register.sqlite.",
    ),
    Setting(
        "PERMITS_PUBLISHED",
        "",
        "The public files: a folder, for readers also an https address; default DATA/published/public.",
    ),
    Setting(
        "PERMITS_RECORDS",
        "",
        "The signed statements: a folder, for readers also an https address; default DATA/published/records.",
    ),
    Setting("PERMITS_SEARCH", "", "The folder of the search indexes; default DATA/search."),
    Setting("PERMITS_KEYS", "", "The folder of sealed private keys; default DATA/private."),
    Setting(
        "PERMITS_PASSPHRASE_FILE",
        "",
        "The file with the keys' passphrase, mode 0600; default the systemd credential `passphrase`, "
        "else DATA/private/passphrase. Without a file it is asked for, on a terminal.",
    ),
    Setting(
        PASSPHRASE,
        "",
        "The keys' passphrase itself, instead of a file; it is taken out of the environment once it is read.",
    ),
    Setting(
        "PERMITS_OFFICE_HOSTS",
        "",
        "The hosts under which officers may open the office, separated by commas; empty: any.",
    ),
    Setting("PERMITS_SECURE_COOKIES", "no", "`yes` where the office is served over https, as it must be."),
    Setting(
        "PERMITS_PROXIES",
        "0",
        "How many proxies of ours stand in front and add to X-Forwarded-For; 0 reads no such header.",
    ),
    Setting(
        "PERMITS_WITNESSES",
        "",
        "The witnesses of the log, separated by commas: each its https address, a blank, its verifier key.",
    ),
    *(Setting(*row) for row in ELASTIC_SETTINGS),
)


@dataclass(frozen=True, slots=True)
class RegistryConfig:
    """The settings as values.

    `host` is what plates print and links open; `base_url` is where the public pages answer.
    """

    data: Path
    database_url: str = field(repr=False)  # It may hold a password.
    host: str
    base_url: str
    published: Path
    records: Path
    search: Path
    key_folder: Path
    passphrase_file: Path
    office_hosts: tuple[str, ...]
    secure_cookies: bool
    proxies: int
    witnesses: tuple[Witness, ...]
    passphrase: bytes | None = field(default=None, repr=False)
    cluster: ClusterSettings | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "RegistryConfig":
        """The settings of `environment`; raises `ConfigurationError` that names the variable."""
        values = {s.name: environment.get(s.name, "").strip() or s.default for s in SETTINGS}
        data = Path(values["PERMITS_DATA"]).absolute()
        host = _host(values["PERMITS_HOST"])

        def folder(name: str, default: str) -> Path:
            return Path(values[name] or data / default).absolute()

        return cls(
            data=data,
            database_url=values["PERMITS_DATABASE_URL"] or f"sqlite:///{data / 'register.sqlite'}",
            host=host,
            base_url=(values["PERMITS_BASE_URL"] or _default_url(host)).rstrip("/"),
            published=folder("PERMITS_PUBLISHED", "published/public"),
            records=folder("PERMITS_RECORDS", "published/records"),
            search=folder("PERMITS_SEARCH", "search"),
            key_folder=folder("PERMITS_KEYS", "private"),
            passphrase_file=_passphrase_file(values["PERMITS_PASSPHRASE_FILE"], environment, data),
            office_hosts=tuple(part.strip() for part in values["PERMITS_OFFICE_HOSTS"].split(",") if part),
            secure_cookies=_yes_or_no("PERMITS_SECURE_COOKIES", values["PERMITS_SECURE_COOKIES"]),
            proxies=_count("PERMITS_PROXIES", values["PERMITS_PROXIES"]),
            witnesses=parse_witnesses(values["PERMITS_WITNESSES"]),
            passphrase=values[PASSPHRASE].encode() or None,
            cluster=_cluster(values, environment),
        )


def take_environment(environment: MutableMapping[str, str]) -> dict[str, str]:
    """A copy of the environment; the passphrase is then only in the copy, so no child process inherits it."""
    copy = dict(environment)
    environment.pop(PASSPHRASE, None)
    return copy


def _cluster(values: Mapping[str, str], environment: Mapping[str, str]) -> ClusterSettings | None:
    try:
        return cluster_from(values, environment)
    except BadSetting as error:
        raise ConfigurationError(str(error)) from error


def _host(text: str) -> str:
    if not text or text != text.lower() or not text.isascii() or set(text) & set("/@?#\\ "):
        raise ConfigurationError(
            f"PERMITS_HOST: {text!r} is not a host in lower case, with or without a port"
        )
    return text


def _default_url(host: str) -> str:
    scheme = "http" if host.partition(":")[0] in ("localhost", "127.0.0.1") else "https"
    return f"{scheme}://{host}"


def _passphrase_file(text: str, environment: Mapping[str, str], data: Path) -> Path:
    # systemd hands credentials over in a folder of their own that no other service can read.
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    fallback = Path(credentials) / "passphrase" if credentials else data / "private" / "passphrase"
    return Path(text or fallback).absolute()


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise ConfigurationError(f"{name}: write yes or no")
    return text == "yes"


def _count(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 9:
        raise ConfigurationError(f"{name}: {text!r} is not a number of proxies, 0 to 9")
    return int(text)
