"""What a recipe says of the existing solution has to be something that can be carried out."""

from __future__ import annotations

from mlrecipe.errors import Fault
from mlrecipe.expressions import ExpressionError, parse_expression
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry


def _one_of_rule_and_column(recipe: Recipe, registry: Registry) -> list[Fault]:
    existing = recipe.problem.existing
    if existing is None or bool(existing.rule) != bool(existing.column):
        return []
    both = bool(existing.rule)
    return [
        Fault(
            "problem.existing",
            "rule and column are both given" if both else "neither rule nor column is given",
            expected="the rule that decides today, or the column with what was decided",
            fix="keep one of them"
            if both
            else "problem.existing.rule='amount > 500', or leave problem.existing out",
        )
    ]


def _rule_can_be_read(recipe: Recipe, registry: Registry) -> list[Fault]:
    existing = recipe.problem.existing
    if existing is None or not existing.rule:
        return []
    path = "problem.existing.rule"
    try:
        columns = [column.name for column in parse_expression(existing.rule).columns()]
    except ExpressionError as error:
        return [
            Fault(
                path,
                f"{error.problem}, at {error.where}",
                expected=error.expected,
                received=existing.rule,
                fix=error.fix,
            )
        ]
    targets = [name for name in columns if name in recipe.problem.target]
    if targets:
        return [
            Fault(
                path,
                f"the rule reads the target {targets[0]!r}, which it has to tell",
                received=existing.rule,
                fix="name the column with the decision instead: problem.existing.column",
            )
        ]
    return []


def _decision_is_no_target(recipe: Recipe, registry: Registry) -> list[Fault]:
    existing, problem = recipe.problem.existing, recipe.problem
    if existing is None or existing.column not in problem.target:
        return []
    return [
        Fault(
            "problem.existing.column",
            f"{existing.column!r} is the target: people's decision would be held against itself",
            expected="the column with what was decided, beside a target with what came of it",
            fix="leave problem.existing out when the target is the decision",
        )
    ]


def _one_target(recipe: Recipe, registry: Registry) -> list[Fault]:
    if recipe.problem.existing is None or len(recipe.problem.target) == 1:
        return []
    return [
        Fault(
            "problem.existing",
            f"an existing solution gives one answer, and there are {len(recipe.problem.target)} "
            "targets",
            fix="make a recipe for each target, or leave problem.existing out",
        )
    ]


def _answer_is_comparable(recipe: Recipe, registry: Registry) -> list[Fault]:
    task = recipe.task
    if recipe.problem.existing is None or task.name == "auto" or task.simple:
        return []
    return [
        Fault(
            "problem.existing",
            f"a rule or a column gives a label or a number, and task={task.name} asks for neither",
            fix="leave problem.existing out; say how cases are handled in problem.used_by",
        )
    ]


EXISTING_RULES = (
    _answer_is_comparable,
    _one_of_rule_and_column,
    _rule_can_be_read,
    _decision_is_no_target,
    _one_target,
)
