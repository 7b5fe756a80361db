"""What the server gives a browser, and that its words are complete; no browser needed."""

from __future__ import annotations

import gzip
import json
import re
from importlib.resources import files

import pytest

from models import EventType, Quad, Status
from tests.serving.test_answers import ask
from workers.monitoring.page import routes

STATIC = files(routes.__package__) / "static"
SCRIPTS = [entry for entry in STATIC.iterdir() if entry.name.endswith(".js")]
WORDS = {language: json.loads((STATIC / f"words.{language}.json").read_text()) for language in ("en", "ru")}
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}}


@pytest.mark.parametrize("path", ["/", "/page/app.js", "/page/style.css", "/page/words.ru.json", "/page/plotly.min.js"])
def test_files_under_a_strict_policy(address: str, path: str) -> None:
    status, headers, body = ask(address, path)
    assert status == 200
    assert body
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert ask(address, path, If_None_Match=headers["etag"])[0] == 304
    packed = ask(address, path, Accept_Encoding="gzip")
    assert packed[1]["content-encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == body


@pytest.mark.parametrize("path", ["/page/nothing.js", "/page/routes.py", "/page/..%2froutes.py", "/page/__init__.py"])
def test_nothing_else_is_given(address: str, path: str) -> None:
    assert ask(address, path)[0] == 404


def test_the_document_has_no_code_and_no_style_in_it() -> None:
    page = (STATIC / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
    assert re.findall(r"(?:src|href)=\"(?!/page/|#)", page) == []


def test_no_script_makes_elements_from_text_or_asks_elsewhere() -> None:
    for script in SCRIPTS:
        code = script.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", code), (
            script
        )
        assert "://" not in re.sub(r"//.*", "", code), script


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["ru"].keys()
    for name, text in WORDS["en"].items():
        other = WORDS["ru"][name]
        assert isinstance(text, dict) == isinstance(other, dict), name
        if isinstance(text, dict):
            assert (text.keys(), other.keys()) == (FORMS["en"], FORMS["ru"]), name
        else:
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", other)), name


def test_there_are_words_for_all_that_the_models_name() -> None:
    names = (
        [f"type {one}" for one in EventType] + [f"quad {one:d}" for one in Quad] + [f"status {one}" for one in Status]
    )
    assert [name for name in names if name not in WORDS["en"]] == []
    filters = (STATIC / "filters.js").read_text()
    assert all(re.search(rf"\b{one}\b", filters) for one in [*EventType, *Status])


def test_what_the_scripts_say_has_words() -> None:
    said = {name for script in SCRIPTS for name in re.findall(r"say\(\"([^\"]+)\"", script.read_text())}
    assert said
    assert said <= WORDS["en"].keys()
