"""Settings: file, then environment; what is wrong is said."""

from pathlib import Path

import pytest

from api.settings import SettingsError, load_settings
from graph.errors import BadSettings


def written(root: Path, text: str) -> Path:
    root.mkdir(exist_ok=True)
    (root / "jinghuan.toml").write_text(text, encoding="utf-8")
    return root


def test_defaults_without_a_file(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "nowhere")
    assert (settings.host, settings.role, settings.default_model_state) == (
        "127.0.0.1",
        "analyst",
        "LIVE",
    )
    assert settings.graph.is_embedded
    assert not (tmp_path / "nowhere").exists()


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = written(
        tmp_path / "w", 'port = 8100\nrole = "leader"\n[models.HW-11]\nstate = "TRIAL"\n'
    )
    monkeypatch.setenv("JINGHUAN_PORT", "8200")
    settings = load_settings(root)
    assert (settings.port, settings.role) == (8200, "leader")
    assert settings.models["HW-11"].state == "TRIAL"


def test_the_workspace_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGHUAN_WORKSPACE", str(tmp_path / "other"))
    assert load_settings().paths.root == tmp_path / "other"
    assert load_settings(tmp_path / "asked").paths.root == tmp_path / "asked"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("port = ", "TOML"),
        ("prot = 8000", "prot"),
        ("port = 99999", "port"),
        ('default_model_state = "SOMETIMES"', "default_model_state"),
        ("[models.HW-11]\nstate = 3", "HW-11"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    root = written(tmp_path / "w", text)
    with pytest.raises(SettingsError, match=named) as raised:
        load_settings(root)
    assert "jinghuan.toml" in str(raised.value)


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JINGHUAN_GRAPH_PASSWORD", "swordfish")
    settings = load_settings(tmp_path)
    assert "swordfish" not in repr(settings) + repr(settings.graph)
    assert settings.graph.password == "swordfish"


def test_an_address_that_is_not_bolt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JINGHUAN_GRAPH_URI", "http://localhost:7474")
    settings = load_settings(tmp_path)
    with pytest.raises(BadSettings, match="bolt://"):
        _ = settings.graph
