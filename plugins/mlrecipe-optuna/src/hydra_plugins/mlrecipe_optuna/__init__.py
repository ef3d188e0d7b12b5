"""The sweeper ``hydra/sweeper=mlrecipe_optuna``; Hydra finds it by its place."""

from hydra_plugins.mlrecipe_optuna.sweeper import OptunaSweeper

__all__ = ["OptunaSweeper"]
