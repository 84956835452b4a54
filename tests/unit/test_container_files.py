"""The container files: the compose schema, and what we ask of ours beyond it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
SECRET = re.compile(r"\$\{JINGHUAN_GRAPH_PASSWORD:\?[^}]+\}")


def compose() -> dict[str, Any]:
    text = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def dockerfile() -> list[str]:
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    return [line for line in re.sub(r"\\\n", " ", text).splitlines() if line and line[0] != "#"]


def faults(document: dict[str, Any]) -> list[str]:
    """What is wrong with what we ask of a compose document beyond its schema."""
    found: list[str] = []
    for name, service in document["services"].items():
        check = service.get("healthcheck", {})
        if not check.get("test") or check["test"][0] not in ("CMD", "CMD-SHELL"):
            found.append(f"{name}: no health check")
        for key, value in service.get("environment", {}).items():
            if not isinstance(value, str):
                found.append(f"{name}: {key} is no text")
            if ("PASSWORD" in key or "AUTH" in key) and not SECRET.search(str(value)):
                found.append(f"{name}: {key} has a default")
        for volume in service.get("volumes", []):
            if volume.split(":")[0] not in document["volumes"]:
                found.append(f"{name}: volume {volume} is not declared")
        for network in service.get("networks", []):
            if network not in document["networks"]:
                found.append(f"{name}: network {network} is not declared")
        for other, how in service.get("depends_on", {}).items():
            if other not in document["services"] or how != {"condition": "service_healthy"}:
                found.append(f"{name}: depends_on {other}")
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                found.append(f"{name}: port {port} is open to all")
        if service.get("cap_drop") != ["ALL"]:
            found.append(f"{name}: keeps capabilities")
    return sorted(found)


def schema_check(path: Path) -> subprocess.CompletedProcess[str]:
    """The compose schema, as the check-jsonschema package ships it, held against a file."""
    arguments = ["--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_compose_file_follows_the_compose_schema(tmp_path: Path) -> None:
    good = schema_check(REPOSITORY / "docker-compose.yml")
    assert good.returncode == 0, good.stdout
    document = compose()
    document["services"]["neo4j"]["imagee"] = "x"
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(yaml.safe_dump(document), encoding="utf-8")
    assert "imagee" in schema_check(broken).stdout


def test_compose_file_is_sound() -> None:
    assert faults(compose()) == []


BREAKS = [
    (lambda d: d["services"]["neo4j"].pop("healthcheck"), "no health check"),
    (lambda d: d["services"]["neo4j"]["environment"].update(NEO4J_AUTH="neo4j/x"), "a default"),
    (lambda d: d["services"]["jinghuan"].update(ports=["8000:8000"]), "open to all"),
    (lambda d: d["volumes"].pop("graph"), "not declared"),
    (lambda d: d["services"]["neo4j"]["environment"].update(A=False), "A is no text"),
    (lambda d: d["services"].pop("neo4j"), "depends_on neo4j"),
]


@pytest.mark.parametrize(("break_it", "fault"), BREAKS)
def test_the_check_sees_faults(break_it: Any, fault: str) -> None:
    document = compose()
    break_it(document)
    assert any(fault in found for found in faults(document))


def test_neo4j_is_hardened_and_unreachable_from_outside() -> None:
    document = compose()
    neo4j = document["services"]["neo4j"]
    settings = neo4j["environment"]
    assert settings["NEO4J_server_directories_import"] == "/var/lib/neo4j/import"
    assert settings["NEO4J_dbms_security_allow__csv__import__from__file__urls"] == "false"
    assert settings["NEO4J_internal_dbms_cypher__ip__blocklist"] == "0.0.0.0/0,::/0"
    assert settings["NEO4J_server_http_enabled"] == "false"
    assert neo4j["networks"] == ["store"]
    assert document["networks"]["store"] == {"internal": True}
    assert "ports" not in neo4j


def test_image_is_locked_and_not_root() -> None:
    lines = dockerfile()
    assert any("--require-hashes -r requirements.lock" in line for line in lines)
    assert any(re.search(r"pip install --no-deps \.", line) for line in lines)
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    users = [line.split()[1] for line in last_stage if line.startswith("USER ")]
    assert users == ["jinghuan"]
    assert any(line.startswith("HEALTHCHECK ") for line in last_stage)


def test_no_host_of_a_registry_is_named() -> None:
    sources = [line.split()[1] for line in dockerfile() if line.startswith("FROM ")]
    sources += [s["image"] for s in compose()["services"].values()]
    assert all("/" not in source and "." not in source.split(":")[0] for source in sources)
    text = " ".join(dockerfile())
    assert not re.search(r"--(extra-)?index-url|--trusted-host|PIP_INDEX|npm_config_registry", text)
    assert set(re.findall(r"\w+://[\w.]+", text)) <= {"http://127.0.0.1"}


@pytest.mark.parametrize("name", ["constraints.txt", "requirements.lock"])
def test_locks_name_no_address(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert "==" in text
    assert "://" not in text


def test_image_lock_has_a_hash_for_each_package() -> None:
    lines = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert len(packages) > 20
    assert all(line.endswith("\\") for line in packages)
