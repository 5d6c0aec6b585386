"""Carrying the plan out: every act goes through the same functions as an officer's, at its own moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.dates import bangkok_date
from keys.signing import Signer
from keys.vault import Vault
from registry import acts, founding, proposals
from registry.applications import Application, validate
from registry.catalogs import current_catalog, put_reason, put_type
from registry.config import RegistryConfig
from registry.db import Database
from registry.demo.agencies import REASONS, DemoAgency
from registry.demo.license_types import license_types
from registry.demo.officers import DemoOfficer
from registry.demo.plan import REFERENCE, Deed, Planned
from registry.drafts import Authority, Office
from registry.faces import application_in_force
from registry.founding import KeyFolder
from registry.models import LicenseRow, Officer
from registry.permissions import Role
from registry.proposals import Wish
from registry.rings import DEMONSTRATION_LIFETIME, current_ring
from registry.signers import Signers


@dataclass
class DemoRegister:
    """A register being filled: its database, its unlocked keys, and the codes given out so far."""

    config: RegistryConfig
    database: Database
    vault: Vault
    roots: Sequence[Signer]
    codes: dict[str, str] = field(default_factory=dict)
    _office: Office | None = None
    _persons: dict[int, tuple[Officer, Officer]] = field(default_factory=dict)

    @classmethod
    def found(cls, config: RegistryConfig, database: Database, *, at: datetime) -> Self:
        """Found the register in empty tables, with roots beside it that are good for a demonstration only."""
        passphrase = config.passphrase or founding.make_passphrase(config.passphrase_file)
        folders = KeyFolder(config.key_folder)
        with database.writing.begin() as session:
            vault = founding.found(
                session, folders, passphrase, host=config.host, lifetime=DEMONSTRATION_LIFETIME, at=at
            )
            for kind in license_types().values():
                put_type(session, kind)
            for code, words in REASONS.items():
                put_reason(session, code, words)
            roots = founding.root_signers(folders, passphrase, current_ring(session))
        return cls(config, database, vault, roots)

    def admit(self, agencies: Sequence[DemoAgency], *, at: datetime) -> None:
        """Let agencies in: their keys of two years, their types, published from the day after."""
        joined = bangkok_date(at)
        with self.database.writing.begin() as session:
            founding.admit(
                session, [one.for_catalog(joined) for one in agencies], self.vault, self.roots, at=at
            )
        self._office = None

    def appoint(self, officers: Sequence[DemoOfficer], hashes: Mapping[str, bytes], *, at: datetime) -> None:
        """Add officers with the hashes of their passwords, by log-in."""
        with self.database.writing.begin() as session:
            for one in officers:
                session.add(
                    Officer(
                        login=one.login,
                        agency=one.agency,
                        name=one.name,
                        position=one.position,
                        role=one.role.value,
                        password_hash=hashes[one.login],
                        created_at=at,
                    )
                )

    def turn_year(self, *, at: datetime) -> None:
        """The yearly rotation of keys."""
        with self.database.writing.begin() as session:
            founding.turn_year(session, self.vault, self.roots, lifetime=DEMONSTRATION_LIFETIME, at=at)
        self._office = None

    def issue(self, block: Sequence[Planned], *, at: datetime) -> None:
        """Issue a block of one agency's licenses, two persons being named for it."""
        with self.database.writing.begin() as session:
            office = self._office_of(session)
            applications = [self._application(one, office, at) for one in block]
            issuer, approver = self._officers_of(session, block[0].agency)
            authority = Authority(issuer.id, approver.id, approver.name, approver.position)
            done = acts.issue(session, applications, office=office, authority=authority, at=at)
        self.codes |= {one.name: act.code for one, act in zip(block, done, strict=True)}

    def _application(self, one: Planned, office: Office, at: datetime) -> Application:
        kind, agency = office.catalog.types[one.license_type], office.catalog.agencies[one.agency]
        return validate(self._with_codes(one.texts), kind, agency, today=bangkok_date(at))

    def act(self, one: Planned, deed: Deed) -> None:
        """Enter a later act as its officer does, and approve it as a second one where the type says so."""
        with self.database.writing.begin() as session:
            office = self._office_of(session)
            row = session.get_one(LicenseRow, self.codes[one.name])
            issuer, approver = self._officers_of(session, one.agency)
            texts = self._with_codes(deed.texts)
            if deed.act.makes_record:
                texts = texts_of(application_in_force(session, row, office.signers.ring)) | texts
            wish = Wish(deed.act, one.license_type, texts, code=row.code, base_index=row.updated_index)
            proposal = proposals.propose(session, wish, issuer, office=office, at=deed.at)
            if proposal.state == proposals.WAITING and not deed.left_waiting:
                proposals.approve(session, proposal.id, proposal.digest, approver, office=office, at=deed.at)

    def enter_due(self, *, at: datetime) -> None:
        """Enter what a day brings, as the follower does at its first minute."""
        with self.database.writing.begin() as session:
            proposals.enter_due(session, office=self._office_of(session), at=at)

    def _office_of(self, session: Session) -> Office:
        if self._office is None:
            signers = Signers(current_ring(session), self.vault)
            self._office = Office(signers, self.config.host, current_catalog(session))
        return self._office

    def _officers_of(self, session: Session, agency: int) -> tuple[Officer, Officer]:
        """The agency's first issuer and first approver."""
        if agency not in self._persons:
            issuer, approver = (
                session.scalars(
                    select(Officer)
                    .where(Officer.agency == agency, Officer.role == role.value)
                    .order_by(Officer.id)
                ).first()
                for role in (Role.ISSUER, Role.APPROVER)
            )
            if issuer is None or approver is None:
                raise LookupError(f"agency {agency} has no two officers")
            self._persons[agency] = (issuer, approver)
        return self._persons[agency]

    def _with_codes(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {
            name: self.codes[text.removeprefix(REFERENCE)] if text.startswith(REFERENCE) else text
            for name, text in texts.items()
        }


def texts_of(application: Application) -> dict[str, str]:
    """The flat texts that `registry.applications.validate` makes this application of again."""
    plain = {
        "number": application.number,
        "valid_from": application.valid_from.isoformat(),
        "valid_until": application.valid_until.isoformat() if application.valid_until else "",
        "holder": application.holder or "",
        "holder_en": application.holder_en or "",
        "holder_id": application.holder_id or "",
        "premises": application.premises or "",
        "address": application.address or "",
        "place": str(application.place or ""),
        "conditions": "\n".join(application.conditions),
        "issued": application.issued.isoformat() if application.issued else "",
        "linked": "".join(application.linked),
        "earlier": application.earlier or "",
    }
    return plain | {f"field.{key}": str(value) for key, value in application.fields.items()}
