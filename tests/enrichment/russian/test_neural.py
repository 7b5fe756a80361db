"""The models without padding give what slovnet gives with it, on the sentences of `sentences.txt`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import razdel
from navec import Navec
from slovnet import NER, Syntax

from workers.enrichment.russian import first_layer, weights
from workers.enrichment.russian.neural import BATCH, Neural

SENTENCES = [
    [token.text for token in razdel.tokenize(line)]
    for line in Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def neural() -> Neural:
    return Neural()


@pytest.fixture(scope="module")
def navec() -> Any:
    return Navec.load(str(weights.archive(weights.EMBEDDING)))


def stock_tags(navec: Any) -> list[list[str]]:
    infer = NER.load(str(weights.archive(weights.NER))).navec(navec).infer
    return list(infer.decoder(infer.process(infer.encoder(SENTENCES))))


def stock_trees(navec: Any) -> Iterator[tuple[Any, list[int], list[str]]]:
    """Of each sentence the scores of all heads, the heads (0 for the root) and the relations."""
    infer = Syntax.load(str(weights.archive(weights.SYNTAX))).navec(navec).infer
    words = iter(SENTENCES)
    for batch in infer.encoder(SENTENCES):
        out = infer.model(batch.word_id, batch.shape_id, batch.pad_mask)
        heads = infer.model.head.decode(out.head_id, ~batch.pad_mask)
        relations = infer.model.rel.decode(out.rel_id, ~batch.pad_mask)
        for scores, head, relation in zip(out.head_id, heads, relations, strict=True):
            size = len(next(words))
            labels = [infer.decoder.rels_vocab.decode(i) for i in relation[:size]]
            yield scores[:size, : size + 1], head[:size].tolist(), labels


def test_enough_sentences_of_varied_length() -> None:
    lengths = {len(words) for words in SENTENCES}
    assert len(SENTENCES) >= 60
    assert min(lengths) <= 3
    assert max(lengths) >= 50
    assert len(lengths) >= 20


def test_names_as_stock(neural: Neural, navec: Any) -> None:
    assert [list(tags) for tags, _ in neural(SENTENCES)] == stock_tags(navec)


def test_trees_as_stock(neural: Neural, navec: Any) -> None:
    """A head may be another one only where both score the same to the precision of the floats."""
    others = 0
    for (_, tree), (scores, heads, relations) in zip(neural(SENTENCES), stock_trees(navec), strict=True):
        for i, (mine, theirs) in enumerate(zip(tree.heads, heads, strict=True)):
            if mine + 1 != theirs:
                others += 1
                assert scores[i, mine + 1] == pytest.approx(scores[i, theirs], abs=1e-3)
            else:
                assert tree.relations[i] == relations[i]
    assert others <= 3


def test_one_vocabulary() -> None:
    known = weights.load_embedding().ids
    for name in (weights.NER, weights.SYNTAX):
        words = weights.load_words(name)
        assert len(words) == 250_002
        assert all(known.get(word, -1) == row for row, word in enumerate(words))
    for word in ("", "нетакогослова", "россия ", "я" * 100, "\n", "\U0010ffff"):
        assert known.get(word, -1) == -1


def test_what_words_give_does_not_depend_on_what_was_read_before(neural: Neural) -> None:
    fresh = Neural()
    for words in SENTENCES:
        list(neural([words]))
    for words in reversed(SENTENCES):
        rows = [*map(fresh._word, words), None]
        for mine, other in zip(fresh.first(rows), neural.first(rows), strict=True):
            assert np.array_equal(mine, other)


def test_what_is_forgotten_is_learnt_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_layer, "REMEMBERED", 128)
    monkeypatch.setattr(first_layer, "KEPT", 64)
    forgetful = Neural()
    wanted = [list(forgetful([words])) for words in SENTENCES]
    assert len(forgetful.first._slots) < len({word for words in SENTENCES for word in words})
    assert [list(Neural()([words])) for words in SENTENCES[:5]] == wanted[:5]
    assert [list(forgetful([words])) for words in SENTENCES] == wanted


def test_neighbours_do_not_matter(neural: Neural) -> None:
    together = list(neural(SENTENCES))
    alone = [found for words in SENTENCES for found in neural([words])]
    assert [tags for tags, _ in together] == [tags for tags, _ in alone]
    same = [a.heads == b.heads and a.relations == b.relations for (_, a), (_, b) in zip(together, alone, strict=True)]
    assert sum(same) >= len(same) - 1  # the size of a batch moves the last bit of a sum


def test_the_same_again(neural: Neural) -> None:
    assert list(neural(SENTENCES)) == list(neural(SENTENCES))
    assert list(Neural()(SENTENCES)) == list(neural(SENTENCES))


def test_batches_keep_the_order(neural: Neural) -> None:
    many = SENTENCES * (2 * BATCH // sum(map(len, SENTENCES)) + 1)
    read = list(neural(many))
    assert [len(tags) for tags, _ in read] == [len(words) for words in many]
    assert all(-1 <= head < len(tree.heads) for _, tree in read for head in tree.heads)


def test_odd_sentences(neural: Neural) -> None:
    odd = [["."], ["\x00"], ["😀", "слово"], ["а" * 10_000], ["слово"] * 200]
    assert [len(tags) for tags, _ in neural(odd)] == [1, 1, 2, 1, 200]
    assert list(neural([])) == []
    with pytest.raises(ValueError, match="without tokens"):
        list(neural([[]]))


def test_missing_weights() -> None:
    with pytest.raises(weights.MissingWeights, match="no such file"):
        weights.archive("model/none.tar")


def test_arrays_are_float32(neural: Neural) -> None:
    vectors = neural.embedding.vectors(np.array([0, 5, neural.embedding.unknown]))
    assert vectors.shape == (3, 300)
    assert vectors.dtype == np.float32
