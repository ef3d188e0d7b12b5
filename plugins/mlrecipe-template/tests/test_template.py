"""The conformance suite over the package's components, and what they compute."""

import numpy as np
import pytest
from mlrecipe_template import Brier

from mlrecipe.testing import check_component


def test_conformance():
    check_component(Brier)


def test_known_value():
    y, outputs = np.array([[1.0], [0.0]]), np.array([[0.8], [0.4]])
    assert Brier().score(y, outputs) == pytest.approx((0.2**2 + 0.4**2) / 2)
