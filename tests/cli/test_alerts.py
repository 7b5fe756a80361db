"""`dyads alerts check`: what is in a file of rules, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.runner import dyads


def test_check(tmp_path: Path) -> None:
    file = tmp_path / "alerts.toml"
    file.write_text('[[rule]]\nname = "signed"\nkind = "agreement"\n')
    ran = dyads("alerts", "check", str(file))
    assert (ran.code, ran.out) == (0, "signed: agreement\n")

    file.write_text('[[rule]]\nname = "signed"\nkind = "treaty"\n')
    for command in ("check", "run"):
        ran = dyads("alerts", command, str(file))
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"dyads: {file}, rule 1 (signed): Invalid value 'treaty'")

    missing = dyads("alerts", "check", str(tmp_path / "none.toml"))
    assert (missing.code, "No such file" in missing.err) == (2, True)
