"""Where a unit's system finds the platform and who it is there."""

from pathlib import Path

import pytest

from cli.access import AccessUnknown, find_access
from cli.tokens import ClientCredentials
from cli.words import Lang, chosen

ENVIRONMENT = {
    "XUEWEI_CLIENT_ID": "system-10284",
    "XUEWEI_CLIENT_SECRET": "from-environment",
    "XUEWEI_OIDC_ISSUER": "https://issuer.example",
    "XUEWEI_COLLECTOR_URL": "https://collector.example",
}
CONFIG = """
[client]
id = "system-10001"
secret_path = "secret.txt"
issuer = "https://issuer.example"
[services]
collector = "https://collector.example"
"""


def test_the_environment_is_enough() -> None:
    access = find_access(None, environment=ENVIRONMENT)
    assert access.collector_url == "https://collector.example"
    assert access.tokens == ClientCredentials("https://issuer.example", "system-10284", "from-environment")


def test_a_file_may_say_it_with_the_secret_apart_and_the_environment_goes_first(tmp_path: Path) -> None:
    config = tmp_path / "xuewei.toml"
    config.write_text(CONFIG)
    (tmp_path / "secret.txt").write_text("from-file\n")
    assert find_access(config, environment={}).tokens == ClientCredentials(
        "https://issuer.example", "system-10001", "from-file"
    )
    changed = find_access(config, environment={"XUEWEI_CLIENT_ID": "other"}).tokens
    assert isinstance(changed, ClientCredentials)
    assert (changed.client_id, changed.secret) == ("other", "from-file")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(AccessUnknown, match="XUEWEI_CLIENT_SECRET"):
        find_access(None, environment={k: v for k, v in ENVIRONMENT.items() if "SECRET" not in k})
    with pytest.raises(AccessUnknown, match="no stack is running"):
        find_access(None, tmp_path / "nowhere", "10284", {})


def test_an_address_without_a_scheme_is_told() -> None:
    with pytest.raises(AccessUnknown, match=r"collector\.example is no address"):
        find_access(None, environment=ENVIRONMENT | {"XUEWEI_COLLECTOR_URL": "collector.example"})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    config = tmp_path / "xuewei.toml"
    with pytest.raises(AccessUnknown, match=r"xuewei\.toml"):
        find_access(config, environment={})
    config.write_text("[client")
    with pytest.raises(AccessUnknown, match="no configuration"):
        find_access(config, environment={})
    config.write_text(CONFIG)
    with pytest.raises(AccessUnknown, match=r"secret\.txt"):
        find_access(config, environment={})


def test_the_language_is_the_one_asked_for_else_the_locales() -> None:
    assert chosen(Lang.ZH, {"LANG": "en_US.UTF-8"}) is Lang.ZH
    assert chosen(None, {"LANG": "zh_CN.UTF-8"}) is Lang.ZH
    assert chosen(None, {"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}) is Lang.EN
    assert chosen(None, {}) is Lang.EN
