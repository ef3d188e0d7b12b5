"""The conformance suite over the package's components, and what they compute."""

import numpy as np
import pytest
from mlrecipe_template import Spherical

from mlrecipe.testing import check_component


def test_conformance():
    check_component(Spherical)


def test_known_value():
    y, outputs = np.array([[1.0], [0.0]]), np.array([[0.8], [0.4]])
    expected = [0.8 / np.hypot(0.8, 0.2), 0.6 / np.hypot(0.6, 0.4)]
    assert Spherical().score(y, outputs) == pytest.approx(np.mean(expected))
