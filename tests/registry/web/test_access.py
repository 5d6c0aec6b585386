"""Who may open what: from the application's own map of routes, each page, each role, own and other."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule as Route

from keys.acts import ActKind
from keys.keyring import Role as KeyRole
from registry.models import AuditEvent, Batch, LicenseRow, Proposal
from registry.permissions import PERMISSIONS, Permission, Role
from registry.queries import log_size
from registry.web.access import RULES
from tests.registry.arriving import csv_of, proposed
from tests.registry.key_steps import key_of
from tests.registry.two_agencies import CHA_AM, FORM, Founded
from tests.registry.web.conftest import ADDRESS, Visitor

Enter = Callable[[str], Visitor]
SNAPSHOT = Path(__file__).with_name("routes.txt")
OF_ROLE = {
    Role.VIEWER: "wanna",
    Role.ISSUER: "somying",
    Role.APPROVER: "prayoon",
    Role.ADMIN: "adisak",
    Role.KEY_OFFICER: "kanya",
}
NEEDS = {rule.pages.name: rule.needs for rule in RULES}


def methods(route: Route) -> Iterator[str]:
    yield from sorted((route.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})


def pages_of(app: Flask) -> list[Route]:
    """The routes that officers open; those of systems, who have keys and no log-in, have tests of their own."""
    return [route for route in app.url_map.iter_rules() if not route.rule.startswith("/api/")]


def needed(route: Route) -> Permission | None:
    return NEEDS[route.endpoint.partition(".")[0]]


def entitled(route: Route) -> str:
    """The log-in of somebody whose role opens the route."""
    return {Permission.OFFICERS: "adisak", Permission.KEYS: "kanya"}.get(
        needed(route) or Permission.VIEW, "prayoon"
    )


def test_every_route_has_exactly_one_rule(app: Flask) -> None:
    names = Counter(rule.pages.name for rule in RULES)
    for route in app.url_map.iter_rules():
        assert names[route.endpoint.partition(".")[0]] == 1, route


def test_the_routes_are_those_of_the_snapshot(app: Flask) -> None:
    lines = sorted(
        f"{method:4} {route.rule:45} {needed(route) or 'open'}"
        for route in app.url_map.iter_rules()
        for method in methods(route)
    )
    assert "\n".join(lines) + "\n" == SNAPSHOT.read_text(), "\n".join(lines)


@dataclass(frozen=True)
class Scene:
    """Two agencies with a license and a proposal each."""

    register: Founded
    codes: dict[str, str]
    proposals: dict[str, int]
    batches: dict[str, int]
    kid: str

    def path(self, route: Route, whose: str) -> str:
        """The route's address about the license and the proposal of `whose` agency."""
        path = route.rule.replace("<code:code>", self.codes[whose]).replace("<act>", "suspension")
        path = path.replace("<kid:key>", self.kid)
        path = path.replace("<positive:proposal>", str(self.proposals[whose]))
        path = path.replace("<positive:batch>", str(self.batches[whose]))
        return path.replace("<positive:kind>", "1" if whose == "own" else "2")

    def state(self) -> tuple[object, ...]:
        """What no refused request may change."""
        with self.register.services.database.reading() as session:
            done = select(func.count()).where(Proposal.state != "waiting")
            return (
                log_size(session),
                session.scalars(select(func.count()).select_from(LicenseRow)).one(),
                session.scalars(select(func.count()).select_from(Proposal)).one(),
                session.scalars(done).one(),
                *session.scalars(select(Batch.state).order_by(Batch.id)),
            )

    def events(self) -> list[str]:
        """The audit events so far."""
        with self.register.services.database.reading() as session:
            return list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))


@pytest.fixture
def scene(register: Founded) -> Scene:
    codes = {"own": register.issue(), "other": register.issue(by="chalong")}
    order = {"legal_basis": "มาตรา 60", "reason": "conditions"}
    own = register.propose(ActKind.REVOCATION, order, code=codes["own"])
    other = register.propose(ActKind.REVOCATION, order, code=codes["other"], by="chalong")
    register.publish()
    key = key_of(register.services, KeyRole.AGENCY, CHA_AM)
    theirs = proposed(register, csv_of(1, {"place": "760401"}), "chalong")
    batches = {"own": proposed(register, csv_of(1)), "other": theirs}
    return Scene(register, codes, {"own": own.id, "other": other.id}, batches, key.public.kid.hex())


def test_a_stranger_sees_the_log_in_and_changes_nothing(app: Flask, visitor: Visitor, scene: Scene) -> None:
    before = scene.state()
    for route in pages_of(app):
        if needed(route) is None:
            continue
        for method in methods(route):
            visitor.get("/login")
            path = scene.path(route, "own")
            if method == "GET":
                answer = visitor.get(path)
                assert answer.status_code == 302, path
                assert answer.headers["Location"].startswith("/login?next=")
            else:
                assert visitor.post(path, {"reason": "conditions"}).status_code == 401, path
                assert "เข้าสู่ระบบเจ้าหน้าที่" in visitor.text()
    assert scene.state() == before


@pytest.mark.parametrize("role", list(Role))
def test_each_route_opens_for_the_roles_of_its_rule_alone(
    app: Flask, as_officer: Enter, scene: Scene, role: Role
) -> None:
    for route in pages_of(app):
        needs = needed(route)
        if needs is None or route.endpoint == "account.log_out":
            continue
        for method in methods(route):
            officer = as_officer(OF_ROLE[role])
            officer.get("/account/sessions")
            before, path = scene.state(), scene.path(route, "own")
            answer = officer.get(path) if method == "GET" else officer.post(path)
            if needs in PERMISSIONS[role]:
                # The withdrawal is the proposer's own; what else is refused, is so by its content.
                own = route.endpoint == "withdrawals.withdraw" and role is not Role.ISSUER
                assert (answer.status_code == 403) == own, (path, answer.status_code)
            else:
                assert answer.status_code == 403, (path, answer.status_code)
                assert scene.state() == before, path
            if (method, route.endpoint) in {
                ("POST", "decisions.reject_now"),
                ("POST", "withdrawals.withdraw"),
            }:
                _wait_again(scene)


def _wait_again(scene: Scene) -> None:
    with scene.register.services.database.writing.begin() as session:
        proposal = session.get_one(Proposal, scene.proposals["own"])
        proposal.state, proposal.approver, proposal.decided_at = "waiting", None, None


def test_what_belongs_to_another_agency_does_not_exist(app: Flask, as_officer: Enter, scene: Scene) -> None:
    """Issuer and approver of one agency together have every right, and none of it reaches the other."""
    tried = 0
    for route in pages_of(app):
        if "<" not in route.rule or needed(route) is Permission.KEYS:
            continue  # A key officer answers for the keys of every agency.
        for method in methods(route):
            login = "prayoon" if needed(route) is Permission.APPROVE else "somying"
            officer = as_officer(login)
            officer.get("/account/sessions")
            before, path = scene.state(), scene.path(route, "other")
            if route.endpoint.startswith("issuing."):
                path = path.replace("/2", "/77")  # No type of this agency.
            answer = officer.get(path) if method == "GET" else officer.post(path, FORM)
            assert answer.status_code == 404, (method, path, answer.status_code)
            assert scene.state() == before
            assert "ชะอำ" not in officer.text()
            tried += 1
    assert tried >= 25


def test_a_list_shows_the_own_agency_alone(as_officer: Enter, scene: Scene) -> None:
    officer = as_officer("somying")
    for path in ("/", "/licenses/", "/licenses/?q=อู่ช่างพงษ์", "/approvals/", "/batches/"):
        officer.get(path)
        assert scene.codes["other"] not in str(officer.page)
        assert f"/batches/{scene.batches['other']}" not in str(officer.page)
        assert "ฉลอง" not in officer.text()


def test_opening_a_page_changes_nothing(app: Flask, as_officer: Enter, scene: Scene) -> None:
    before, events = scene.state(), scene.events()
    for login in ("prayoon", "adisak", "kanya"):
        officer = as_officer(login)
        for route in pages_of(app):
            if "GET" in methods(route):
                officer.get(scene.path(route, "own"))
    assert scene.state() == before
    assert scene.events() == events


def test_a_change_without_the_form_s_token_is_refused(app: Flask, as_officer: Enter, scene: Scene) -> None:
    before = scene.state()
    for route in pages_of(app):
        for method in methods(route):
            if method != "GET":
                path = scene.path(route, "own")
                officer = as_officer(entitled(route))
                for token in ("", "x" * 40):
                    assert officer.post(path, FORM, token=token).status_code == 400, path
                if needed(route) is not None:
                    assert scene.events()[-1] == "refused"
    assert scene.state() == before


def test_a_token_of_another_session_is_refused(as_officer: Enter, scene: Scene) -> None:
    mine, theirs = as_officer("prayoon"), as_officer("somying")
    theirs.get("/account/sessions")
    own = theirs.page.find("input", {"name": "csrf_token"})
    assert own is not None
    path = f"/approvals/{scene.proposals['own']}/reject"
    assert mine.post(path, token=str(own["value"])).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://office.example.go.th.evil.example"},
        {"Origin": "http://office.example.go.th"},
        {"Origin": "https://evil.example"},
    ],
)
def test_a_change_asked_for_by_another_site_is_refused(
    app: Flask, as_officer: Enter, scene: Scene, headers: dict[str, str]
) -> None:
    before = scene.state()
    for route in pages_of(app):
        for method in methods(route):
            if method != "GET":
                path, officer = scene.path(route, "own"), as_officer(entitled(route))
                officer.get("/account/sessions")
                own = officer.page.find("input", {"name": "csrf_token"})
                assert own is not None
                form = {"csrf_token": str(own["value"]), **FORM}
                answer = officer.client.post(path, data=form, headers=headers, base_url=ADDRESS)
                assert answer.status_code == 403, path
    assert scene.state() == before
