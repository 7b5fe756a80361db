"""The data files: what they hold, and that a broken row is refused by file and line."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import models
from models import BrokenData, EventType, Quad
from models.data import rows
from models.ontology import ontology
from models.states import states

Edited = Callable[[str, str, str], ModuleType]


def test_the_ontology_is_whole() -> None:
    known = ontology()
    assert len(known.cameo) == 312
    assert set(known.quads) == set(EventType)
    assert (known.cameo["057"].goldstein, known.cameo["057"].type) == (8.0, EventType.SUPPORT)
    assert known.cameo["163"].type is EventType.SANCTION
    assert known.quads[EventType.SANCTION] is Quad.MATERIAL_CONFLICT
    assert (known.intensity(EventType.ACCUSE), known.intensity(EventType.ASSAULT)) == (-3.0, -9.0)
    assert known.modes(EventType.CONSULT) == ("visit", "third-party", "multilateral", "phone")
    assert known.cameo["0311"].root == "03"


def test_scores_have_one_decimal_so_that_sums_are_exact() -> None:
    known = ontology()
    scores = [*(code.goldstein for code in known.cameo.values()), *(s for s in known.scores.values() if s is not None)]
    assert all(round(score * 10) / 10 == score for score in scores)


def test_the_states_are_whole() -> None:
    known = states()
    assert {"KAZ", "BLR", "RUS", "XKX", "TWN", "PSE", "VAT", "EUR", "UNO"} <= set(known)
    assert "CSTO" not in known
    assert known["KAZ"].name_ru == "Казахстан"
    assert [code for code, state in known.items() if state.standing == "union"] == ["EUR", "UNO"]
    assert len({state.alpha2 for state in known.values() if state.alpha2}) == len(known) - 2


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edited]:
    """A copy of one of the packages of data, one of its files with `old` (found once) changed to `new`."""
    monkeypatch.syspath_prepend(tmp_path)
    name = f"edited_{abs(hash(tmp_path))}"

    def edit(file: str, old: str, new: str) -> ModuleType:
        package, _, table = file.partition("/")
        shutil.copytree(Path(models.__file__).parent / package, tmp_path / name)
        path = tmp_path / name / table
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return importlib.import_module(name)

    yield edit
    sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("table", "old", "new", "says"),
    [
        ("cameo.csv", "010,Make statement,0.0,", "010,Make statement,0.05,", "line 3: '0.05' is no score"),
        ("cameo.csv", "010,Make statement,0.0,", "010,Make statement,,", "line 3: '' is no score"),
        ("cameo.csv", "010,Make statement,0.0,", "010,Make statement,11.0,", "line 3: '11.0' is no score"),
        ("cameo.csv", "010,Make statement,0.0,,,", "010,Make statement,0.0,PEACE,,", "line 3: 'PEACE' is no PLOVER"),
        ("cameo.csv", "010,Make statement,0.0,,,", "010,Make statement,0.0,ACCUSE,visit,", "ACCUSE has no mode visit"),
        ("cameo.csv", "010,Make statement,0.0,,,", "010,Make statement,0.0,,,weather", "no such context: weather"),
        ("cameo.csv", "010,Make statement,0.0,,,", "010,Make statement,0.0,,", "line 3: 5 fields, expected 6"),
        ("cameo.csv", "010,Make statement,0.0,,,", '010,"Make statement,0.0,,,', "cameo.csv, line 3: "),
        ("cameo.csv", "011,Decline comment", "010,Decline comment", "line 4: 010 is there twice"),
        ("cameo.csv", "011,Decline comment", "99x,Decline comment", "line 4: 99x is no CAMEO code"),
        ("cameo.csv", "011,Decline comment", "991,Decline comment", "line 4: 991 is no CAMEO code or stands before"),
        ("cameo.csv", "011,Decline comment,-0.1,,,\n", "", "311 codes, CAMEO has 312"),
        ("cameo.csv", "code,name,", "code,title,", "cameo.csv, line 1: columns are code,title"),
        ("plover.csv", "AGREE,,2.5,1", "AGREE,,,1", "plover.csv, line 2: AGREE has no score"),
        ("plover.csv", "AGREE,,2.5,1", "AGREE,,2.5,5", "plover.csv, line 2: '5' is no quad class"),
        ("plover.csv", "AGREE,,2.5,1", "AGREE,,2.5,one", "plover.csv, line 2: 'one' is no quad class"),
        ("plover.csv", "AGREE,,2.5,1\n", "", "types missing: AGREE"),
        ("plover.csv", "RETREAT,,6.5,2\n", "", "types missing: RETREAT"),
        ("plover.csv", "CONSULT,visit,4.0,1", "CONSULT,visit,4.0,2", "line 4: CONSULT has two quads"),
        ("plover.csv", "CONSULT,visit,4.0,1", "CONSULT,,4.0,1", "line 4: CONSULT  is there twice"),
    ],
)
def test_a_broken_row_of_the_ontology_is_refused(edited: Edited, table: str, old: str, new: str, says: str) -> None:
    with pytest.raises(BrokenData) as refused:
        edited(f"ontology/{table}", old, new).ontology()
    assert says in str(refused.value)
    assert str(refused.value).startswith(table)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("AFG,AF,", "AF,AF,", "line 2: 'AF' is no alpha-3 code"),
        ("AGO,AO,", "AFG,AO,", "line 3: 'AFG' is no alpha-3 code or is there twice"),
        ("Афганистан,member", "Афганистан,neighbour", "line 2: standing 'neighbour' is none of member"),
        ("AFG,AF,Afghanistan,", "AFG,AF,,", "line 2: AFG lacks a name"),
        ("AFG,AF,", "AFG,,", "line 2: AFG lacks a name or its alpha-2 code"),
        ("Афганистан,member", "Афганистан,observer", "the United Nations has 193 members"),
    ],
)
def test_a_broken_row_of_the_states_is_refused(edited: Edited, old: str, new: str, says: str) -> None:
    with pytest.raises(BrokenData) as refused:
        edited("states/states.csv", old, new).states()
    assert says in str(refused.value)


def test_comments_and_blank_lines_keep_the_numbers_of_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "small_tables"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "good.csv").write_text('# a comment\na,b\n\n1, two words \n# another\n3,"4,5"\n')
    (package / "empty.csv").write_text("# only a comment\n")
    assert list(rows("small_tables", "good.csv", ("a", "b"))) == [
        (4, {"a": "1", "b": "two words"}),
        (6, {"a": "3", "b": "4,5"}),
    ]
    with pytest.raises(BrokenData, match=r"empty\.csv, line 1: the file is empty"):
        list(rows("small_tables", "empty.csv", ("a", "b")))
