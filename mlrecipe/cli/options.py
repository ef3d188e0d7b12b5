"""``mlrecipe options``: the components of every group, with their fields."""

from __future__ import annotations

import argparse
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from mlrecipe.cli.common import add_plugin, registry_of

if TYPE_CHECKING:
    from mlrecipe.component import Component
    from mlrecipe.registry import Registry


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("group", nargs="?", help="a group, or one option: protocol=kfold")
    add_plugin(parser)


def main(args: argparse.Namespace) -> int:
    """Print the groups, or the options of one with all that can be set."""
    from mlrecipe.errors import MlrecipeError, nearest
    from mlrecipe.interfaces import GROUPS, MULTIPLE
    from mlrecipe.registry import NOT_PROVIDED

    registry = registry_of(args)
    if args.group is None:
        for group, kind in GROUPS.items():
            several = " (several)" if group in MULTIPLE else ""
            print(f"{group}{several}: {kind.summary()}")
            print(f"    {', '.join(sorted(registry.components[group]))}")
        return 0
    group, _, name = args.group.partition("=")
    if group not in GROUPS:
        close = nearest(group, GROUPS)
        raise MlrecipeError(
            f"there is no group {group!r}" + (f"; did you mean {close!r}?" if close else ""),
            expected=f"one of {', '.join(GROUPS)}",
        )
    for option in [name] if name else sorted(registry.components[group]):
        _print_option(registry.find(group, option), registry)
    for option, does in NOT_PROVIDED.get(group, {}).items():
        if not name and option not in registry.components[group]:
            print(f"{group}={option}  [no installed plugin provides it]")
            print(f"    {does[0].upper()}{does[1:]}.")
    return 0


def _print_option(kind: type[Component], registry: Registry) -> None:
    from mlrecipe.component import settings_of

    missing = kind.missing_packages()
    needs = f"  needs: pip install {' '.join(missing)}" if missing else ""
    print(f"{kind.group}={kind.name}  [{registry.provider(kind)}]{needs}")
    print(f"    {kind.summary()}")
    for field, info, value in settings_of(kind):
        default = "mandatory" if info.is_required() else f"default {value!r}"
        print(f"    {field} ({type_in_words(info.annotation)}, {default})")
        if info.description:
            print(f"        {info.description}")


def type_in_words(annotation: Any) -> str:
    """Return a type as a reader would write it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_in_words(arguments[0])
    if origin is Literal:
        return f"one of {', '.join(map(str, arguments))}"
    if origin in (Union, UnionType):
        return " or ".join(map(type_in_words, arguments))
    if origin in (tuple, list):
        return f"list of {type_in_words(arguments[0])}"
    if origin is dict:
        return f"mapping of {type_in_words(arguments[0])} to {type_in_words(arguments[1])}"
    return "null" if annotation is NoneType else str(annotation.__name__)
