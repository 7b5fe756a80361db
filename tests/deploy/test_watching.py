"""Prometheus, its alerts and Grafana's dashboards: valid by Prometheus' own tool, and about metrics that there are."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, Metric
from prometheus_client.parser import text_string_to_metric_families

import workers.runtime.metrics
from tests.deploy.promtool import promtool
from workers.cli.auditing.audit import Findings
from workers.cli.auditing.days import Days
from workers.cli.auditing.metrics import write_metrics
from workers.cli.auditing.units import Counts
from workers.monitoring import metrics

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
GRAFANA = ROOT / "deploy" / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
OPERATORS = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

ALERTS: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"][0]["rules"]
PANELS = [(path.name, panel) for path in DASHBOARDS for panel in json.loads(path.read_text())["panels"]]
QUERIES = [target["expr"] for _, panel in PANELS for target in panel["targets"]]
EXPRESSIONS = [*QUERIES, *(rule["expr"] for rule in ALERTS)]

PLACED_BY_PROMETHEUS = {"instance", "job", "le"}
"""Labels that no metric of ours has by itself."""


def names_of(metrics: Iterable[Metric]) -> dict[str, set[str]]:
    """The labels of every sample that metrics of ours can have, by the sample's name."""
    found: dict[str, set[str]] = {}
    for metric in metrics:
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(metric.type, ("",))
        for ending in endings:
            found[metric.name + ending] = set()
    return found


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What a worker and an audit tell: the names of samples, and of the labels of each."""
    declared = {
        metric for metric in vars(workers.runtime.metrics).values() if hasattr(metric, "_labelnames")
    }  # not by what REGISTRY collects: that has no labels where nothing was counted yet
    found: dict[str, set[str]] = {}
    for metric in declared:
        for family in metric.describe():
            for name in names_of([family]):
                found[name] = set(metric._labelnames)
    for family in workers.runtime.metrics.Stands(lambda: ()).describe():
        found[family.name] = set(family._labelnames)
    written = tmp_path_factory.mktemp("audit") / "audit.prom"
    write_metrics(written, Findings({}, 1, Counts(), 0, 0, 0, True), Days(), 1.0)
    for family in text_string_to_metric_families(written.read_text()):
        found[family.name] = set(family.samples[0].labels)
    return found


def test_a_worker_tells_every_metric_that_is_declared(samples: dict[str, set[str]]) -> None:
    told = names_of(REGISTRY.collect()).keys()
    assert {name for name in samples if not name.startswith("dyads_audit")} - told == {
        "dyads_applied_offset",
        "dyads_lag_offsets",
    }, "these two come from the engine"


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_is_asked_for_exists(expression: str, samples: dict[str, set[str]]) -> None:
    names = re.findall(r"\bdyads_\w+|\bup\b", re.sub(r'"[^"]*"', '""', expression))
    assert names
    known = {**samples, "up": {"job", "instance"}}
    assert set(names) <= known.keys()
    labels = set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\s*\"", expression))
    for by in re.findall(r"by \(([^)]*)\)", expression):
        labels |= set(re.split(r",\s*", by))
    assert labels <= PLACED_BY_PROMETHEUS.union(*(known[name] for name in names))


def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    ran = promtool("check", "config", PROMETHEUS / "prometheus.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{len(ALERTS)} rules found" in ran.stdout


def test_alerts_fire_when_they_should_and_not_when_they_should_not() -> None:
    ran = promtool("test", "rules", PROMETHEUS / "rules.test.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    cases = yaml.safe_load((PROMETHEUS / "rules.test.yml").read_text())["tests"]
    fired = {each["alertname"] for case in cases for each in case["alert_rule_test"] if each.get("exp_alerts")}
    assert fired == {rule["alert"] for rule in ALERTS}, "each alert is seen to fire"


def test_an_alert_that_is_changed_is_noticed(tmp_path: Path) -> None:
    for name in ("rules.yml", "rules.test.yml"):
        shutil.copy(PROMETHEUS / name, tmp_path)
    rules = tmp_path / "rules.yml"
    rules.write_text(rules.read_text().replace("dyads_audit_last_differences > 0", "dyads_audit_last_differences > 5"))
    assert promtool("test", "rules", tmp_path / "rules.test.yml").returncode == 1


def test_every_query_of_the_dashboards_is_promql(tmp_path: Path) -> None:
    rules = [
        {"record": f"query_{number}", "expr": query.replace("$__rate_interval", "5m")}
        for number, query in enumerate(QUERIES)
    ]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    ran = promtool("check", "rules", file)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_alert_is_explained_to_operators() -> None:
    for rule in ALERTS:
        assert f"| `{rule['alert']}` |" in OPERATORS
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]


def test_every_metric_is_explained_to_operators(samples: dict[str, set[str]]) -> None:
    explained = re.findall(r"`(dyads_\w+)", OPERATORS)
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in samples}
    assert families - set(explained) == set()
    workers = {name for name in explained if not name.startswith(("dyads_audit.", "dyads_serve_"))}
    assert workers - families - samples.keys() == set()


def test_every_metric_of_the_server_is_explained_to_operators() -> None:
    served = [one for one in vars(metrics).values() if isinstance(one, Counter | Gauge | Histogram)]
    names = {family.name + "_total" * isinstance(one, Counter) for one in served for family in one.describe()}
    assert names == set(re.findall(r"`(dyads_serve_\w+)", OPERATORS))


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_a_dashboard_stands_on_what_is_provisioned(path: Path) -> None:
    board = json.loads(path.read_text())
    source = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text())["datasources"][0]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {source["uid"]}
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    assert source["url"] == "http://prometheus:9090"


def test_what_is_provisioned_is_where_the_services_look() -> None:
    (provider,) = yaml.safe_load((GRAFANA / "provisioning" / "dashboards" / "dyads.yml").read_text())["providers"]
    mounted = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"] if volume.startswith("./"))
    assert (ROOT / "deploy" / "grafana" / "dashboards").samefile(
        ROOT / next(here for here, there in mounted.items() if there == provider["options"]["path"])
    )
    assert all((ROOT / here).is_dir() for here in mounted)
    scraped = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    names = {job["job_name"]: job for job in scraped}
    assert names["dyads"]["dns_sd_configs"][0]["names"] == ["worker"]
    assert names["dyads-audit"]["static_configs"][0]["targets"] == ["node-exporter:9100"]
    assert {"worker", "node-exporter", "prometheus"} <= SERVICES.keys()
