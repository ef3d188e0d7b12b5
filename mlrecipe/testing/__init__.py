"""A conformance suite for components: third parties run it over their own in one test."""

from mlrecipe.testing.conformance import check_component

__all__ = ["check_component"]
