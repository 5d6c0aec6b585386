"""The one error family of `verify`; nothing foreign escapes the package."""


class VerifyError(Exception):
    """Anything that the public side cannot do; catch this to catch all of them."""


class BadSetting(VerifyError):
    """A setting of the environment has a value that cannot be meant."""


class SourceAway(VerifyError):
    """A published file cannot be read now: no such folder, no network, too large, too slow."""


class Missing(SourceAway):
    """The source answers, but has no such file."""


class EvidenceMissing(VerifyError):
    """A part of the evidence is not there, or is not the one that the snapshot names."""


class LookupAway(VerifyError):
    """The look-up cannot be read or advanced; what it lacks is "cannot tell"."""


class Foreign(VerifyError):
    """A link that leads to another host than the official one."""
