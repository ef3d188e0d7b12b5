"""Reads a file from the web, fetched once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

import mlrecipe
from mlrecipe.reading.credentials import SecretFreeUrl

if TYPE_CHECKING:
    import pandas as pd


class URL(mlrecipe.Source, name="url"):
    """A file on the web: fetched once, checked by its SHA-256, and kept under mlrecipe's home.

    A cut-off download goes on where it stopped. Without ``sha256`` the checksum of the first
    download is set in the run's recipe, so that a later change of the file does not go unnoticed.
    """

    url: SecretFreeUrl = Field(
        min_length=1,
        pattern=r"^(https?://.+|\$\w+)$",
        description="The address, http or https; $NAME is taken from the environment.",
    )
    sha256: str | None = Field(
        None,
        pattern=r"^[0-9a-fA-F]{64}$",
        description="Checksum that the file must have; null takes the first download's.",
    )
    format: Literal["csv", "jsonl", "parquet"] | None = Field(
        None, description="What the file is; null: told from the address's ending."
    )
    options: dict[str, Any] = Field(
        {}, description="Settings of the source that reads the file, as delimiter of csv."
    )

    @field_validator("options")
    @classmethod
    def _without_path(cls, options: dict[str, Any]) -> dict[str, Any]:
        if "path" in options:
            raise ValueError("settings without a path: the address names the file")
        return options

    def chunks(self) -> Iterator[pd.DataFrame]:
        yield from self._reader().chunks()

    def discover(self) -> mlrecipe.Choice | None:
        from mlrecipe.files import file_digest

        reader = self._reader()
        fields: dict[str, Any] = {}
        reasons: dict[str, str] = {}
        if self.sha256 is None:
            fields["sha256"] = file_digest(self._file())
            reasons["sha256"] = "the checksum of the file as it was fetched"
        if self.format is None:
            fields["format"], reasons["format"] = reader.name, "told from the address's ending"
        inner = reader.discover()
        if inner is not None:
            fields["options"] = {**self.options, **inner.fields}
            reasons["options"] = inner.reason
        if not fields:
            return None
        reason = "; ".join(f"{key}: {why}" for key, why in reasons.items())
        return mlrecipe.Choice(self.name, reason, fields, reasons)

    def fingerprint(self) -> str:
        return self._reader().fingerprint()

    def _file(self) -> Path:
        from mlrecipe.reading.downloads import fetched

        return fetched(self.url, self.sha256)

    def _reader(self) -> mlrecipe.Source:
        from pydantic import ValidationError

        from mlrecipe.reading.choosing import kind_by_ending
        from mlrecipe.registry import load_registry

        kind = self.format or kind_by_ending(self.url.partition("?")[0])
        if kind not in ("csv", "jsonl", "parquet"):
            raise mlrecipe.MlrecipeError(
                f"the ending of {self.url} does not say what the file is",
                where="source.format",
                expected="csv, jsonl or parquet",
                fix="name it: source.format=csv",
            )
        component = load_registry().find("source", kind)
        try:
            return component(path=str(self._file()), **self.options)  # type: ignore[return-value,call-arg]
        except ValidationError as error:
            item = error.errors()[0]
            name = ".".join(map(str, item["loc"]))
            raise mlrecipe.MlrecipeError(
                f"source={kind} refuses {name}: {item['msg']}",
                where=f"source.options.{name}",
                expected=f"a setting of source={kind}: {', '.join(component.model_fields)}",
            ) from None


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [URL]
