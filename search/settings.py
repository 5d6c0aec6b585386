"""How a cluster is reached, as the environment says it: the same words for every process."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from search.errors import BadSetting

# Name, default ("" when derived) and meaning of each.
ELASTIC_SETTINGS = (
    (
        "PERMITS_ELASTIC",
        "",
        "The nodes of an Elasticsearch cluster for search, separated by commas; empty: the embedded index alone.",
    ),
    ("PERMITS_ELASTIC_USER", "", "This process's account in the cluster."),
    (
        "PERMITS_ELASTIC_PASSWORD_FILE",
        "",
        "The file with its password, mode 0600; default the systemd credential `elastic-password`.",
    ),
    (
        "PERMITS_ELASTIC_CA",
        "",
        "A PEM file with who signed the cluster's certificates; default the system's.",
    ),
    ("PERMITS_ELASTIC_PREFIX", "permits", "What the names of the cluster's indexes begin with."),
    (
        "PERMITS_ELASTIC_TIMEOUT",
        "2",
        "How many seconds a search may take in the cluster before it counts as away.",
    ),
)
_LOCAL = ("localhost", "127.0.0.1", "::1")
_OTHERS_MAY = 0o077


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """How the cluster is reached.

    `urls` are its nodes; `prefix` begins the names of all indexes; `timeout` is in seconds and
    bounds each request of a search.
    """

    urls: tuple[str, ...]
    prefix: str
    timeout: float
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def alias(self, audience: str) -> str:
        """The name under which the index for `audience`, `public` or `office`, is found."""
        return f"{self.prefix}-{audience}"


def cluster_from(values: Mapping[str, str], environment: Mapping[str, str]) -> ClusterSettings | None:
    """The cluster that `values` of all settings name, or None; raises `BadSetting` that names the variable."""
    urls = tuple(filter(None, (part.strip().rstrip("/") for part in values["PERMITS_ELASTIC"].split(","))))
    if not urls:
        return None
    for url in urls:
        _require_address(url)
    user, ca = values["PERMITS_ELASTIC_USER"], values["PERMITS_ELASTIC_CA"]
    return ClusterSettings(
        urls,
        prefix=_prefix(values["PERMITS_ELASTIC_PREFIX"]),
        timeout=_seconds(values["PERMITS_ELASTIC_TIMEOUT"]),
        user=user or None,
        password=_password(values["PERMITS_ELASTIC_PASSWORD_FILE"], environment) if user else None,
        ca_file=_authority(Path(ca).absolute()) if ca else None,
    )


def _require_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # A port that is no number raises here.
    except ValueError:
        parts, host = urlsplit(""), ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    beside = parts.username or parts.path or parts.query or parts.fragment
    if not safe or not host or beside or " " in host:
        raise BadSetting(
            "PERMITS_ELASTIC: each node is https://HOST:PORT; http only on this machine, accounts elsewhere"
        )


def _authority(path: Path) -> Path:
    """`path` when certificates can be read from it; a client would only find the cluster away."""
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # Also what is no certificate.
        raise BadSetting(f"PERMITS_ELASTIC_CA: {path} cannot be read as PEM certificates") from error
    return path


def _prefix(text: str) -> str:
    if not text.isascii() or not text.replace("-", "").isalnum() or text != text.lower() or text[0] == "-":
        raise BadSetting(f"PERMITS_ELASTIC_PREFIX: {text!r} is not lower-case letters, digits and -")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 60:  # Also refuses what is no number.
        raise BadSetting(f"PERMITS_ELASTIC_TIMEOUT: {text!r} is not a number of seconds up to 60")
    return seconds


def _password(text: str, environment: Mapping[str, str]) -> str:
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    path = text or (f"{credentials}/elastic-password" if credentials else "")
    if not path:
        raise BadSetting("PERMITS_ELASTIC_PASSWORD_FILE: an account needs one")
    try:
        # What systemd hands over it guards itself, by access lists that show here as a group's right.
        if text and Path(path).stat().st_mode & _OTHERS_MAY:
            raise BadSetting(f"PERMITS_ELASTIC_PASSWORD_FILE: others may read {path}: chmod 600 it")
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"PERMITS_ELASTIC_PASSWORD_FILE: {path} cannot be read") from error
