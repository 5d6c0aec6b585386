"""Who may do what: one table from role to permissions, asked at each request."""

from enum import StrEnum

from sqlalchemy.orm import Session

from keys.catalog import Agency, Text
from registry.errors import NotPermitted
from registry.models import Officer


class Role(StrEnum):
    """What an officer is, within one agency; but a key officer answers for the keys of the whole register.

    So only a command of those who run the register makes one, never an agency's administrator.
    """

    VIEWER = "viewer"
    ISSUER = "issuer"
    APPROVER = "approver"
    ADMIN = "admin"
    KEY_OFFICER = "key-officer"


class Permission(StrEnum):
    """Something an officer may do: with the own agency's licenses, officers and systems, or with keys."""

    VIEW = "view"
    PROPOSE = "propose"
    APPROVE = "approve"
    IMPORT = "import"
    SYSTEMS = "systems"
    OFFICERS = "officers"
    KEYS = "keys"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.ISSUER: frozenset({Permission.VIEW, Permission.PROPOSE, Permission.IMPORT}),
    Role.APPROVER: frozenset(
        {
            Permission.VIEW,
            Permission.PROPOSE,
            Permission.APPROVE,
            Permission.IMPORT,
            Permission.SYSTEMS,
        }
    ),
    Role.ADMIN: frozenset({Permission.VIEW, Permission.OFFICERS}),
    Role.KEY_OFFICER: frozenset({Permission.VIEW, Permission.KEYS}),
}

ROLE_WORDS: dict[Role, Text] = {
    Role.VIEWER: Text("ผู้ดู", "viewer"),
    Role.ISSUER: Text("ผู้ออก", "issuer"),
    Role.APPROVER: Text("ผู้อนุมัติ", "approver"),
    Role.ADMIN: Text("ผู้ดูแลระบบ", "administrator"),
    Role.KEY_OFFICER: Text("ผู้ดูแลกุญแจ", "key officer"),
}

NOT_YOUR_TYPE = Text("หน่วยงานของคุณไม่ได้ออกใบอนุญาตประเภทนี้", "Your agency does not issue this type")


def require(role: str, permission: Permission) -> None:
    """Return if officers of `role` have `permission`; raise `NotPermitted` otherwise."""
    if permission not in PERMISSIONS[Role(role)]:
        raise NotPermitted(
            "permission",
            Text("ตำแหน่งของคุณไม่มีสิทธิ์ทำรายการนี้", "Your role does not allow this"),
        )


def require_type(agency: Agency | None, license_type: int) -> None:
    """Return if the agency issues licenses of this type; raise `NotPermitted` otherwise."""
    if agency is None or license_type not in agency.types:
        raise NotPermitted("not-your-type", NOT_YOUR_TYPE)


def proposer_in_office(session: Session, officer_id: int | None) -> Officer:
    """Who proposed something; raises `NotPermitted` when removed since, as nothing is done in that name."""
    officer = None if officer_id is None else session.get(Officer, officer_id)
    if officer is None or officer.disabled_at is not None:
        raise NotPermitted(
            "proposer-gone", Text("ผู้เสนอไม่ได้เป็นเจ้าหน้าที่แล้ว", "The proposer is no longer an officer")
        )
    return officer
