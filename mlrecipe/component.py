"""What one option of a group is: a frozen model whose fields are its configuration."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

if TYPE_CHECKING:
    from mlrecipe.interfaces import Facts


@dataclass(frozen=True)
class Search:
    """The range in which a tuner may look for a field's value.

    Attach it to a field: ``dropout: Annotated[float, Search(0.0, 0.6)] = 0.0``.

    Attributes:
        low, high: the ends of the range, both included.
        log: whether to draw on a logarithmic scale.
        step: distance between integer candidates.
        choices: the candidates themselves, instead of a range.
    """

    low: float = 0
    high: float = 0
    log: bool = False
    step: int = 1
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A choice that the framework made for the user.

    Attributes:
        name: the component's registered name.
        reason: why it was chosen, in a sentence without a full stop.
        fields: settings that differ from the component's defaults.
        reasons: field -> why it was set so, where each has a reason of its own.
    """

    name: str
    reason: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


class Section(BaseModel):
    """A part of a recipe: frozen, and refusing keys that it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, use_attribute_docstrings=False
    )


def section_in(annotation: Any) -> type[Section] | None:
    """Return the section that a field holds, also one that may be left out; None: it holds none."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def settings_of(section: type[Section]) -> Iterator[tuple[str, FieldInfo, Any]]:
    """Yield dotted key, field and default of every setting, those of sections below one by one."""
    for name, info in section.model_fields.items():
        default = (
            PydanticUndefined if info.is_required() else info.get_default(call_default_factory=True)
        )
        below = section_in(info.annotation)
        if below is None or not isinstance(default, Section):
            yield name, info, default
            continue
        for key, inner, _ in settings_of(below):
            value: Any = default
            for part in key.split("."):
                value = getattr(value, part)
            yield f"{name}.{key}", inner, value


class Component(Section):
    """One option of a group. Its fields are the schema, its methods are the behaviour.

    Class arguments:
        name: how a recipe chooses it (``architecture=dense``).
        requires: import name -> what to install, for packages that it needs beyond mlrecipe's own.

    Any further class argument sets the class variable of that name, which the group declares
    (``class Conv1D(Network, name="conv1d", accepts={"sequence"})``).
    """

    group: ClassVar[str] = ""
    name: ClassVar[str] = ""
    requires: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **arguments: Any) -> None:
        # Python hands class arguments here; pydantic hands them on once the class is complete.
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, **arguments: Any) -> None:
        super().__pydantic_init_subclass__()
        for key, value in arguments.items():
            if key not in cls.__class_vars__:
                raise TypeError(
                    f"{cls.__name__}: unknown class argument {key}={value!r}; "
                    f"known: {', '.join(sorted(cls.__class_vars__))}"
                )
            setattr(cls, key, value)

    @classmethod
    def missing_packages(cls) -> list[str]:
        """Return what has to be installed before this component can be used."""
        return [
            install
            for module, install in cls.requires.items()
            if importlib.util.find_spec(module) is None
        ]

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the docstring."""
        return (inspect.getdoc(cls) or "").partition("\n")[0]

    def resolve(self, facts: Facts) -> tuple[Choice, ...] | None:
        """Return what this component stands for, once the data is known; None: for itself.

        Components named ``auto`` override it. What they return is logged with its reason.
        """
        return None

    def mapping(self) -> dict[str, Any]:
        """Return the component as it stands in a recipe: its name and its fields."""
        return {"name": self.name, **self.model_dump(mode="json")}


def searches(component: Component) -> dict[str, Search]:
    """Return the fields of a component that a tuner may vary, with their ranges."""
    found = {}
    for name, info in type(component).model_fields.items():
        ranges = [item for item in info.metadata if isinstance(item, Search)]
        if ranges:
            found[name] = ranges[0]
    return found
