"""What Hydra composes from beside files: the registered components, and flat folders of recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.core.object_type import ObjectType
from hydra.core.singleton import Singleton
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource
from omegaconf import OmegaConf

from mlrecipe.component import Component, Section
from mlrecipe.composing.yaml_lines import load_yaml
from mlrecipe.interfaces import MULTIPLE
from mlrecipe.registry import Registry


@dataclass(frozen=True)
class Entry:
    """A component as Hydra composes it: where its settings go, who provides it, its defaults."""

    package: str
    provider: str
    defaults: dict[str, Any]


class Catalogue(metaclass=Singleton):
    """All components, as plain data: group -> name -> entry.

    Hydra's launchers carry its singletons to other processes. Its own `ConfigStore` is one, too,
    but Hydra copies that each time it composes anything: no place for hundreds of components.
    """

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Entry]] = {}

    def fill(self, registry: Registry) -> None:
        """Take in the components of a registry, in place of those before."""
        self.groups = {
            group: {name: _entry(kind, registry) for name, kind in options.items()}
            for group, options in registry.components.items()
        }


def _entry(kind: type[Component], registry: Registry) -> Entry:
    package = f"{kind.group}.{kind.name}" if kind.group in MULTIPLE else kind.group
    return Entry(package, str(registry.provider(kind)), defaults_of(kind))


class Components(ConfigSource):
    """The catalogue, seen by Hydra as options of config groups."""

    @staticmethod
    def scheme() -> str:
        return "components"

    def load_config(self, config_path: str) -> ConfigResult:
        entry = self._find(config_path)
        if entry is None:
            raise ConfigLoadError(f"there is no component {config_path}")
        return ConfigResult(
            config=OmegaConf.create(entry.defaults),
            path=self.full_path(),
            provider=entry.provider,
            header={"package": entry.package},
        )

    def available(self) -> bool:
        return True

    def is_group(self, config_path: str) -> bool:
        return config_path == "" or config_path.strip("/") in self._groups

    def is_config(self, config_path: str) -> bool:
        return self._find(config_path) is not None

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        if config_path == "":
            return sorted(self._groups) if results_filter in (None, ObjectType.GROUP) else []
        options = self._groups.get(config_path.strip("/"), {})
        return sorted(options) if results_filter in (None, ObjectType.CONFIG) else []

    @property
    def _groups(self) -> dict[str, dict[str, Entry]]:
        return Catalogue.instance().groups

    def _find(self, config_path: str) -> Entry | None:
        group, _, name = config_path.strip("/").removesuffix(".yaml").rpartition("/")
        return self._groups.get(group, {}).get(name)


class RecipeFolder(FileConfigSource):
    """A flat folder of recipes, seen by Hydra as the config group ``recipe``."""

    def __init__(self, provider: str, path: str) -> None:
        super().__init__(provider, path)
        self.path = path.removeprefix(f"{self.scheme()}://")

    @staticmethod
    def scheme() -> str:
        return "recipes"

    def load_config(self, config_path: str) -> ConfigResult:
        name = self._name(self._normalize_file_name(config_path))
        path = Path(self.path) / (name or "")
        if name is None or not path.is_file():
            raise ConfigLoadError(f"there is no recipe {config_path}")
        text = path.read_text(encoding="utf-8")
        header = self._get_header_dict(text)
        config = OmegaConf.create(load_yaml(text, path) or {})
        return ConfigResult(
            config=config, path=f"file://{self.path}", provider=self.provider, header=header
        )

    def available(self) -> bool:
        return Path(self.path).is_dir()

    def is_group(self, config_path: str) -> bool:
        return config_path in ("", "recipe")

    def is_config(self, config_path: str) -> bool:
        name = self._name(self._normalize_file_name(config_path))
        return name is not None and (Path(self.path) / name).is_file()

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        if config_path == "" and results_filter in (None, ObjectType.GROUP):
            return ["recipe"]
        if config_path.strip("/") == "recipe" and results_filter in (None, ObjectType.CONFIG):
            return sorted(path.stem for path in Path(self.path).glob("*.yaml"))
        return []

    @staticmethod
    def _name(config_path: str) -> str | None:
        return config_path.removeprefix("recipe/") if config_path.startswith("recipe/") else None


def defaults_of(kind: type[Component]) -> dict[str, Any]:
    """Return a component's name and default values as plain data; mandatory fields are left out."""
    values = {
        name: _plain(info.get_default(call_default_factory=True))
        for name, info in kind.model_fields.items()
        if not info.is_required()
    }
    return {"name": kind.name, **values}


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return str(value) if isinstance(value, Path) else value
