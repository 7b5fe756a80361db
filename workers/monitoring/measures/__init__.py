"""Measures of how two states treat each other, computed from joined events that happened. Pure.

sums         what is added up, exactly           scores       means, net cooperation, intensity
windows      the last 7, 30, 90 and 365 days     reciprocity  the two directions side by side
temperature  an index from 0 to 100              trend        a window against the one before

docs/consumers.md has every formula with its source.
"""

from workers.monitoring.measures.reciprocity import Reciprocity, reciprocity
from workers.monitoring.measures.scores import Scores, scores
from workers.monitoring.measures.sums import NOTHING, Direction, Sums, total
from workers.monitoring.measures.temperature import Temperature, Told, temperature
from workers.monitoring.measures.trend import Trend, trend
from workers.monitoring.measures.windows import BUCKETS, WINDOWS, Window, bucket_edges, windows

__all__ = [
    "BUCKETS",
    "NOTHING",
    "WINDOWS",
    "Direction",
    "Reciprocity",
    "Scores",
    "Sums",
    "Temperature",
    "Told",
    "Trend",
    "Window",
    "bucket_edges",
    "reciprocity",
    "scores",
    "temperature",
    "total",
    "trend",
    "windows",
]
