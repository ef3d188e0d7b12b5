"""``mlrecipe plugins``: who brings which components, and what could not be loaded."""

from __future__ import annotations

import argparse

from mlrecipe.cli.common import add_plugin, registry_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--traceback", action="store_true", help="for authors of broken plugins")
    add_plugin(parser)


def main(args: argparse.Namespace) -> int:
    """Print providers with their components, conflicts, and broken plugins with their errors."""
    registry = registry_of(args)
    brought: dict[str, list[str]] = {}
    for kind, provider in registry.providers.items():
        brought.setdefault(str(provider), []).append(f"{kind.group}={kind.name}")
    for origin, names in brought.items():
        print(f"{origin}: {len(names)} components")
        if not origin.startswith("mlrecipe "):
            print(f"    {', '.join(names)}")
    for plugin in registry.broken:
        print(f"broken: {plugin.name} ({plugin.provider}): {plugin.error}")
        if args.traceback:
            print(plugin.details)
    for conflict in registry.conflicts:
        print(f"conflict: {conflict}")
    return 1 if registry.conflicts else 0
