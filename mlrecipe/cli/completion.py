"""``mlrecipe completion``: the shell code that completes commands, overrides and options."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

SCRIPTS = {
    "bash": """\
_mlrecipe() {
  local line="${COMP_LINE:0:COMP_POINT}" IFS=$'\\n'
  local word="${line##* }" kept=""
  # readline replaces only what follows the last word break inside the word
  [[ $COMP_WORDBREAKS == *=* ]] && kept="${word%"${word##*[=:]}"}"
  local found=($(mlrecipe completion query --line "$line" 2>/dev/null))
  COMPREPLY=("${found[@]#"$kept"}")
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=./] ]] && compopt -o nospace
}
complete -o default -F _mlrecipe mlrecipe
""",
    "zsh": """\
_mlrecipe() {
  local -a found
  found=("${(@f)$(mlrecipe completion query --line "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -Q -S '' -- "${found[@]}"; else _files; fi
}
compdef _mlrecipe mlrecipe
""",
    "fish": """\
function __mlrecipe_complete
  mlrecipe completion query --line (commandline --cut-at-cursor | string collect) 2>/dev/null
end
complete --command mlrecipe --arguments '(__mlrecipe_complete)'
""",
}

COMPOSING = ("run", "check", "show")
"""Commands that take Hydra overrides."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=(*SCRIPTS, "query"), help="for which shell")
    parser.add_argument("--line", default="", help=argparse.SUPPRESS)
    parser.epilog = (
        'bash: eval "$(mlrecipe completion bash)"   zsh: eval "$(mlrecipe completion zsh)"   '
        "fish: mlrecipe completion fish | source"
    )


def main(args: argparse.Namespace) -> int:
    """Print a shell's code, or, when that code asks, what may stand at the end of a line."""
    if args.shell != "query":
        print(SCRIPTS[args.shell], end="")
        return 0
    print("\n".join(candidates(args.line)))
    return 0


def candidates(line: str) -> list[str]:
    """Return what may stand for the last word of a command line, as typed so far."""
    from mlrecipe.cli import COMMANDS
    from mlrecipe.interfaces import GROUPS

    words = line.split(" ")
    last = words[-1]
    if len(words) == 2:
        return [name for name in COMMANDS if name.startswith(last)]
    if len(words) < 2:
        return []
    if words[1] in COMPOSING and not last.startswith("-"):
        return _overrides(" ".join(words[2:]))
    if words[1] == "options":
        return [group for group in GROUPS if group.startswith(last)]
    return []


def _overrides(line: str) -> list[str]:
    """Return what Hydra knows to complete the last override of a line by."""
    from hydra._internal.core_plugins.bash_completion import BashCompletion

    from mlrecipe.composing.search_path import hydra_loader
    from mlrecipe.registry import load_registry

    last = line.rpartition(" ")[2]
    with hydra_loader(load_registry(), None, None) as loader:
        found = BashCompletion(loader)._query("config", line)
    if last.startswith("recipe=") and os.sep not in last:
        found += [f"recipe={path}" for path in _recipe_files(last.removeprefix("recipe="))]
    return sorted(name for name in found if not name.startswith("hydra") or last[:1] == "h")


def _recipe_files(start: str) -> list[str]:
    return [path.name for path in Path().glob("*.yaml") if path.name.startswith(start)]
