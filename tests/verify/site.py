"""The public application over a small register's published folder, with a clock the test sets."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask, Response
from flask.testing import FlaskClient

from keys.base10 import to_digits
from keys.dates import to_days
from keys.places import ancestry, show_place
from search import FtsIndex, LicenseFacts, analyze
from tests.verify.register import HOST, Issued, Register
from verify.config import Config, config_from
from verify.services import Services, services_from
from verify.web import create_app


class _Browser(FlaskClient):
    """Asks for the official host, as a link in a QR does."""

    def __init__(self, app: Flask, response: type[Response], host: str) -> None:
        super().__init__(app, response, use_cookies=True)
        self._host = host

    def open(self, *args: Any, **more: Any) -> Any:
        return super().open(*args, **({"base_url": f"https://{self._host}"} | more))


@dataclass
class Site:
    """A register, its public application and a client that asks as a browser does."""

    register: Register
    config: Config
    services: Services
    app: Flask
    folder: Path

    @property
    def client(self) -> FlaskClient:
        return _Browser(self.app, Response, self.config.host)

    def publish(self) -> None:
        """Publish, and let the look-up catch up as a request would."""
        self.register.publish()
        evidence = self.services.evidence.current(self.register.now)
        assert evidence is not None
        assert self.services.lookup is not None
        self.services.lookup.advance(evidence)

    def feed(self, *versions: Issued) -> None:
        """Put these versions into the public index, as the feeder does."""
        index = FtsIndex.open(self.config.public_index, read_only=False)
        index.apply([analyze(_facts(version)) for version in versions], cursor=len(self.register.entries))
        index.close()

    def scan(self, issued: Issued) -> str:
        """The path of the QR's link."""
        return f"/v/{to_digits(issued.signed_card)}"


def make_site(folder: Path, **settings: str) -> Site:
    """A site without any published file yet."""
    register = Register(folder / "published")
    environment = {"PERMITS_DATA": str(folder), "PERMITS_HOST": HOST} | settings
    config = config_from(environment)
    config.public_index.parent.mkdir(parents=True, exist_ok=True)
    services = replace(services_from(config), clock=lambda: register.now)
    return Site(register, config, services, create_app(services), folder)


def _facts(version: Issued) -> LicenseFacts:
    record = version.record
    province, district, subdistrict = ancestry(record.place or 0)
    name = record.holder.get("name")
    return LicenseFacts(
        code=record.code,
        log_index=version.index,
        revision=0,
        visible=True,
        agency=record.agency,
        license_type=record.license_type,
        province=province,
        district=district,
        subdistrict=subdistrict,
        standing=0,
        valid_from=to_days(record.valid_from),
        valid_until=to_days(record.valid_until) if record.valid_until else None,
        number=str(record.number),
        numbers=(),
        holder=name if isinstance(name, str) else None,
        premises=record.premises,
        other_names=(),
        address=f"{record.address} {show_place(record.place)}",
        type_names=(),
        sort_key=record.premises or "",
    )
