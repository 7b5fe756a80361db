"""The API keeps to its own OpenAPI document, whatever it is asked."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

OPERATIONS = 12
"""Those of the document, but for the stream, which has no end."""


@pytest.fixture(scope="module")
def document(address: str) -> schemathesis.BaseSchema:
    """The document, with the server behind it."""
    return schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json").exclude(path="/api/v1/stream")


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_one_that_the_document_foresees(
    document: schemathesis.BaseSchema, mode: GenerationMode
) -> None:
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) == OPERATIONS
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and not list(operation.iter_parameters()):
            continue  # nothing can be asked wrongly

        @settings(
            max_examples=12,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            deadline=None,
            derandomize=True,
        )
        @given(operation.as_strategy(generation_mode=mode))
        def asked(case: Case) -> None:
            # A cursor is none if somebody made it up, which no document can say.
            left_out = [positive_data_acceptance] if "cursor" in (case.query or {}) else []
            case.call_and_validate(excluded_checks=left_out)

        asked()
