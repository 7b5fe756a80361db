"""The weights of the neural models: navec's word vectors and slovnet's NER and syntax models, from natasha's wheel.

natasha carries the files and is never imported (its own dependencies do not run on this Python). The vocabulary of
250,000 words is the same in all of its archives; it is read once, from navec's.
"""

from __future__ import annotations

import importlib.util
import itertools
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from navec.pq import PQ
from navec.tar import Tar
from navec.vocab import Vocab
from numpy.typing import NDArray
from slovnet.const import SHAPE, WORD
from slovnet.exec.pack import Pack

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

EMBEDDING = "emb/navec_news_v1_1B_250K_300d_100q.tar"
NER = "model/slovnet_ner_news_v1.tar"
SYNTAX = "model/slovnet_syntax_news_v1.tar"


class MissingWeights(RuntimeError):
    """The files of the models are not where natasha's wheel puts them."""


def archive(name: str) -> Path:
    """The path of a file in natasha's data directory. Raises `MissingWeights`."""
    spec = importlib.util.find_spec("natasha")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "data" / name
        if path.is_file():
            return path
    raise MissingWeights(f"{name}: no such file in an installed natasha; is natasha 1.6.0 installed?")


class _Codes(PQ):
    """navec's quantised vectors without the tables for similarities, which take 100 MB to compute and are not used."""

    def precompute(self) -> None:
        """Nothing is precomputed."""


class Vocabulary:
    """The rows of 250,000 words in 10 MB: the words sorted and in one text, where a dictionary of them takes 50."""

    def __init__(self, words: Sequence[str]) -> None:
        order = sorted(range(len(words)), key=words.__getitem__)
        self._rows = array("I", order)
        self._text = "\n".join(words[i] for i in order)
        ends = itertools.accumulate(len(words[i]) + 1 for i in order)
        self._starts = array("I", itertools.chain((0,), ends))

    def get(self, word: str, default: int) -> int:
        """The row of a word, or the default where it is not known. Of a word that is there twice the last."""
        place = bisect_right(range(len(self._rows)), word, key=self._word) - 1
        return self._rows[place] if place >= 0 and self._word(place) == word else default

    def _word(self, place: int) -> str:
        return self._text[self._starts[place] : self._starts[place + 1] - 1]


class Embedding(Struct, frozen=True):
    """Word vectors by product quantisation: a word is `indexes[word]`, one of `codes[part]` for each of its parts.

    `ids` tells of a word in lower case its row; `indexes` is words by parts, `codes` parts by centroids by dimensions.
    """

    ids: Vocabulary
    unknown: int
    indexes: NDArray[np.uint8]
    codes: Floats

    def vectors(self, words: Ints) -> Floats:
        """The vectors of the given rows: words by 300."""
        parts = self.codes[np.arange(len(self.codes)), self.indexes[words]]
        return np.ascontiguousarray(parts.reshape(len(words), -1), dtype=np.float32)


def load_embedding() -> Embedding:
    """navec's news vectors. Raises `MissingWeights`."""
    with Tar(str(archive(EMBEDDING))) as tar:
        known = Vocab.from_file(tar.load("vocab.bin"))
        vocabulary, unknown = Vocabulary(known.words), known.unk_id
        del known
        codes = _Codes.from_file(tar.load("pq.bin"))
    return Embedding(vocabulary, unknown, codes.indexes, codes.codes)


class Model(Struct, frozen=True):
    """A slovnet model: its module tree with arrays, and its vocabularies of word shapes and of labels."""

    module: Any
    shapes: Mapping[str, int]
    unknown_shape: int | None
    labels: tuple[str, ...]


def load_model(name: str, kind: type[Any], labels: str) -> Model:
    """One slovnet archive; `kind` is slovnet's class of the module, `labels` the name of its vocabulary of outputs."""
    with Pack(str(archive(name))) as pack:
        pack.load_meta().check_protocol()
        module = pack.load_model(kind)
        module = module.inject_arrays(dict(pack.load_arrays(module.weights)))
        shapes = pack.load_vocab(SHAPE)
        return Model(module, shapes.item_ids, shapes.unk_id, tuple(pack.load_vocab(labels).items))


def load_words(name: str) -> tuple[str, ...]:
    """The vocabulary of words inside a slovnet archive, which must be the embedding's."""
    with Pack(str(archive(name))) as pack:
        return tuple(pack.load_vocab(WORD).items)
