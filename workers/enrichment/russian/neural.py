"""Names and dependency trees: slovnet's NER and syntax models, run without padding.

slovnet pads the sentences of a batch to one length and copies strided windows; most of its time goes there. Here the
sentences of a batch lie end to end in one matrix of rows, one row a token, with one row of zeros after each sentence.
The convolutions look one row to either side, so with the separators set back to zero after each layer no sentence sees
another, and the results are those of slovnet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from slovnet.const import REL, TAG
from slovnet.exec import model as slovnet
from slovnet.shape import word_shape

from workers.enrichment.russian import weights
from workers.enrichment.russian.weights import Embedding, Floats, Ints, Model

BATCH = 1024
"""Most tokens in one batch; a longer sentence is a batch of its own. Bounds the memory for a long article."""

_CACHE = 100_000
_LONGEST = 40
"""Most words whose row and shape are remembered, and the longest of them in characters."""

Spans = Sequence[tuple[int, int]]
"""Where the sentences of a batch lie: first row, row after the last."""


class Tree(Struct, frozen=True):
    """Of each token of a sentence the index of its head (-1 at a root) and the relation to it."""

    heads: tuple[int, ...]
    relations: tuple[str, ...]


class Layer(Struct, frozen=True):
    """A convolution over three rows, ReLU and batch normalisation, the last folded into a factor and a shift."""

    weight: Floats
    bias: Floats
    factor: Floats
    shift: Floats

    @classmethod
    def of(cls, layer: Any) -> Layer:
        """From slovnet's layer: filters by inputs by kernel becomes (kernel times inputs) by filters."""
        filters, inputs, kernel = layer.conv.weight.array.shape
        if kernel != 3 or layer.conv.padding != 1:
            raise ValueError(f"expected convolutions over 3 rows padded by 1, got {kernel} and {layer.conv.padding}")
        weight = layer.conv.weight.array.transpose(2, 1, 0).reshape(kernel * inputs, filters)
        factor = layer.norm.weight.array / layer.norm.std.array
        shift = layer.norm.bias.array - layer.norm.mean.array * factor
        return cls(*(_float32(array) for array in (weight, layer.conv.bias.array, factor, shift)))

    def __call__(self, rows: Floats, separators: Ints) -> Floats:
        """Rows by inputs to rows by filters."""
        count, inputs = rows.shape
        windows = np.empty((count, 3 * inputs), np.float32)
        windows[0, :inputs] = 0
        windows[1:, :inputs] = rows[:-1]
        windows[:, inputs : 2 * inputs] = rows
        windows[:-1, 2 * inputs :] = rows[1:]
        windows[-1, 2 * inputs :] = 0
        out: Floats = windows @ self.weight
        out += self.bias
        np.maximum(out, 0, out=out)
        out *= self.factor
        out += self.shift
        out[separators] = 0
        return out


class Dense:
    """A linear layer, with ReLU where asked."""

    def __init__(self, linear: Any) -> None:
        self.weight, self.bias = _float32(linear.weight.array), _float32(linear.bias.array)

    def __call__(self, rows: Floats) -> Floats:
        """Rows by inputs to rows by outputs."""
        out: Floats = rows @ self.weight
        out += self.bias
        return out

    def relu(self, rows: Floats) -> Floats:
        """The same, negative values set to 0."""
        out = self(rows)
        return np.maximum(out, 0, out=out)


class Encoder:
    """The convolutional part that both models share in kind: vectors of words and of word shapes to hidden rows."""

    def __init__(self, model: Model) -> None:
        self.shapes = _float32(model.module.emb.shape.weight.array)
        self.layers = [Layer.of(layer) for layer in model.module.encoder.layers]

    def __call__(self, words: Floats, shapes: Ints, separators: Ints) -> Floats:
        """The hidden rows of a batch; those of the separators are zero."""
        rows = np.concatenate((words, self.shapes[shapes]), axis=1)
        rows[separators] = 0
        for layer in self.layers:
            rows = layer(rows, separators)
        return rows


class Tagger:
    """slovnet's NER: BIO tags by a linear-chain CRF."""

    def __init__(self, model: Model) -> None:
        self.encoder = Encoder(model)
        self.labels = model.labels
        self.emit = Dense(model.module.head.proj)
        self.transitions = _float32(model.module.head.crf.transitions.array)

    def __call__(self, words: Floats, shapes: Ints, separators: Ints, spans: Spans) -> Iterator[tuple[str, ...]]:
        """The tags of each sentence."""
        emissions = self.emit(self.encoder(words, shapes, separators))
        for path in viterbi(emissions, self.transitions, spans):
            yield tuple(self.labels[i] for i in path)


def viterbi(emissions: Floats, transitions: Floats, spans: Spans) -> list[list[int]]:
    """The best sequence of labels of each sentence.

    All sentences advance together, the longest first, so the step over position t touches only those that reach it.
    """
    order = sorted(range(len(spans)), key=lambda i: spans[i][0] - spans[i][1])
    starts = np.array([spans[i][0] for i in order])
    lengths = np.array([spans[i][1] - spans[i][0] for i in order])
    scores = emissions[starts]
    history: list[Ints] = []
    for position in range(1, int(lengths[0])):
        live = int((lengths > position).sum())
        moves = scores[:live, :, None] + transitions + emissions[starts[:live] + position][:, None, :]
        best = moves.argmax(axis=1)
        scores[:live] = np.take_along_axis(moves, best[:, None], axis=1)[:, 0]
        history.append(best)
    paths: list[list[int]] = [[] for _ in spans]
    for rank, i in enumerate(order):
        path = [int(scores[rank].argmax())]
        for best in reversed(history[: lengths[rank] - 1]):
            path.append(int(best[rank, path[-1]]))
        paths[i] = path[::-1]
    return paths


class Parser:
    """slovnet's syntax: a biaffine score for each head of each token, then one for each relation to the best head."""

    def __init__(self, model: Model) -> None:
        module = model.module
        self.encoder = Encoder(model)
        self.labels = model.labels
        self.dependent, self.governor = Dense(module.head.head.proj), Dense(module.head.tail.proj)
        self.kernel = _float32(module.head.kernel.array)
        self.root = _float32(module.head.root.array).reshape(1, -1)
        self.rel_governor, self.rel_dependent = Dense(module.rel.head.proj), Dense(module.rel.tail.proj)
        self.rel_kernel = _float32(module.rel.kernel.array)
        self.rel_root = _float32(module.rel.root.array).reshape(1, -1)

    def __call__(self, words: Floats, shapes: Ints, separators: Ints, spans: Spans) -> Iterator[Tree]:
        """The tree of each sentence, as the model has it: loops and several roots are possible."""
        rows = self.encoder(words, shapes, separators)
        dependents = self.dependent.relu(rows) @ self.kernel
        governors = self.governor.relu(np.concatenate((self.root, rows)))
        sources = np.concatenate((self.rel_root, rows))
        heads = np.zeros(len(rows), np.int64)  # 0 is the root, else the row of the head + 1
        for start, end in spans:
            candidates = np.concatenate((governors[:1], governors[start + 1 : end + 1]))
            best = (dependents[start:end] @ candidates.T).argmax(axis=1)
            heads[start:end] = np.where(best > 0, best + start, 0)
        scores = self.rel_governor.relu(sources[heads]) @ self.rel_kernel
        tails = self.rel_dependent.relu(rows)
        hidden = tails.shape[1]
        relations = np.matmul(scores.reshape(len(rows), -1, hidden), tails[:, :, None])[:, :, 0].argmax(axis=1)
        for start, end in spans:
            yield Tree(
                tuple(int(head) - 1 - start if head else -1 for head in heads[start:end]),
                tuple(self.labels[i] for i in relations[start:end]),
            )


class Neural:
    """Both models over shared word vectors; one object a process. Raises `MissingWeights` where they are not there."""

    def __init__(self) -> None:
        self.embedding: Embedding = weights.load_embedding()
        tagger = weights.load_model(weights.NER, slovnet.NER, TAG)
        parser = weights.load_model(weights.SYNTAX, slovnet.Syntax, REL)
        if tagger.shapes != parser.shapes:
            raise ValueError("the NER and syntax models describe the shapes of words differently")
        self._shapes = tagger.shapes
        self._tagger, self._parser = Tagger(tagger), Parser(parser)
        self._known: dict[str, tuple[int, int]] = {}

    def __call__(self, sentences: Sequence[Sequence[str]]) -> Iterator[tuple[tuple[str, ...], Tree]]:
        """The BIO tags and the tree of each sentence, in order. An empty sentence is refused with `ValueError`."""
        for batch in _batches(sentences):
            spans: list[tuple[int, int]] = []
            rows: list[tuple[int, int]] = []
            for words in batch:
                spans.append((len(rows), len(rows) + len(words)))
                rows.extend(self._row(word) for word in words)
                rows.append((self.embedding.unknown, 0))
            separators = np.array([end for _, end in spans])
            ids, shapes = np.array(rows, dtype=np.int64).T
            distinct, where = np.unique(ids, return_inverse=True)
            vectors = self.embedding.vectors(distinct)[where]
            yield from zip(
                self._tagger(vectors, shapes, separators, spans),
                self._parser(vectors, shapes, separators, spans),
                strict=True,
            )

    def _row(self, word: str) -> tuple[int, int]:
        """The row of a word's vector and the id of its shape."""
        row = self._known.get(word)
        if row is None:
            row = self.embedding.ids.get(word.lower(), self.embedding.unknown), self._shapes[word_shape(word)]
            if len(self._known) < _CACHE and len(word) <= _LONGEST:
                self._known[word] = row
        return row


def _batches(sentences: Sequence[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    batch: list[Sequence[str]] = []
    size = 0
    for words in sentences:
        if not words:
            raise ValueError("a sentence without tokens has no tree")
        if batch and size + len(words) > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(words)
        size += len(words)
    if batch:
        yield batch


def _float32(array: Any) -> Floats:
    return np.ascontiguousarray(array, dtype=np.float32)
