"""The operations that a preparation is made of, each as plain data with its executors.

Importing this package makes every built-in operation known by its name.
"""

from mlrecipe.preparation.operations import categorical, numeric, subwords, text

__all__ = ["categorical", "numeric", "subwords", "text"]
