"""Inputs that nobody would write, thousands of them: frames, record batches, articles, texts.

`frames`, `batches`, `articles` and `texts` make the inputs; `targets` says what must hold of each; `engine` runs a
target, counts, and writes down what failed. The suite runs a short part, `make fuzz` the long one.
"""
