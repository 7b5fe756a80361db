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
from workers.enrichment.russian.first_layer import FirstLayer, Word
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
    """A convolution over three rows, ReLU and batch normalisation, the last folded into a factor and a shift.

    `weight` is inputs by three times the filters: what a row gives to the row after it, to itself, to the row before.
    """

    weight: Floats
    bias: Floats
    factor: Floats
    shift: Floats

    @classmethod
    def of(cls, layer: Any) -> Layer:
        """From slovnet's layer, filters by inputs by kernel."""
        filters, inputs, kernel = layer.conv.weight.array.shape
        if kernel != 3 or layer.conv.padding != 1:
            raise ValueError(f"expected convolutions over 3 rows padded by 1, got {kernel} and {layer.conv.padding}")
        weight = layer.conv.weight.array.transpose(1, 2, 0).reshape(inputs, kernel * filters)
        factor = layer.norm.weight.array / layer.norm.std.array
        shift = layer.norm.bias.array - layer.norm.mean.array * factor
        return cls(*(_float32(array) for array in (weight, layer.conv.bias.array, factor, shift)))

    def __call__(self, rows: Floats, separators: Ints) -> Floats:
        """Rows by inputs to rows by filters; the last row is a separator."""
        filters = len(self.bias)
        given = rows @ self.weight
        out = given[:, filters : 2 * filters]
        out[1:] += given[:-1, :filters]
        out[:-1] += given[1:, 2 * filters :]
        return self.finished(out, separators)

    def finished(self, sums: Floats, separators: Ints) -> Floats:
        """What the layer makes of the sums over the three rows, in place."""
        sums += self.bias
        np.maximum(sums, 0, out=sums)
        sums *= self.factor
        sums += self.shift
        sums[separators] = 0
        return sums


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
    """The convolutional part that both models share in kind; its first layer is `FirstLayer`'s."""

    def __init__(self, model: Model) -> None:
        self.shapes = _float32(model.module.emb.shape.weight.array)
        self.first, *self.layers = (Layer.of(layer) for layer in model.module.encoder.layers)

    def __call__(self, rows: Floats, separators: Ints) -> Floats:
        """The hidden rows of a batch from the sums of the first layer; those of the separators are zero."""
        rows = self.first.finished(rows, separators)
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

    def __call__(self, rows: Floats, separators: Ints, spans: Spans) -> Iterator[tuple[str, ...]]:
        """The tags of each sentence, from the sums of the first layer."""
        emissions = self.emit(self.encoder(rows, separators))
        for path in viterbi(emissions, self.transitions, spans):
            yield tuple(self.labels[i] for i in path)


def viterbi(emissions: Floats, transitions: Floats, spans: Spans) -> list[list[int]]:
    """The best sequence of labels of each sentence.

    All sentences advance together, the longest first, so the step over position t touches only those that reach it.
    """
    order = sorted(range(len(spans)), key=lambda i: spans[i][0] - spans[i][1])
    starts = np.array([spans[i][0] for i in order])
    lengths = [spans[i][1] - spans[i][0] for i in order]
    live = len(spans)
    scores = emissions[starts]
    last: list[Floats] = []
    """The scores where each sentence ends, the shortest first."""
    history: list[list[list[int]]] = []
    for position in range(1, lengths[0]):
        while lengths[live - 1] <= position:
            live -= 1
            last.append(scores[live])
        moves = scores[:live, :, None] + transitions
        moves += emissions[starts[:live] + position][:, None, :]
        history.append(moves.argmax(axis=1).tolist())
        scores = moves.max(axis=1)
    last.extend(scores[live - 1 :: -1])
    paths: list[list[int]] = [[] for _ in spans]
    for rank, i in enumerate(order):
        label = int(last[-1 - rank].argmax())
        path = [label]
        for best in reversed(history[: lengths[rank] - 1]):
            label = best[rank][label]
            path.append(label)
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

    def __call__(self, rows: Floats, separators: Ints, spans: Spans) -> Iterator[Tree]:
        """The tree of each sentence, as the model has it: loops and several roots are possible."""
        rows = self.encoder(rows, separators)
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
        encoders = self._tagger.encoder, self._parser.encoder
        self.first = FirstLayer(self.embedding, [e.first.weight for e in encoders], [e.shapes for e in encoders])
        self._known: dict[str, Word] = {}

    def __call__(self, sentences: Sequence[Sequence[str]]) -> Iterator[tuple[tuple[str, ...], Tree]]:
        """The BIO tags and the tree of each sentence, in order. An empty sentence is refused with `ValueError`."""
        for batch in _batches(sentences):
            spans: list[tuple[int, int]] = []
            rows: list[Word | None] = []
            for words in batch:
                spans.append((len(rows), len(rows) + len(words)))
                rows.extend(map(self._word, words))
                rows.append(None)
            separators = np.array([end for _, end in spans])
            names, syntax = self.first(rows)
            yield from zip(self._tagger(names, separators, spans), self._parser(syntax, separators, spans), strict=True)

    def _word(self, word: str) -> Word:
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
