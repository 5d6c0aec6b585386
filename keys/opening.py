"""Signing and opening statements, cards, snapshots and receipts: verify first, then parse what was verified."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NewType, TypeVar

from keys import cose
from keys.card import LicenseCard, encode_card, parse_card
from keys.denied import DeniedSet, encode_denied_set, parse_denied_set
from keys.errors import KeyNotAllowed
from keys.keyring import KeyRing, RingKey, Role
from keys.receipt import Receipt, encode_receipt, parse_receipt
from keys.record import Statement, encode_statement, parse_statement
from keys.signing import Signer
from keys.snapshot import Snapshot, encode_snapshot, parse_snapshot

T = TypeVar("T")

SignedStatement = NewType("SignedStatement", bytes)
SignedCard = NewType("SignedCard", bytes)
SignedSnapshot = NewType("SignedSnapshot", bytes)
SignedDeniedSet = NewType("SignedDeniedSet", bytes)
SignedReceipt = NewType("SignedReceipt", bytes)


@dataclass(frozen=True, slots=True)
class Opened(Generic[T]):
    """What was signed, and the key that signed it; exists only behind a verified signature."""

    value: T
    key: RingKey


def sign_statement(statement: Statement, signer: Signer) -> SignedStatement:
    """The statement as an agency's COSE_Sign1."""
    return SignedStatement(cose.sign1(encode_statement(statement), signer))


def sign_card(card: LicenseCard, signer: Signer) -> SignedCard:
    """The card as an agency's COSE_Sign1."""
    return SignedCard(cose.sign1(encode_card(card), signer))


def sign_snapshot(snapshot: Snapshot, signer: Signer) -> SignedSnapshot:
    """The snapshot as the status key's COSE_Sign1."""
    return SignedSnapshot(cose.sign1(encode_snapshot(snapshot), signer))


def sign_denied_set(value: DeniedSet, signer: Signer) -> SignedDeniedSet:
    """The set of a denied key as the status key's COSE_Sign1."""
    return SignedDeniedSet(cose.sign1(encode_denied_set(value), signer))


def sign_receipt(receipt: Receipt, signer: Signer) -> SignedReceipt:
    """The receipt of a batch as the status key's COSE_Sign1."""
    return SignedReceipt(cose.sign1(encode_receipt(receipt), signer))


def _open(signed: bytes, ring: KeyRing, role: Role, parse: Callable[[bytes], T]) -> Opened[T]:
    parts = cose.parse_sign1(signed)
    key = ring.key(parts.kid)
    if key.role is not role:
        raise KeyNotAllowed(f"a key for {key.role.value} signed in place of one for {role.value}")
    parts.verify(key.public)
    return Opened(parse(parts.payload), key)


def _require_scope(opened: Opened[T], agency: int, license_type: int) -> Opened[T]:
    if opened.key.agency != agency or license_type not in opened.key.types:
        raise KeyNotAllowed(f"this key does not sign type {license_type} of agency {agency}")
    return opened


def open_statement(signed: bytes, ring: KeyRing) -> Opened[Statement]:
    """The statement that an agency key of the ring signed for its own agency and type.

    Raises `Malformed`, `UnknownKey`, `BadSignature` or `KeyNotAllowed`.
    """
    opened = _open(signed, ring, Role.AGENCY, parse_statement)
    return _require_scope(opened, opened.value.agency, opened.value.license_type)


def open_card(signed: bytes, ring: KeyRing) -> Opened[LicenseCard]:
    """The card that an agency key of the ring signed for its own agency and type.

    Raises as `open_statement` does.
    """
    opened = _open(signed, ring, Role.AGENCY, parse_card)
    return _require_scope(opened, opened.value.agency, opened.value.license_type)


def open_snapshot(signed: bytes, ring: KeyRing) -> Opened[Snapshot]:
    """The snapshot that a status key of the ring signed; raises as `open_statement` does.

    Whether its moment lies within that key's term is checked here too (`KeyNotAllowed`).
    """
    opened = _open(signed, ring, Role.STATUS, parse_snapshot)
    if not opened.key.valid_from <= opened.value.moment < opened.key.valid_until:
        raise KeyNotAllowed("the snapshot's moment lies outside its key's term")
    return opened


def open_denied_set(signed: bytes, ring: KeyRing) -> Opened[DeniedSet]:
    """The set of a denied key that a status key of the ring signed; raises as `open_statement` does."""
    return _open(signed, ring, Role.STATUS, parse_denied_set)


def open_receipt(signed: bytes, ring: KeyRing) -> Opened[Receipt]:
    """The receipt that a status key of the ring signed within its term; raises as `open_snapshot` does."""
    opened = _open(signed, ring, Role.STATUS, parse_receipt)
    if not opened.key.valid_from <= opened.value.moment < opened.key.valid_until:
        raise KeyNotAllowed("the receipt's moment lies outside its key's term")
    return opened
