"""How a cluster is named in the environment, and what is refused."""

from pathlib import Path

import pytest

from search.errors import BadSetting
from search.settings import ELASTIC_SETTINGS, ClusterSettings, cluster_from

DEFAULTS = {name: default for name, default, _ in ELASTIC_SETTINGS}


def cluster(credentials: str = "", **settings: str) -> ClusterSettings | None:
    given = {f"PERMITS_{name.upper()}": value for name, value in settings.items()}
    environment = {"CREDENTIALS_DIRECTORY": credentials} if credentials else {}
    return cluster_from({**DEFAULTS, **given}, environment)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "elastic-password"
    path.write_text("s3cret\n")
    path.chmod(0o600)
    return path


def test_without_a_node_there_is_no_cluster() -> None:
    assert cluster() is None
    assert cluster(elastic=" , ") is None


def test_nodes_account_and_patience_are_read(password: Path) -> None:
    found = cluster(
        elastic="https://a.example.go.th:9200, https://b.example.go.th:9200/",
        elastic_user="reader",
        elastic_password_file=str(password),
        elastic_prefix="licenses",
        elastic_timeout="1.5",
    )
    assert found == ClusterSettings(
        ("https://a.example.go.th:9200", "https://b.example.go.th:9200"),
        prefix="licenses",
        timeout=1.5,
        user="reader",
        password="s3cret",
    )
    assert found.alias("public") == "licenses-public"
    assert "s3cret" not in repr(found)


def test_the_password_is_the_credential_that_systemd_hands_over(password: Path) -> None:
    password.chmod(0o440)
    found = cluster(
        str(password.parent),
        elastic="http://localhost:9200",
        elastic_user="reader",
    )
    assert found is not None
    assert found.password == "s3cret"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("elastic", "http://search.example.go.th:9200"),
        ("elastic", "https://reader:s3cret@search.example.go.th"),
        ("elastic", "https://search.example.go.th/path"),
        ("elastic", "search.example.go.th:9200"),
        ("elastic", "https://search.example.go.th:port"),
        ("elastic", "https://search.example.go.th:99999"),
        ("elastic", "https://search example:9200"),
        ("elastic", "https://[::1"),
        ("elastic_ca", "/nowhere/at/all"),
        ("elastic_ca", __file__),
        ("elastic_prefix", "Permits"),
        ("elastic_prefix", "a*"),
        ("elastic_prefix", "-"),
        ("elastic_timeout", "soon"),
        ("elastic_timeout", "0"),
        ("elastic_timeout", "nan"),
        ("elastic_timeout", "61"),
        ("elastic_password_file", ""),
        ("elastic_password_file", "/nowhere/at/all"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(name: str, value: str, password: Path) -> None:
    right = {
        "elastic": "https://search.example.go.th:9200",
        "elastic_user": "reader",
        "elastic_password_file": str(password),
    }
    with pytest.raises(BadSetting, match=f"^PERMITS_{name.upper()}: "):
        cluster(**{**right, name: value})


def test_a_password_that_others_may_read_is_refused(password: Path) -> None:
    password.chmod(0o640)
    with pytest.raises(BadSetting, match="chmod 600"):
        cluster(
            elastic="https://search.example.go.th", elastic_user="reader", elastic_password_file=str(password)
        )
