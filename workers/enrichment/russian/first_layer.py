"""The first convolutional layers of both models, from what each word gives to them.

A convolution is linear before its ReLU: the sums of a row are what the word before it gives, what its own word gives
and what the word after it gives. Each depends on one word alone, so it is computed once a word and remembered, across
articles too. Two thirds of the models' floating-point work are in these layers, and news repeats its words.

What a word gives has the same bits whichever words it is computed with, so that an article is read the same whatever
was read before it: products are taken of few words at a time, so few that this BLAS treats all rows alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workers.enrichment.russian.weights import Embedding, Floats, Ints

Word = tuple[int, int]
"""The row of a word's vector and the id of its shape."""

REMEMBERED = 4096
"""Words that are remembered, 6 KB each."""
KEPT = REMEMBERED // 2
"""Words that stay, those in the most batches, when there is no more room; more than a batch has tokens."""
BLOCKS = (8, 4, 2, 1)
"""Words that are computed together: the first of these for which a row's place does not change its bits."""


class FirstLayer:
    """The first layers of several encoders side by side."""

    def __init__(self, embedding: Embedding, weights: Sequence[Floats], shapes: Sequence[Floats]) -> None:
        """`weights` are each layer's, words and shapes by three times filters, `shapes` its vectors of shapes."""
        self._embedding = embedding
        words = embedding.codes.shape[0] * embedding.codes.shape[2]
        filters = [weight.shape[1] // 3 for weight in weights]
        self._ends = np.cumsum(filters)
        by_place = [weight.reshape(len(weight), 3, -1) for weight in weights]
        self._words = np.ascontiguousarray(np.concatenate([w[:words] for w in by_place], axis=2).reshape(words, -1))
        self._shapes = np.concatenate(
            [np.tensordot(table, w[words:], 1) for table, w in zip(shapes, by_place, strict=True)], axis=2
        )  # fmt: skip
        self._block = next(size for size in BLOCKS if _alike(self._words, size))
        self._given = np.zeros((REMEMBERED, 3, int(self._ends[-1])), np.float32)
        """What each remembered word gives to the row after it, to its own, to the row before; row 0 gives nothing."""
        self._uses = np.zeros(REMEMBERED, np.int64)
        self._slots: dict[Word, int] = {}

    def __call__(self, rows: Sequence[Word | None]) -> list[Floats]:
        """The sums of each encoder for a batch: rows by filters. None is a separator, and the last row is one."""
        slots = self._remembered(rows)
        flat = self._given.reshape(-1, self._given.shape[2])
        sums: Floats = flat.take(slots * 3 + 1, axis=0)
        sums[1:] += flat.take(slots[:-1] * 3, axis=0)
        sums[:-1] += flat.take(slots[1:] * 3 + 2, axis=0)
        return [np.ascontiguousarray(part) for part in np.split(sums, self._ends[:-1], axis=1)]

    def _remembered(self, rows: Sequence[Word | None]) -> Ints:
        """Where each row's word is remembered."""
        distinct = {row for row in rows if row is not None}
        if len(self._slots) + 1 + len(distinct) > REMEMBERED:
            self._forget()
        fresh = [word for word in sorted(distinct) if word not in self._slots]
        for start in range(0, len(fresh), self._block):
            self._learn(fresh[start : start + self._block])
        known = self._slots
        slots = np.array([0 if row is None else known[row] for row in rows])
        self._uses[slots] += 1
        return slots

    def _learn(self, words: Sequence[Word]) -> None:
        first = len(self._slots) + 1
        ids, shapes = np.array(words).T
        block = np.zeros((self._block, len(self._words)), np.float32)
        block[: len(words)] = self._embedding.vectors(ids)
        given = (block @ self._words)[: len(words)].reshape(len(words), *self._given.shape[1:])
        self._given[first : first + len(words)] = given + self._shapes[shapes]
        self._uses[first : first + len(words)] = 0
        self._slots.update((word, first + i) for i, word in enumerate(words))

    def _forget(self) -> None:
        """All but the words of the most batches; what lies longer ago counts half."""
        held = sorted(self._slots.items(), key=lambda item: -self._uses[item[1]])[:KEPT]
        slots = np.array([0, *(slot for _, slot in held)])
        self._given[: len(slots)] = self._given[slots]
        self._uses[: len(slots)] = self._uses[slots] // 2
        self._slots = {word: place for place, (word, _) in enumerate(held, 1)}


def _alike(weight: Floats, size: int) -> bool:
    """Whether each row of a product of so many rows has the same bits wherever it stands."""
    chance = np.random.default_rng(size)
    row = chance.standard_normal(len(weight), np.float32)
    seen = set()
    for place in range(size):
        rows = chance.standard_normal((size, len(weight)), np.float32)
        rows[place] = row
        seen.add((rows @ weight)[place].tobytes())
    return len(seen) == 1
