"""Where every number around the recurrent layers comes from, and every gradient."""

from rnnviz.model.provenance.around.describing import (
    accessible_name,
    describe,
    knows,
    settled,
    unit_count,
    values_of,
)
from rnnviz.model.provenance.around.dissecting import dissect, sources
from rnnviz.model.provenance.around.whole import Half, Reach, Steps, Whole

__all__ = [
    "Half",
    "Reach",
    "Steps",
    "Whole",
    "accessible_name",
    "describe",
    "dissect",
    "knows",
    "settled",
    "sources",
    "unit_count",
    "values_of",
]
