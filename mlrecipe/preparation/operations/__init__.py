"""The operations that a preparation is made of, each as plain data with its executors.

Importing this package makes every built-in operation known by its name.
"""

from mlrecipe.preparation.operations import categorical, images, numeric, text

__all__ = ["categorical", "images", "numeric", "text"]
