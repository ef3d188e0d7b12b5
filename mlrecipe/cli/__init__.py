"""The command line. Each command is a module; only the one that is asked for is imported."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

COMMANDS = {
    "run": "carry out a recipe, or sweep over it with -m",
    "check": "compose and validate a recipe, run nothing",
    "show": "print the resolved recipe with the source of each value, and its steps",
    "options": "list the components that a recipe can choose from",
    "new": "draft a recipe from a data file",
    "status": "say how far a run got and what it found",
    "resume": "go on where a run stopped",
    "compare": "rank runs by their scores on validation rows",
    "finalize": "open the test set for the winner of a sweep",
    "ledger": "say who looked at validation rows, and opened the test set",
    "predict": "answer the rows of a file",
    "serve": "answer over HTTP",
    "plugins": "list the packages that bring components",
    "schema": "print a JSON schema of recipes, for editors",
    "completion": "print the shell code that completes commands and overrides",
}
"""Name -> what it does; the module of that name has ``configure(parser)`` and ``main(args)``."""

BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0: done; 1: it failed; 2: the recipe or the command line has faults; 3: a gate holds the run;
    130: interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if len(words) and words[0] in COMMANDS:
            return _command(words[0], words[1:])
        _root_parser().parse_args(words)
        _root_parser().print_help()
        return 0 if not words else 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _root_parser() -> argparse.ArgumentParser:
    from mlrecipe import __version__

    listing = "\n".join(f"  {name:<11} {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="mlrecipe",
        usage="mlrecipe COMMAND …",
        description="A machine-learning project from framed problem to watched model, "
        "from one recipe.",
        epilog=f"commands:\n{listing}\n\nmlrecipe COMMAND --help says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mlrecipe {__version__}")
    parser.add_argument("command", nargs="?", type=_known, help=argparse.SUPPRESS)
    return parser


def _known(name: str) -> str:
    from mlrecipe.errors import nearest

    close = nearest(name, COMMANDS)
    hint = f"; did you mean {close!r}?" if close else ""
    raise argparse.ArgumentTypeError(f"there is no command {name!r}{hint}")


def _command(name: str, words: list[str]) -> int:
    module = importlib.import_module(f"mlrecipe.cli.{name}")
    parser = argparse.ArgumentParser(
        prog=f"mlrecipe {name}",
        description=COMMANDS[name][0].upper() + COMMANDS[name][1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.configure(parser)
    args = parser.parse_intermixed_args(words)

    from mlrecipe.errors import Blocked, MlrecipeError, RecipeError

    try:
        return int(module.main(args))
    except Blocked as error:
        print(f"held at a gate: {error}", file=sys.stderr)
        return 3
    except RecipeError as error:
        print(error, file=sys.stderr)
        return 2
    except MlrecipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
