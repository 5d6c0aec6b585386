"""The one error family of `registry`; each error a person may see speaks Thai and English."""

from keys.catalog import Text


class RegistryError(Exception):
    """Anything that `registry` raises on purpose."""


class Refused(RegistryError):
    """An act or a value the register does not take; `words` says why and what to do instead.

    `code` is a stable word for programs, `field` the form field or column it is about, if any.
    """

    def __init__(self, code: str, words: Text, *, field: str | None = None) -> None:
        super().__init__(words.en)
        self.code = code
        self.words = words
        self.field = field


class NotPermitted(Refused):
    """The officer's role, or agency, does not allow this."""


class Changed(Refused):
    """What was approved is no longer what is there: somebody acted in between."""


class ConfigurationError(RegistryError):
    """A setting is missing or wrong; the message names the setting and what to write there."""


class BehindPublished(RegistryError):
    """The register is older than what it has already published, so it must not sign; `words` say so."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


class CannotRecover(RegistryError):
    """What a recovery needs is not there or does not fit; the message names the file."""


def refuse(code: str, th: str, en: str, *, field: str | None = None) -> Refused:
    """A `Refused` with its words, for the caller to raise."""
    return Refused(code, Text(th, en), field=field)
