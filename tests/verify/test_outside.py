"""Programs that others wrote check what is served: tessera's `fsck` the log, `joserfc` the status lists."""

import base64
import json
import subprocess
import zlib
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import KeySet, OKPKey

from keys.acts import ActKind, Status
from keys.checkpoint import verifier_key
from tests.verify.founding import signer
from tests.verify.site import make_site, served


@pytest.mark.outside
@pytest.mark.parametrize("size", [1, 300])
def test_tessera_s_fsck_passes_over_http(fsck: Path, tmp_path: Path, size: int) -> None:
    with served(tmp_path) as (site, address):
        for n in range(size - 1):
            site.register.key_act(ActKind.KEY_ACTIVATED, n.to_bytes(32, "big"))
        site.register.issue()
        site.register.publish()
        key = tmp_path / "vkey"
        key.write_text(verifier_key(site.register.ring.origin, signer("log 2026").public), "ascii")
        # Without a terminal, its display would end it at once, and with success.
        command = [str(fsck), f"--storage_url={address}/log/", f"--public_key={key}", "--ui=false"]
        assert _succeeds(command)
        tile = next(site.register.public.glob("log/tile/entries/**/*.p/*"))
        content = tile.read_bytes()
        tile.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert not _succeeds(command)


def _succeeds(command: list[str]) -> bool:
    # Its exit code is 0 whatever it finds; only its last words tell.
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return "Successfully fsck'd log" in done.stderr


def test_joserfc_verifies_a_status_list_with_the_served_keys(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    issued = site.register.issue()
    site.register.order(ActKind.REVOCATION, issued, Status.INVALID)
    site.publish()
    served_keys = site.client.get("/jwks.json").json
    assert served_keys is not None
    keys = KeySet(
        [
            OKPKey.import_key({k: v for k, v in key.items() if k in ("kty", "crv", "x", "kid")})
            for key in served_keys["keys"]
        ]
    )
    token = site.client.get("/status/1/2026/1/current.jwt").text
    found = jws.deserialize_compact(token, keys, algorithms=["Ed25519"])
    packed = json.loads(found.payload)["status_list"]["lst"]
    nibbles = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    position = issued.record.status.position
    assert nibbles[position >> 1] >> (4 * (position & 1)) & 15 == Status.INVALID
