"""A register whose roots are off line, led through its life by the commands that people type."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from keys.catalog import write_type
from keys.keyring import KeyRing
from keys.proposal import Proposal, parse_proposal
from registry.config import RegistryConfig
from registry.services import Services
from tests.registry.two_agencies import HAZARD_TYPE
from tests.verify.judging import evidence_at
from verify.published import Evidence
from wsgi import permits

HOST = "permit.example.go.th"
PASSPHRASES = tuple(f"ผู้ถือกุญแจราก-{n}-{'wxyzabc'[n] * 8}" for n in range(7))


@dataclass(frozen=True)
class Ceremony:
    """The folder of a register, and beside it the folders of people who hold its roots."""

    folder: Path

    @property
    def register(self) -> Path:
        return self.folder / "register"

    @property
    def public(self) -> Path:
        return self.register / "published" / "public"

    def run(self, *words: object, answers: str | None = None) -> Result:
        """Run `permits` with these words in the register's environment."""
        environment = {"PERMITS_DATA": str(self.register), "PERMITS_HOST": HOST}
        return CliRunner().invoke(permits, list(map(str, words)), input=answers, env=environment)

    def said(self, *words: object, answers: str | None = None) -> str:
        """What a command that must succeed prints."""
        result = self.run(*words, answers=answers)
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result.output

    def refused(self, *words: object, answers: str | None = None) -> str:
        """What a command that must fail prints: words, never a traceback."""
        result = self.run(*words, answers=answers)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        return result.output

    # --- roots ------------------------------------------------------------------------------------

    def passphrase_file(self, number: int) -> Path:
        path = self.folder / f"passphrase-{number}"
        path.write_text(PASSPHRASES[number] + "\n")
        return path

    def make_roots(self, folder: str, *numbers: int) -> None:
        files = [word for n in numbers for word in ("--passphrase-file", self.passphrase_file(n))]
        self.said("root", "init", self.folder / folder, "--count", len(numbers), *files)
        # The command names keys in their order; which file is whose, their holders remember.
        order = self.folder / f"{folder}.json"
        made = sorted((self.folder / folder).glob("*.key"), key=lambda path: path.stat().st_mtime_ns)
        order.write_text(
            json.dumps({str(n): str(p.relative_to(self.folder)) for n, p in zip(numbers, made, strict=True)})
        )

    def root(self, number: int) -> Path:
        for order in self.folder.glob("*.json"):
            named = json.loads(order.read_text())
            if str(number) in named:
                return self.folder / named[str(number)]
        raise KeyError(number)

    def halves(self, *numbers: int) -> list[object]:
        return [word for n in numbers for word in ("--roots", self.root(n).with_suffix(".jwk"))]

    def sign(self, proposal: Path, *numbers: int) -> None:
        for number in numbers:
            self.said(
                *("ring", "sign", proposal, "--yes", "--root", self.root(number)),
                *("--passphrase-file", self.passphrase_file(number)),
            )

    def propose(self, name: str = "next.proposal", *more: object) -> Path:
        path = self.folder / name
        path.unlink(missing_ok=True)
        self.said("ring", "propose", "--out", path, *more)
        return path

    def renew(self, *numbers: int) -> None:
        """Propose the next ring, have it signed by these roots, publish it."""
        proposal = self.propose()
        self.sign(proposal, *(numbers or (0, 2)))
        self.said("ring", "publish", proposal)

    # --- what readers see -------------------------------------------------------------------------

    def evidence(self) -> Evidence:
        return evidence_at(self.public)

    def services(self) -> Services:
        environment = {"PERMITS_DATA": str(self.register), "PERMITS_HOST": HOST}
        return Services.open(RegistryConfig.from_environment(environment))

    def ring(self) -> KeyRing:
        return self.evidence().ring

    def kid(self, word: str) -> str:
        """The identifier of the first key whose line in `key list` holds this word."""
        for line in self.said("key", "list").splitlines():
            if word in line and not line.startswith("!"):
                return line.split("\t")[0]
        raise KeyError(word)


def found(folder: Path) -> Ceremony:
    """Roots made, register founded, first ring signed by two of three; nothing else yet."""
    ceremony = Ceremony(folder)
    ceremony.make_roots("roots", 0, 1, 2)
    first = folder / "first.proposal"
    ceremony.said("init", *ceremony.halves(0, 1, 2), "--proposal", first)
    ceremony.sign(first, 0, 2)
    ceremony.said("ring", "publish", first)
    return ceremony


def admit(ceremony: Ceremony) -> None:
    """An agency with a type, an officer and keys that the roots have signed."""
    kind = ceremony.folder / "type.json"
    kind.write_text(json.dumps(write_type(HAZARD_TYPE)))
    ceremony.said("type", "load", kind)
    kind.unlink()
    ceremony.said(
        *("agency", "add", "huahin", "--name", "หัวหิน", "--name-en", "Hua Hin", "--phone", "032"),
        *("--type", "health-hazard"),
    )
    ceremony.said(
        *("officer", "add", "somsri", "--agency", "huahin", "--name", "สมศรี ใจดี"),
        *("--position", "นายทะเบียน", "--role", "approver"),
    )
    ceremony.renew(0, 1)


def issue(ceremony: Ceremony, number: int) -> str:
    """A license issued by the command; gives its 14 digits."""
    items = {
        "number": f"12/{number}/2569",
        "holder": "บริษัท ก้าวหน้าการช่าง จำกัด",
        "premises": f"อู่ช่างพงษ์ สาขา {number}",
        "place": "770701",
        "valid_from": "2026-01-01",
        "valid_until": "2099-12-31",
        "field.activity": "พ่นสี",
    }
    said = ceremony.said(
        *("issue", "--officer", "somsri", "--type", "health-hazard", "--backdating", "ข้อมูลเดิม"),
        *(word for name, value in items.items() for word in ("--set", f"{name}={value}")),
    )
    return said.strip().replace("-", "")


def copy_of(made: Ceremony, folder: Path) -> Ceremony:
    shutil.copytree(made.folder, folder, dirs_exist_ok=True)
    return Ceremony(folder)


def proposal_in(path: Path) -> Proposal:
    return parse_proposal(path.read_bytes())
