"""The settings of the public side, read once from the environment.

Every setting has a default for the embedded profile, where one folder holds everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limits import parse

from search.errors import BadSetting as BadSearchSetting
from search.settings import ELASTIC_SETTINGS, ClusterSettings, cluster_from
from verify.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, its default ("" when derived) and what it means."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("PERMITS_DATA", "data", "The folder that holds everything in the embedded profile."),
    Setting("PERMITS_HOST", "localhost:8000", "The official host, as printed beside every QR."),
    Setting(
        "PERMITS_BASE_URL",
        "",
        "Where the public pages begin; default https://HOST, for localhost http://HOST.",
    ),
    Setting(
        "PERMITS_TRUSTED_HOSTS",
        "",
        "Other hosts that may be asked for, separated by commas; the official host always may.",
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
    Setting(
        "PERMITS_RECORDS_CERTIFICATE",
        "",
        "A PEM file with certificate and key, shown to the https address of the statements.",
    ),
    Setting(
        "PERMITS_PINNED_RING",
        "",
        "The key ring that trust begins with; default keyring/1.cbor of the public files.",
    ),
    Setting("PERMITS_LOOKUP", "", "The look-up file, disposable; default DATA/lookup/lookup.sqlite."),
    Setting("PERMITS_PUBLIC_INDEX", "", "The public search index; default DATA/search/public/index.sqlite."),
    Setting(
        "PERMITS_CODE_LIMIT",
        "120 per minute",
        "How many codes one address may look up, in each process; scans are never limited.",
    ),
    Setting(
        "PERMITS_SEARCH_LIMIT", "120 per minute", "How many searches one address may make, in each process."
    ),
    Setting(
        "PERMITS_PROXIES",
        "0",
        "How many proxies of ours stand in front and add to X-Forwarded-For; 0 reads no such header.",
    ),
    *(Setting(*row) for row in ELASTIC_SETTINGS),
)


@dataclass(frozen=True, slots=True)
class Config:
    """The settings as values; `config_from` makes it."""

    host: str
    base_url: str
    trusted_hosts: frozenset[str]
    published: str
    records: str
    records_certificate: Path | None
    pinned_ring: Path | None
    lookup: Path
    public_index: Path
    code_limit: str
    search_limit: str
    proxies: int
    cluster: ClusterSettings | None = None


def config_from(environment: Mapping[str, str]) -> Config:
    """The settings of `environment`; raises `BadSetting` that names the variable."""
    values = {s.name: environment.get(s.name, "").strip() or s.default for s in SETTINGS}
    folder = Path(values["PERMITS_DATA"])
    host = _host("PERMITS_HOST", values["PERMITS_HOST"])
    certificate, ring = values["PERMITS_RECORDS_CERTIFICATE"], values["PERMITS_PINNED_RING"]
    return Config(
        host=host,
        base_url=_base_url(values["PERMITS_BASE_URL"], host),
        trusted_hosts=_trusted(values["PERMITS_TRUSTED_HOSTS"], host),
        published=values["PERMITS_PUBLISHED"] or str(folder / "published" / "public"),
        records=values["PERMITS_RECORDS"] or str(folder / "published" / "records"),
        records_certificate=Path(certificate) if certificate else None,
        pinned_ring=Path(ring) if ring else None,
        lookup=Path(values["PERMITS_LOOKUP"] or folder / "lookup" / "lookup.sqlite"),
        public_index=Path(values["PERMITS_PUBLIC_INDEX"] or folder / "search" / "public" / "index.sqlite"),
        code_limit=_limit("PERMITS_CODE_LIMIT", values["PERMITS_CODE_LIMIT"]),
        search_limit=_limit("PERMITS_SEARCH_LIMIT", values["PERMITS_SEARCH_LIMIT"]),
        proxies=_whole("PERMITS_PROXIES", values["PERMITS_PROXIES"]),
        cluster=_cluster(values, environment),
    )


def _cluster(values: Mapping[str, str], environment: Mapping[str, str]) -> ClusterSettings | None:
    try:
        return cluster_from(values, environment)
    except BadSearchSetting as error:
        raise BadSetting(str(error)) from error


def is_loopback(host: str) -> bool:
    """Whether `host`, with or without a port, is this machine, where no certificate is to be had."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name in ("localhost", "127.0.0.1", "::1")


def _host(name: str, text: str) -> str:
    if not text or text != text.lower() or not text.isascii() or set(text) & set("/@?#\\ "):
        raise BadSetting(f"{name}: {text!r} is not a host in lower case, with or without a port")
    return text


def _base_url(text: str, host: str) -> str:
    url = text or f"{'http' if is_loopback(host) else 'https'}://{host}"
    if not url.startswith(("https://", "http://")) or url.endswith("/"):
        raise BadSetting(f"PERMITS_BASE_URL: {url!r} is not an address without a slash at its end")
    return url


def _trusted(text: str, host: str) -> frozenset[str]:
    others = [_host("PERMITS_TRUSTED_HOSTS", part.strip()) for part in text.split(",") if part.strip()]
    if is_loopback(host):
        _, colon, port = host.rpartition(":")
        others += [f"{name}{colon}{port if colon else ''}" for name in ("localhost", "127.0.0.1", "[::1]")]
    return frozenset([host, *others])


def _limit(name: str, text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        raise BadSetting(f"{name}: {text!r} is not a limit such as '120 per minute'") from error
    return text


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise BadSetting(f"{name}: {text!r} is not a whole number")
    return int(text)
