"""The words of the register: kinds of act and statuses, as they stand in signed bytes."""

from enum import IntEnum


class ActKind(IntEnum):
    """What an entry of the log records; 1 to 9 sign a license record, 10 to 19 an order."""

    ISSUANCE = 1
    RENEWAL = 2
    AMENDMENT = 3
    TRANSFER = 4
    REPLACEMENT = 5
    SUSPENSION = 10
    REINSTATEMENT = 11
    REVOCATION = 12
    ENDING = 13
    RENEWAL_FILING = 14
    RENEWAL_REFUSAL = 15
    VOIDING = 16
    ERASURE = 20
    RECOVERY = 21
    KEY_PROPOSED = 30
    KEY_ACTIVATED = 31
    KEY_RETIRED = 32
    KEY_COMPROMISED = 33

    @property
    def makes_record(self) -> bool:
        """Whether the act signs a license record: a new version with a position of its own."""
        return self < ActKind.SUSPENSION

    @property
    def makes_order(self) -> bool:
        """Whether the act signs an order about the version in force."""
        return ActKind.SUSPENSION <= self < ActKind.ERASURE


class Status(IntEnum):
    """What a status list says of one version of a license (4 bits); dates are never in it."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2
    ENDED = 3
    SUPERSEDED = 11
    RENEWAL_PENDING = 12
    SUSPENDED_PENDING = 13
