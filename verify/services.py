"""What the pages work with, and how it is built from the settings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from search import SearchIndex, open_index
from verify.config import Config
from verify.errors import BadSetting
from verify.lookup import Lookup
from verify.phone import PhoneBundle
from verify.published import EvidenceWatch
from verify.sources import source_at

Clock = Callable[[], datetime]
# Under this name the application keeps its services.
SERVICES = "permits-verify"


@dataclass(frozen=True)
class Services:
    """The real parts of the public side; no private key and no database of the register among them.

    Without `lookup` codes cannot be told; without `search` there is no search by name.
    """

    config: Config
    evidence: EvidenceWatch
    lookup: Lookup | None
    search: SearchIndex | None
    clock: Clock
    phone: PhoneBundle = field(default_factory=PhoneBundle, repr=False)


def utc_now() -> datetime:
    """The moment it is now, aware UTC."""
    return datetime.now(UTC)


def services_from(config: Config, clock: Clock = utc_now) -> Services:
    """The services of `config`; raises `BadSetting`.  No file needs to be there yet."""
    try:
        pinned = config.pinned_ring.read_bytes() if config.pinned_ring else None
    except OSError as error:
        raise BadSetting(f"PERMITS_PINNED_RING: {config.pinned_ring} cannot be read") from error
    return Services(
        config=config,
        evidence=EvidenceWatch(source_at(config.published), pinned),
        lookup=Lookup(config.lookup, source_at(config.records, certificate=config.records_certificate)),
        search=open_index(config.cluster, "public", config.public_index),
        clock=clock,
    )
