"""A project about people answers for what it does to them, or it does not start (book, 6)."""

from __future__ import annotations

from mlrecipe.errors import Fault
from mlrecipe.problem import Ethics
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry

_WORDS = (
    "adult applicant athlete author baby borrower boy buyer candidate caregiver child citizen "
    "client consumer convict customer debtor defendant donor driver employee family farmer "
    "freelancer girl guest household human immigrant individual inhabitant inmate learner man "
    "member migrant mother nurse offender owner parent participant passenger patient pedestrian "
    "people person player policyholder prisoner pupil refugee resident respondent rider student "
    "subscriber suspect taxpayer teacher tenant traveller user victim visitor voter woman worker"
)
WORDS_FOR_PEOPLE = frozenset(_WORDS.split(" "))
"""Units of prediction that are people; a unit of several words counts by its last one."""

QUESTIONS = ("affected", "benefit", "harm", "recourse", "labels", "consent")
"""Fields of `problem.ethics` that have to be answered."""


def is_word_for_people(unit: str) -> bool:
    """Return whether a unit of prediction is a word for people, in singular or plural."""
    words = unit.lower().replace("-", " ").split()
    last = words[-1] if words else ""
    return last in WORDS_FOR_PEOPLE or last.removesuffix("s") in WORDS_FOR_PEOPLE


def _subject_is_stated(recipe: Recipe, registry: Registry) -> list[Fault]:
    problem = recipe.problem
    if problem.subject is not None or not is_word_for_people(problem.unit):
        return []
    return [
        Fault(
            "problem.subject",
            f"each case is a {problem.unit}, and the recipe does not say whether that is a person",
            expected="people, with problem.ethics answered; or things",
            fix="problem.subject=people, and answer "
            f"{', '.join(f'problem.ethics.{name}' for name in QUESTIONS)}; "
            "or say problem.subject=things",
        )
    ]


def _questions_are_answered(recipe: Recipe, registry: Registry) -> list[Fault]:
    problem = recipe.problem
    if problem.subject != "people":
        return []
    return [
        Fault(
            f"problem.ethics.{name}",
            f"a project about people has to answer: {Ethics.model_fields[name].description}",
            expected="an answer in a sentence, printed on the card, however uncomfortable",
            fix=f'problem.ethics.{name}="…"; if the cases are no people: problem.subject=things',
        )
        for name in QUESTIONS
        if not getattr(problem.ethics, name).strip(" .…?-")
    ]


ETHICS_RULES = (_subject_is_stated, _questions_are_answered)
