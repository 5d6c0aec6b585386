"""What we publish, checked by programs that we did not write, from published files alone."""

import base64
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cbor2
import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from keys.acts import ActKind
from keys.checkpoint import verifier_key
from keys.signing import SeedSigner
from registry.services import Services
from tests.registry.founded import Clock, founded, issue, order

# SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 §4).
SPKI = bytes.fromhex("302a300506032b6570032100")


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Published three times, so that full and partial tiles of two levels lie side by side."""
    services = founded(tmp_path_factory.mktemp("outside"))
    assert isinstance(services.clock, Clock)
    for numbers in (range(1, 5), range(10, 310), range(400, 640)):
        done = issue(services, *numbers)
        order(services, done[0].code, ActKind.REVOCATION, reason="conditions")
        services.clock.advance(minutes=1)
        services.publish()
    return services


@contextmanager
def running(services: Services, folder: Path) -> Iterator[str]:
    """The address of the public pages, served as `permits serve` serves them."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {
        "PATH": "/usr/bin:/bin",
        "PERMITS_DATA": str(folder),
        "PERMITS_HOST": host,
        "PERMITS_PUBLISHED": str(services.config.published),
        "PERMITS_RECORDS": str(services.config.records),
    }
    command = [sys.executable, "-m", "gunicorn", "wsgi:verify_app", "--bind", host, "--threads", "4"]
    with subprocess.Popen(
        [*command, "--log-level", "warning", "--no-control-socket"], env=environment
    ) as server:
        try:
            deadline = time.monotonic() + 60
            while not answers(f"http://{host}/readyz"):
                assert server.poll() is None
                assert time.monotonic() < deadline
            yield f"http://{host}"
        finally:
            server.terminate()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def said_by(fsck: Path, address: str, key: Path) -> str:
    """What fsck says; its exit code is 0 whatever it finds, and with one worker it stops at a fault for ever."""
    command = [str(fsck), f"--storage_url={address}/log/", f"--public_key={key}", "--ui=false", "-N", "4"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return answer.stderr


def test_tesseras_fsck_verifies_the_log_over_http_and_sees_what_is_wrong(
    register: Services, fsck: Path, tmp_path: Path
) -> None:
    public, key = register.config.published, tmp_path / "log.vkey"
    command = [sys.executable, "-m", "wsgi", "vkey", str(public)]
    vkey = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    key.write_text(vkey)
    _, size, root = (public / "log/checkpoint").read_text().split("\n")[:3]
    success = f"Successfully fsck'd log with size {size} and root {root} "
    with running(register, tmp_path) as address:
        assert success in said_by(fsck, address, key)
        for path in ("log/tile/0/001", "log/tile/entries/001", "log/checkpoint"):
            content = (public / path).read_bytes()
            (public / path).write_bytes(content[:-2] + bytes([content[-2] ^ 1, content[-1]]))
            said = said_by(fsck, address, key)
            assert "fsck failed" in said
            assert "Successfully" not in said
            (public / path).write_bytes(content)
        key.write_text(verifier_key(register.ring().origin, SeedSigner(b"o" * 32).public))
        assert "Successfully" not in said_by(fsck, address, key)
        key.write_text(vkey)
        assert success in said_by(fsck, address, key)


def test_openssl_verifies_the_signature_of_the_snapshot(register: Services, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    public = register.config.published
    protected, _, payload, signature = cbor2.loads((public / "snapshot").read_bytes())
    kid = cbor2.loads(protected)[4].hex()
    (jwk,) = [k for k in json.loads((public / "jwks.json").read_text())["keys"] if k["kid"] == kid]
    (tmp_path / "key.der").write_bytes(SPKI + base64.urlsafe_b64decode(jwk["x"] + "="))
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    (tmp_path / "sig").write_bytes(signature)
    for content, right in ((signed, True), (signed[:-1] + bytes([signed[-1] ^ 1]), False)):
        (tmp_path / "signed").write_bytes(content)
        command: list[str | Path] = [
            *("openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"),
            *("-inkey", tmp_path / "key.der", "-in", tmp_path / "signed", "-sigfile", tmp_path / "sig"),
        ]
        answer = subprocess.run(command, capture_output=True, check=False)
        assert (answer.returncode == 0) is right, answer.stderr


def test_joserfc_opens_every_status_list_with_the_key_set(register: Services) -> None:
    public = register.config.published
    keys = {key["kid"]: key for key in json.loads((public / "jwks.json").read_text())["keys"]}
    tokens = sorted(public.glob("status/*/*/*/current.jwt"))
    assert tokens
    for path in tokens:
        token = path.read_bytes().strip()
        kid = json.loads(base64.urlsafe_b64decode(token.split(b".")[0] + b"=="))["kid"]
        key = OKPKey.import_key({name: keys[kid][name] for name in ("kty", "crv", "x")})
        opened = jws.deserialize_compact(token, key, algorithms=["Ed25519"])
        assert opened.headers()["typ"] == "statuslist+jwt"
        claims = json.loads(opened.payload)
        lst = claims["status_list"]["lst"]
        statuses = zlib.decompress(base64.urlsafe_b64decode(lst + "=" * (-len(lst) % 4)))
        assert (claims["status_list"]["bits"], len(statuses)) == (4, 32768)
        assert sum(byte & 15 == 1 for byte in statuses) + sum(byte >> 4 == 1 for byte in statuses) == 3
        middle = len(token) // 2
        changed = (
            token[:middle] + (b"A" if token[middle : middle + 1] != b"A" else b"B") + token[middle + 1 :]
        )
        with pytest.raises((JoseError, ValueError)):
            jws.deserialize_compact(changed, key, algorithms=["Ed25519"])
