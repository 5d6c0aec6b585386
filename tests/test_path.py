"""One license's whole way, for real: a file, the commands, three served processes, and a stranger's phone."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path

import psutil
import pytest
from bs4 import BeautifulSoup

from keys.base10 import to_digits
from keys.dates import BUDDHIST_OFFSET, bangkok_date
from registry.db import open_database
from registry.models import EntryRow, LicenseRow
from tests.ports import free_ports

ROOT = Path(__file__).parents[1]
LICENSES = 300


@dataclass
class Service:
    """`permits serve` over a demonstration of its own."""

    data: Path
    port: int
    running: "subprocess.Popen[bytes]"
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    )

    def public(self, path: str, **headers: str) -> tuple[int, str]:
        return ask(f"http://localhost:{self.port}{path}", **headers)

    def verdict(self, path: str) -> dict:
        return json.loads(self.public(path, Accept="application/json")[1])

    def office(self, path: str) -> str:
        """A page of the officers."""
        return self.opener.open(f"http://localhost:{self.port + 1}{path}").read().decode()

    def submit(self, page: str, address: str, **typed: str) -> str:
        """The answer to the page's form that leads to `address`, with what a person typed into it."""
        forms = BeautifulSoup(page, "html.parser").find_all("form")
        form = next(one for one in forms if one["action"] == address)
        content = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[name]")}
        url = f"http://localhost:{self.port + 1}{address}"
        headers = {"Origin": f"http://localhost:{self.port + 1}"}
        body = urllib.parse.urlencode({**content, **typed}).encode()
        with self.opener.open(urllib.request.Request(url, body, headers)) as answer:
            return answer.read().decode()

    @property
    def showcase(self) -> dict:
        return json.loads((self.data / "demo.json").read_text("utf-8"))

    def link(self, key: str) -> str:
        return next(link["path"] for link in self.showcase["links"] if link["key"] == key)

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.running.pid).children(recursive=True)


def ask(url: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "wsgi", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def start(data: Path, *options: str) -> Service:
    port = free_ports(2)
    command = [sys.executable, "-m", "wsgi", "serve", "--data", str(data), "--port", str(port), *options]
    with (data / "serve.log").open("ab") as log:
        service = Service(data, port, subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log))
    wait(lambda: b"Ctrl-C" in (data / "serve.log").read_bytes(), service)
    return service


def wait(condition, service: Service, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert service.running.poll() is None, (service.data / "serve.log").read_text()
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def stop(service: Service) -> int:
    service.running.send_signal(signal.SIGTERM)
    return service.running.wait(30)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("demonstration")
    made = run("demo", "--data", str(data), "--licenses", str(LICENSES))
    assert made.returncode == 0, made.stderr
    return data


@pytest.fixture(scope="module")
def service(demonstration: Path) -> Iterator[Service]:
    served = start(demonstration)
    yield served
    stop(served)


def test_every_link_of_the_demonstration_gives_the_verdict_it_is_for(service: Service):
    wait(lambda: service.verdict(service.link("ten-acts")).get("verdict") == "VALID", service)
    for link in service.showcase["links"]:
        status, _ = service.public(link["path"])
        answer = service.verdict(link["path"])
        if link["verdict"]:
            assert answer["verdict"] == link["verdict"], link["key"]
            assert status == (404 if link["verdict"] == "NOT_FOUND" else 200)
        else:
            assert status == answer["status"] == 400


def test_a_file_becomes_licenses_that_are_found_and_verified(service: Service, tmp_path: Path):
    path = tmp_path / "month.csv"
    year = bangkok_date(datetime.now(UTC)).year + BUDDHIST_OFFSET  # The license is valid for this year.
    path.write_text(
        "number,holder,premises,address,place,valid_from,field.activity\n"
        f"12/90001/2569,นางสาวมะลิ ทดสอบดี,ร้านทดสอบเส้นทางเดียว,1/2,770701,1/1/{year},ขายอาหาร\n"
        "12/90002/2569,นายวัน เดียว,ร้านทดสอบอีกร้าน,1/3,770701,29/2/2568,ขายอาหาร\n",
        "utf-8",
    )
    command = ("import", str(path), "--data", str(service.data), "--agency", "huahin")
    report = run(*command, "--type", "health-hazard", "--json")
    assert report.returncode == 1, report.stderr  # One row has a fault, and the good one went in.
    told = json.loads(report.stdout)
    assert (told["kinds"]["new"], told["kinds"]["fault"], told["problems"][0]["row"]) == (1, 1, 3)
    words = urllib.parse.quote("ทดสอบเส้นทางเดียว")
    wait(lambda: service.verdict(f"/?q={words}").get("total") == 1, service)
    (found,) = service.verdict(f"/?q={words}")["results"]
    assert (found["number"], found["verdict"]) == ("12/90001/2569", "VALID")
    answer = service.verdict(f"/c/{found['code']}")
    assert (answer["verdict"], answer["may_operate_today"]) == ("VALID", "yes")
    with open_database(f"sqlite:///{service.data / 'register.sqlite'}").reading() as session:
        row = session.get_one(LicenseRow, found["code"])
        card = session.get_one(EntryRow, row.record_index).card or b""
    status, page = service.public(f"/v/{to_digits(card)}")
    assert status == 200
    assert "ร้านทดสอบเส้นทางเดียว" in page
    again = run(*command, "--type", "health-hazard", "--json")
    assert json.loads(again.stdout)["kinds"]["unchanged"] == 1


def test_the_first_look_of_the_readme_runs_as_it_stands(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PERMITS_DATA", str(service.data))
    block = (ROOT / "README.md").read_text("utf-8").partition("A first look")[2].partition("Licensed")[0]
    code = service.link("ten-acts").rpartition("/")[2]
    block = block.replace("\\\n", "").replace("data/", f"{service.data}/").replace(" CODE ", f" {code} ")
    answers = [run(*line.split()[1:]) for line in block.splitlines() if line.startswith("    permits ")]
    assert [answer.returncode for answer in answers] == [0, 1, 0, 0]
    _, dry_run, audit, verdict = (answer.stdout for answer in answers)
    assert "4 new" in dry_run
    assert "nothing wrong" in audit
    assert verdict.startswith("VALID")


def test_a_command_without_a_register_says_so_in_a_line(tmp_path: Path):
    for command in (("publish",), ("agency", "list"), ("serve",)):
        answer = run(*command, "--data", str(tmp_path / "nothing"))
        assert answer.returncode == 1
        assert "permits init" in answer.stderr or "passphrase" in answer.stderr
        assert "Traceback" not in answer.stderr


def log_in(service: Service, login: str) -> str:
    password = next(one["password"] for one in service.showcase["logins"] if one["login"] == login)
    service.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    return service.submit(service.office("/login"), "/login", login=login, password=password)


def test_what_an_officer_does_is_public_when_the_officer_sees_it_done(service: Service):
    assert "เทศบาลเมืองหัวหิน" in log_in(service, "huahin.issuer")
    code = service.link("ten-acts").removeprefix("/c/")
    assert service.verdict(f"/c/{code}")["verdict"] == "VALID"
    form = service.office(f"/licenses/{code}/acts/suspension")
    until = (bangkok_date(datetime.now(UTC)) + timedelta(days=10)).strftime("%d/%m/%Y")
    choices = BeautifulSoup(form, "html.parser").select("[name=reason] option")
    reason = next(str(one["value"]) for one in choices if one["value"])
    act = f"/licenses/{code}/acts/suspension"
    preview = service.submit(form, f"{act}/preview", legal_basis="มาตรา 59", reason=reason, until=until)
    assert service.verdict(f"/c/{code}")["verdict"] == "VALID"  # A preview signs nothing.
    service.submit(preview, act)
    wait(lambda: service.verdict(f"/c/{code}")["verdict"] == "SUSPENDED", service, seconds=10)


def test_no_log_line_quotes_what_was_asked_for(service: Service):
    ask(f"http://localhost:{service.port}/?q=planted-words")
    ask(f"http://localhost:{service.port}/c/12345678901234")
    with socket.create_connection(("127.0.0.1", service.port)) as raw:
        raw.sendall("GET /v/planted-card?q=ก HTTP/1.1\r\n\r\n".encode())
        assert raw.recv(64).startswith(b"HTTP/1.1 400")
    log = (service.data / "serve.log").read_text("utf-8").partition("Ctrl-C")[2]
    assert not {"planted-words", "planted-card", "12345678901234"} & set(re.findall(r"[\w-]+", log))


@pytest.mark.outside
def test_an_outside_program_verifies_the_log_over_http(service: Service, fsck: Path, tmp_path: Path):
    vkey = tmp_path / "log.vkey"
    printed = run("vkey", str(service.data / "published" / "public"))
    assert printed.returncode == 0, printed.stderr
    vkey.write_text(printed.stdout)
    checked = subprocess.run(
        [
            fsck,
            f"--storage_url=http://localhost:{service.port}/log/",
            f"--public_key={vkey}",
            "--ui=false",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    # It ends with 0 whatever it finds; only these words say that every hash was right.
    assert "Successfully fsck'd log" in checked.stderr, checked.stderr


def test_our_own_audit_finds_nothing(service: Service):
    published = service.data / "published"
    # Publishing goes on while it reads, so it reads a copy, as an auditor does.
    copy = published.parent / "copy"
    subprocess.run(["cp", "-r", str(published), str(copy)], check=True)
    audited = run("audit", str(copy / "public"), "--records", str(copy / "records"))
    assert audited.returncode == 0, audited.stdout + audited.stderr


def test_no_answer_names_the_server_and_none_sets_a_cookie(service: Service):
    with urllib.request.urlopen(f"http://localhost:{service.port}/") as answer:
        assert "Server" not in answer.headers
        assert "Set-Cookie" not in answer.headers


def test_the_public_process_holds_no_database_and_no_key(service: Service):
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, wsgi; wsgi.verify_app; print(*sys.modules)",
        ],
        cwd=ROOT,
        env={**os.environ, "PERMITS_DATA": str(service.data)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "verify.web" in loaded
    assert not {m for m in loaded if m.split(".")[0] in {"sqlalchemy", "registry", "alembic", "psycopg"}}
    assert "keys.vault" not in loaded


def test_verdicts_hold_with_database_search_and_office_gone(demonstration: Path, tmp_path: Path):
    data = tmp_path / "alone"
    for part in ("published", "demo.json"):
        source = demonstration / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        data.mkdir(exist_ok=True)
        copy(source, data / part)
    # The evidence in the copy is as old as the last snapshot of the service that made it.
    links = {
        link["key"]: link["path"] for link in json.loads((data / "demo.json").read_text("utf-8"))["links"]
    }
    # The look-up of codes is new too: a request waits for it 200 ms, and cannot tell until it has caught up.
    script = (
        "import sys, wsgi; client = wsgi.verify_app.test_client();"
        "ask = lambda p: client.get(p, headers={'Accept': 'application/json', 'Host': 'localhost:8000'}).json['verdict'];"
        "card, code = sys.argv[1:]; print(ask(card));"
        "print(next((v for v in (ask(code) for _ in range(150)) if v != 'CANNOT_TELL'), 'never'))"
    )
    answers = subprocess.run(
        [sys.executable, "-c", script, links["valid"], links["image-only"]],
        cwd=ROOT,
        env={**os.environ, "PERMITS_DATA": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answers.stdout.split() == ["VALID", "VALID"]


def test_when_one_process_dies_all_stop_and_the_next_start_repairs(tmp_path: Path, demonstration: Path):
    data = tmp_path / "again"
    shutil.copytree(demonstration, data)
    (data / "serve.log").unlink(missing_ok=True)
    served = start(data)
    follower = next(p for p in served.processes() if "follow" in p.cmdline())
    follower.kill()
    assert served.running.wait(30) == 1
    with pytest.raises(urllib.error.URLError):
        ask(f"http://localhost:{served.port}/")
    (data / "serve.log").unlink()
    again = start(data)
    assert again.public("/")[0] == 200
    assert stop(again) == 0


def test_a_phone_in_the_network_opens_what_the_terminal_shows(tmp_path: Path, demonstration: Path):
    data = tmp_path / "lan"
    shutil.copytree(demonstration, data)
    (data / "serve.log").unlink(missing_ok=True)
    served = start(data, "--lan")
    printed = (data / "serve.log").read_text("utf-8")
    (opened,) = {line.split()[-1] for line in printed.splitlines() if "public pages:" in line}
    assert ask(f"http://localhost:{served.port}/")[0] == 200
    assert str(served.port) in opened
    assert "\u2588" in printed or "\u2580" in printed  # The QR, in blocks.
    assert stop(served) == 0


def test_a_service_that_is_stopped_says_nothing_more(tmp_path: Path, demonstration: Path):
    data = tmp_path / "quiet"
    shutil.copytree(demonstration, data)
    (data / "serve.log").unlink(missing_ok=True)
    assert stop(start(data)) == 0
    assert (data / "serve.log").read_text("utf-8").endswith("stop with Ctrl-C\n")


def test_a_taken_port_is_said_in_both_languages(tmp_path: Path, demonstration: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = run("serve", "--data", str(demonstration), "--port", port)
    assert refused.returncode == 1
    assert port in refused.stderr
    assert "พอร์ต" in refused.stderr
