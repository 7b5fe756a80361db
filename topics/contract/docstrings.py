"""What the code says of itself beyond `__doc__`: the string below a constant or a member of an enumeration."""

from __future__ import annotations

import ast
import inspect
from enum import Enum
from itertools import pairwise
from types import ModuleType


def meanings(where: ModuleType | type[Enum]) -> dict[str, str]:
    """The string below each assignment of a module or an enumeration, on one line, by the value that is assigned."""
    body = ast.parse(inspect.getsource(where)).body
    if isinstance(body[0], ast.ClassDef):
        body = body[0].body
    found: dict[str, str] = {}
    for statement, below in pairwise(body):
        match statement, below:
            case ast.Assign(targets=[ast.Name(name)]), ast.Expr(ast.Constant(str(text))):
                value = getattr(where, name)
                found[str(value.value if isinstance(value, Enum) else value)] = " ".join(text.split())
    return found
