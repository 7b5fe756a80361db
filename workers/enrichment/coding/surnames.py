"""When two surnames are one: in another case, or spelled with another letter."""

from __future__ import annotations

_ENDINGS = "аеиоуыэюяйь"
_FUZZY_FROM = 6


def same_surname(one: str, other: str) -> bool:
    """Whether two surnames (lemmas) are one: the same but for an inflection or, in long ones, for one letter."""
    if one == other:
        return True
    a, b = one.rstrip(_ENDINGS), other.rstrip(_ENDINGS)
    if a == b and len(a) >= 3:
        return True
    return min(len(a), len(b)) >= _FUZZY_FROM and a[0] == b[0] and _one_edit(a, b)


def _one_edit(a: str, b: str) -> bool:
    """Whether one letter replaced, added or dropped turns `a` into `b`."""
    if abs(len(a) - len(b)) > 1:
        return False
    short, long = sorted((a, b), key=len)
    i = 0
    while i < len(short) and short[i] == long[i]:
        i += 1
    return short[i:] == long[i + 1 :] if len(short) < len(long) else short[i + 1 :] == long[i + 1 :]
