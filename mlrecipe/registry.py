"""Collects components and hooks from plugins: built-in, installed, and local files."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from types import ModuleType

import pluggy

from mlrecipe import hookspecs
from mlrecipe.component import Component
from mlrecipe.errors import MlrecipeError, nearest
from mlrecipe.interfaces import GROUPS

BUILT_IN = (
    "task.auto",
    "task.binary",
    "task.multiclass",
    "task.multilabel",
    "task.regression",
    "task.similarity",
    "task.segmentation",
    "task.detection",
    "task.recommendation",
    "task.clustering",
    "source.arrays",
    "source.csv",
    "source.huggingface",
    "source.images",
    "source.interactions",
    "source.jsonl",
    "source.openml",
    "source.parquet",
    "source.sklearn",
    "source.sql",
    "source.tfds",
    "source.text_folder",
    "source.url",
    "source.generated",
    "schema.inferred",
    "schema.declared",
    "schema.file",
    "checks.missing",
    "checks.constant",
    "checks.identifiers",
    "checks.cardinality",
    "checks.mixed",
    "checks.duplicates",
    "checks.imbalance",
    "checks.label_errors",
    "checks.outliers",
    "checks.leak",
    "checks.correlation",
    "checks.scales",
    "checks.order",
    "checks.production_columns",
    "checks.production_joint",
    "checks.sampling_shares",
    "checks.periods",
    "checks.concept_drift",
    "preprocessing.by_kind",
    "engine.local",
    "engine.processes",
    "protocol.auto",
    "protocol.holdout",
    "protocol.iterated_kfold",
    "protocol.kfold",
    "protocol.spatial_blocks",
    "protocol.time_ordered",
    "baseline.auto",
    "baseline.constant",
    "baseline.last_value",
    "baseline.linear",
    "baseline.tfidf_linear",
    "baseline.recommendation",
    "baseline.clustering",
    "baseline.existing",
    "baseline.similarity",
    "baseline.nearest_neighbour",
    "baseline.of_boxes",
    "baseline.of_masks",
    "metric.auto",
    "metric.classification",
    "metric.probability",
    "metric.regression",
    "metric.rate",
    "metric.multilabel",
    "metric.ranking",
    "metric.segmentation",
    "metric.detection",
    "metric.cost",
    "metric.clustering",
    "architecture.auto",
    "architecture.text_convnet",
    "architecture.penalized_linear",
    "architecture.recurrent",
    "architecture.signal_convnet",
    "architecture.transformer",
    "architecture.linear",
    "architecture.matrix_factorization",
    "architecture.kmeans",
    "architecture.two_tower",
    "architecture.dense",
    "architecture.boosted_trees",
    "architecture.blend",
    "architecture.convnet",
    "architecture.pretrained",
    "architecture.mixed",
    "architecture.metric_learning",
    "architecture.tabular",
    "architecture.detector",
    "architecture.two_stage",
    "architecture.unet",
    "objective.auto",
    "objective.table",
    "objective.rates",
    "objective.focal",
    "objective.similarity",
    "objective.maps",
    "objective.recommendation",
    "objective.clustering",
    "training.standard",
    "tuner.bayesian",
    "tuner.grid",
    "tuner.hyperband",
    "tuner.none",
    "tuner.random",
    "compression.none",
    "compression.int8",
    "compression.pruning",
    "target.rest",
    "target.device",
)
"""Modules below `mlrecipe.components`, each a plugin like any other."""


NOT_PROVIDED = {
    "task": {
        "generation": "makes new texts, images or sounds",
        "reinforcement_learning": "learns to act, by rewards",
    }
}
"""Options that are known by name, by group, and what they do; a plugin may provide them."""


def how_to_provide(group: str, name: str) -> str:
    """Return how a plugin would provide an option that is known by name; empty for others."""
    does = NOT_PROVIDED.get(group, {}).get(name)
    if does is None:
        return ""
    kind = GROUPS[group].__name__
    return (
        f"install a plugin that provides it ({group}={name} {does}), or write one: a subclass of "
        f'mlrecipe.{kind} with name="{name}", as docs/plugins.md shows'
    )


@dataclass(frozen=True)
class Provider:
    """The package, or local file, that a component comes from."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True)
class BrokenPlugin:
    """A plugin that could not be used.

    Attributes:
        name: the entry point's name, or the file.
        provider: the package it comes from.
        error: one line that says what happened.
        details: the traceback, for the plugin's author.
    """

    name: str
    provider: Provider
    error: str
    details: str


@dataclass
class Registry:
    """All components by group and name, and the hooks of every plugin."""

    hooks: pluggy.PluginManager
    components: dict[str, dict[str, type[Component]]]
    providers: dict[type[Component], Provider] = field(default_factory=dict)
    broken: list[BrokenPlugin] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)

    def find(self, group: str, name: str) -> type[Component]:
        """Return the component of that name.

        Raises:
            MlrecipeError: when nobody provides it; suggests the nearest name.
        """
        options = self.components[group]
        if name not in options and how_to_provide(group, name):
            raise MlrecipeError(
                f"no installed plugin provides {group}={name}",
                where=group,
                expected=f"one of {', '.join(sorted(options))}",
                fix=how_to_provide(group, name),
            )
        if name not in options:
            close = nearest(name, options)
            suspects = ", ".join(f"{b.name} ({b.error})" for b in self.broken)
            raise MlrecipeError(
                f"there is no {group} named {name!r}"
                + (f"; did you mean {close!r}?" if close else ""),
                where=group,
                expected=f"one of {', '.join(sorted(options))}",
                fix=f"broken plugins may provide it: {suspects}" if suspects else "",
            )
        return options[name]

    def provider(self, component: Component | type[Component]) -> Provider:
        """Return where a component comes from."""
        kind = component if isinstance(component, type) else type(component)
        return self.providers[kind]

    def require_sound(self) -> None:
        """Raise an error when two plugins claim the same component name."""
        if self.conflicts:
            raise MlrecipeError(
                "\n".join(self.conflicts), fix="uninstall one of them, or ask its author to rename"
            )

    def _add(self, kind: type[Component], provider: Provider) -> None:
        group = kind.group
        options = self.components[group]
        other = options.get(kind.name)
        if other is None:
            options[kind.name] = kind
            self.providers[kind] = provider
        elif other is not kind:
            self.conflicts.append(
                f"two packages provide {group}={kind.name}: {self.providers[other]} and {provider}"
            )

    def _register(self, module: ModuleType, name: str, provider: Provider) -> None:
        """Take a plugin module in; whatever is wrong with it is kept in ``broken``."""
        try:
            self.hooks.register(module, name)
            self.hooks.check_pending()
            kinds = module.mlrecipe_components() if hasattr(module, "mlrecipe_components") else ()
            for kind in kinds:
                self._add(_sound(kind), provider)
        except Exception as error:
            if self.hooks.get_plugin(name) is not None:
                self.hooks.unregister(name=name)
            self._break(name, provider, error)

    def _break(self, name: str, provider: Provider, error: BaseException) -> None:
        line = f"{type(error).__name__}: {error}".partition("\n")[0]
        details = "".join(traceback.format_exception(error))
        self.broken.append(BrokenPlugin(name, provider, line, details))


def _sound(kind: object) -> type[Component]:
    """Return a component class as it is, or say why it is none."""
    if not (isinstance(kind, type) and issubclass(kind, Component)):
        raise TypeError(f"mlrecipe_components returned {kind!r}, which is no subclass of Component")
    if kind.group not in GROUPS or not issubclass(kind, GROUPS[kind.group]):
        raise TypeError(f"{kind.__name__} derives from no group; choose one of {', '.join(GROUPS)}")
    if not kind.name:
        raise TypeError(f'{kind.__name__} has no name; write class {kind.__name__}(…, name="…")')
    if inspect.isabstract(kind):
        missing = ", ".join(sorted(getattr(kind, "__abstractmethods__", ())))
        raise TypeError(f"{kind.__name__} leaves methods of its group unwritten: {missing}")
    return kind


def _load_entry_points(registry: Registry, found: Iterable[EntryPoint]) -> None:
    """Load installed plugins one by one, so that a broken one stops only what needs it."""
    for point in found:
        dist = point.dist
        provider = Provider(dist.name if dist else point.value, dist.version if dist else "")
        try:
            module = point.load()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            registry._break(point.name, provider, error)
        else:
            registry._register(module, point.name, provider)


def _load_file(registry: Registry, path: Path) -> None:
    """Load a local plugin file. Naming it on the command line is the user's consent to run it."""
    if not path.is_file():
        raise MlrecipeError(
            f"there is no plugin file {path}", where="--plugin", fix="check the path"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    name = f"mlrecipe_plugin_{path.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise MlrecipeError(f"{path} is no Python file", where="--plugin", expected="a .py file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise MlrecipeError(
            f"the plugin cannot be loaded: {type(error).__name__}: {error}",
            where=_place(error),
            fix="correct the file, or leave --plugin out",
        ) from error
    broken = len(registry.broken)
    registry._register(module, str(path), Provider(str(path), digest))
    for plugin in registry.broken[broken:]:
        raise MlrecipeError(f"the plugin cannot be used: {plugin.error}", where=str(path))


def _place(error: BaseException) -> str:
    """Return file and line of an error; a syntax error lies where nothing ran yet."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"


def _plugin_modules() -> Iterator[ModuleType]:
    for name in BUILT_IN:
        yield importlib.import_module(f"mlrecipe.components.{name}")


@functools.cache
def load_registry(files: tuple[Path, ...] = ()) -> Registry:
    """Return the registry with built-in, installed and the given local plugins.

    Args:
        files: local plugin files, as given by ``--plugin``.

    Raises:
        MlrecipeError: when a local file cannot be loaded.
    """
    hooks = pluggy.PluginManager("mlrecipe")
    hooks.add_hookspecs(hookspecs)
    registry = Registry(hooks, {group: {} for group in GROUPS})
    own = Provider("mlrecipe", version("mlrecipe"))
    for module in _plugin_modules():
        registry._register(module, module.__name__, own)
    _load_entry_points(registry, entry_points(group="mlrecipe"))
    for path in files:
        _load_file(registry, path)
    return registry
