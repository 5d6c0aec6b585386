"""`docs/configuration.md` has exactly the settings that the code reads, with their defaults."""

import re
from pathlib import Path

from registry import config as registry_config
from verify import config as verify_config

DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"


def test_every_setting_has_its_line_and_no_line_is_without_a_setting():
    found = {}
    for line in DOCUMENT.read_text("utf-8").splitlines():
        match = re.fullmatch(r"\| `(PERMITS_\w+)` \| (.*?) \| (.*?) \| (.*) \|", line)
        if match:
            name, readers, default, meaning = match.groups()
            found[name] = (readers, default.strip("`"), meaning)
    ours: tuple[registry_config.Setting | verify_config.Setting, ...] = registry_config.SETTINGS
    settings = {s.name: s for s in (*ours, *verify_config.SETTINGS)}
    assert set(found) == set(settings)
    for name, setting in settings.items():
        readers, default, meaning = found[name]
        assert default == (setting.default or "–")
        assert meaning == setting.meaning
        in_registry = name in {s.name for s in registry_config.SETTINGS}
        in_verify = name in {s.name for s in verify_config.SETTINGS}
        expected = ["office, follower"] * in_registry + ["public"] * in_verify
        assert readers == ", ".join(expected)


def test_a_setting_that_both_sides_read_means_the_same_to_both():
    theirs = {s.name: s for s in verify_config.SETTINGS}
    for setting in registry_config.SETTINGS:
        if setting.name in theirs:
            other = theirs[setting.name]
            assert (setting.default, setting.meaning) == (other.default, other.meaning), setting.name
