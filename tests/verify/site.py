"""The public application over a small register's published folder, with a clock the test sets."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server

from keys.acts import ActKind, Status
from keys.base10 import to_digits
from keys.dates import bangkok_date, to_days
from keys.places import ancestry, show_place
from search import FtsIndex, LicenseFacts, analyze
from tests.verify.founding import CLOSED, HOST, signer
from tests.verify.register import Issued, Register, a_card
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


@contextmanager
def served(folder: Path) -> Iterator[tuple[Site, str]]:
    """A site that answers over HTTP on this machine, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = make_site(folder, PERMITS_HOST=f"localhost:{port}")
    server = make_server("127.0.0.1", port, site.app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site, f"http://localhost:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


def every_verdict(site: Site) -> dict[str, str]:
    """A register with each verdict in it, and the path of its page; the clock stands at `NOON`."""
    register, forger = site.register, signer("forger")
    today = bangkok_date(register.now)
    paths: dict[str, str] = {}

    def keep(name: str, issued: Issued) -> Issued:
        paths[name] = site.scan(issued)
        return issued

    long = keep("VALID, ten acts", register.issue())
    last = long
    for year in range(2028, 2032):
        last = register.issue(ActKind.RENEWAL, after=last, valid_until=date(year, 1, 11))
    for _ in range(2):
        period = {"begins": today, "until": today + timedelta(days=15), "reason": "conditions"}
        register.order(ActKind.SUSPENSION, last, Status.SUSPENDED, **period)
        register.order(ActKind.REINSTATEMENT, last, Status.VALID, begins=today)
    register.order(ActKind.RENEWAL_FILING, last, Status.RENEWAL_PENDING, begins=today)
    paths["VALID, ten acts"] = site.scan(last)
    paths["older plate"] = site.scan(long)
    keep("VALID", register.issue())
    keep("VALID, no end", register.issue(valid_until=None))
    pending = keep("RENEWAL_PENDING", register.issue(valid_until=today - timedelta(days=3)))
    register.order(ActKind.RENEWAL_FILING, pending, Status.RENEWAL_PENDING, begins=today - timedelta(days=9))
    keep("NOT_YET_VALID", register.issue(valid_from=today + timedelta(days=9)))
    keep("EXPIRED", register.issue(valid_until=today - timedelta(days=9)))
    suspended = keep("SUSPENDED", register.issue())
    until = {"begins": today, "until": today + timedelta(days=15)}
    register.order(ActKind.SUSPENSION, suspended, Status.SUSPENDED, **until)
    revoked = keep("REVOKED", register.issue())
    register.order(ActKind.REVOCATION, revoked, Status.INVALID, begins=today, reason="conditions")
    voided = keep("REVOKED, voided", register.issue())
    register.order(ActKind.VOIDING, voided, Status.INVALID, begins=today)
    ended = keep("ENDED", register.issue())
    ending = {"outcome": "succeeded", "successor": suspended.code, "begins": today}
    register.order(ActKind.ENDING, ended, Status.ENDED, **ending)
    assert long.card is not None
    paths["NOT_GENUINE"] = f"/v/{to_digits(a_card(register, long, by=forger))}"
    paths["NOT_FOUND"] = "/c/00000000000098"
    paths["damaged"] = "/v/123"
    paths["mistyped"] = "/c/00000000000099"
    closed = register.issue(license_type=CLOSED)
    register.issue(ActKind.REPLACEMENT, after=closed)
    paths["CANNOT_TELL, newer version"] = site.scan(closed)
    site.publish()
    paths["CANNOT_TELL, newer"] = site.scan(register.issue())
    site.feed(last, suspended, revoked, ended, pending)
    return paths
