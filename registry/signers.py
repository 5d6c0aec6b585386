"""The keys this process may sign with: the newest ring says which, the vault holds them."""

from dataclasses import dataclass, field

from keys.catalog import Text
from keys.keyring import KeyRing, KeyState, RingKey, Role
from keys.signing import Signer
from keys.snapshot import Denial
from keys.vault import Vault
from registry.errors import Refused, RegistryError


class NoSigningKey(RegistryError):
    """No key in force for this role: the ring must be renewed before anything can be signed."""


class NoAgencyKey(Refused):
    """No key in force for an agency's license type: until the roots vouch for one, nothing of it is signed."""


@dataclass(frozen=True)
class Signers:
    """The signers of one ring version; seeds are unsealed once and stay in this process.

    A key in `denied` signs nothing more, although the ring does not say so yet.
    """

    ring: KeyRing
    vault: Vault
    denied: tuple[Denial, ...] = ()
    _unsealed: dict[bytes, Signer] = field(default_factory=dict, repr=False)

    def for_agency(self, agency: int, license_type: int, moment: int) -> Signer:
        """The agency's signer for a type at `moment` (seconds); raises `NoAgencyKey` without one."""
        for key in self.ring.with_role(Role.AGENCY):
            if key.agency == agency and license_type in key.types and self._in_force(key, moment):
                return self._signer(key)
        raise NoAgencyKey(
            "no-signing-key",
            Text(
                "หน่วยงานนี้ยังไม่มีกุญแจลงนามสำหรับประเภทนี้ในปีนี้ โปรดติดต่อผู้ดูแลกุญแจ",
                "This agency has no signing key in force for this license type: ask the key officer",
            ),
        )

    def for_role(self, role: Role, moment: int) -> Signer:
        """The log's or the status signer at `moment`; raises `NoSigningKey` without one."""
        for key in self.ring.with_role(role):
            if self._in_force(key, moment) and self.vault.holds(key.public):
                return self._signer(key)
        raise NoSigningKey(f"no {role.value} key in force")

    def _signer(self, key: RingKey) -> Signer:
        kid = key.public.kid
        if kid not in self._unsealed:
            self._unsealed[kid] = self.vault.signer(key.public)
        return self._unsealed[kid]

    def _in_force(self, key: RingKey, moment: int) -> bool:
        denied = any(denial.thumbprint == key.public.thumbprint for denial in self.denied)
        return not denied and key.state is KeyState.ACTIVE and key.valid_from <= moment < key.valid_until
