"""The readers of the corpora that the entities are measured on, with sentences of our own."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    file = Path(__file__).parents[2] / "bench" / "entities.py"
    spec = importlib.util.spec_from_file_location("bench_entities", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(folder: Path, name: str, text: str, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in {"txt": text, **files}.items():
        (folder / f"{name}.{suffix}").write_text(content, encoding="utf-8", newline="")


def shown(item: object, kind: str) -> list[str]:
    return [item.text[a:b] for a, b in item.gold[kind]]  # type: ignore[attr-defined]


def test_factrueval_persons_are_joined_from_their_parts(bench: ModuleType, tmp_path: Path) -> None:
    text = "Пётр А. Лунд и мэр встретили Анну и Марию Берг."
    spans = "\n".join(
        f"{i} {tag} {text.index(part)} {len(part)} 0 1  # 0 {part}"
        for i, (tag, part) in enumerate(
            [("name", "Пётр"), ("patronymic", "А"), ("surname", "Лунд"), ("job", "мэр"), ("name", "Анну"),
             ("surname", "Берг")]
        )
    )  # fmt: skip
    objects = "10 Person 0 1 2 # Пётр А Лунд\n11 Person 4 5 # Анну Берг\n12 Org 3 # мэр\n"
    write(tmp_path / "devset", "book_1", text, spans=spans, objects=objects)
    write(tmp_path / "testset", "list", "no text of the corpus")
    (item,) = bench.read_factrueval(tmp_path)
    assert shown(item, "person") == ["Пётр А. Лунд", "Анну", "Берг"]


def test_nerel_keeps_the_outermost_of_a_kind(bench: ModuleType, tmp_path: Path) -> None:
    text = "Посол Республики Кипр\r\nприехал в 2010 году."
    rows = [("PROFESSION", "Посол Республики Кипр"), ("PROFESSION", "Посол"), ("COUNTRY", "Республики Кипр"),
            ("COUNTRY", "Кипр"), ("DATE", "в 2010 году"), ("FAMILY", "Кипр")]  # fmt: skip
    ann = "".join(
        f"T{i}\t{tag} {text.index(part)} {text.index(part) + len(part)}\t{part}\n" for i, (tag, part) in enumerate(rows)
    )
    write(tmp_path / "dev", "1_text", text, ann=ann + "R1\tWORKPLACE Arg1:T0 Arg2:T2\n")
    (item,) = bench.read_nerel(tmp_path, ("dev",))
    assert [shown(item, kind) for kind in ("office", "state", "date", "person")] == [
        ["Посол Республики Кипр"],
        ["Республики Кипр"],
        ["в 2010 году"],
        [],
    ]


def test_spans_agree_strictly_or_by_overlap(bench: ModuleType) -> None:
    text = "россиянин в 2010 году уехал в Республику Кипр"

    def span(part: str) -> tuple[int, int]:
        return text.index(part), text.index(part) + len(part)

    gold = {"state": (span("Республику Кипр"),), "citizen": (span("россиянин"),), "date": (span("в 2010 году"),)}
    item = bench.Labelled("1", text, gold)
    states, dates, errors = bench.Count(), bench.Count(), Counter[str]()
    bench.compare(item, "state", [span("россиянин"), span("Кипр"), span("уехал")], states, errors)
    bench.compare(item, "date", [span("2010 году")], dates, errors)
    assert (states.coded, states.gold, states.strict, states.right, states.found) == (2, 1, 0, 1, 1)
    assert (dates.coded, dates.strict) == (1, 1)
    assert sorted(error.split()[0] for error in errors) == ["ends", "false"]


def test_a_folder_without_texts_is_refused(bench: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no texts"):
        list(bench.read_nerel(tmp_path))
