"""What a device needs besides the LiteRT file: its preparation; what goes in and comes out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from mlrecipe.bundle.javascript import MODULE, SCRIPT
from mlrecipe.files import read_json, write_json
from mlrecipe.preparation.preparation import Preparation
from mlrecipe.preparation.target_codec import TargetCodec

if TYPE_CHECKING:
    import keras


def write_device_notes(model: keras.Model, bundle: Path) -> None:
    """Write ``device.json``: inputs and outputs in the model's order; and ``prepare.mjs``."""
    shutil.copy(SCRIPT, bundle / MODULE)
    preparation = Preparation.load(bundle / "preparation.json")
    codec = TargetCodec.model_validate(read_json(bundle / "target.json"))
    names, output = codec.columns, model.output
    if len(output.shape) == 2 and output.shape[1] not in (len(names), len(codec.labels)):
        column = codec.columns[0] if codec.columns else "output"
        names = tuple(f"{column}_{i}" for i in range(output.shape[1]))  # an embedding, distances
    if codec.labels:
        names = tuple(map(str, codec.labels[-1:] if len(codec.labels) == 2 else codec.labels))
    write_json(
        bundle / "device.json",
        {
            "model": "model.tflite",
            "inputs": [spec.model_dump(mode="json") for spec in preparation.tensors],
            "features": preparation.feature_names(),
            "preparation": "preparation.json",
            "prepared_by": MODULE,
            "output": {"dtype": "float32", "shape": [None, *output.shape[1:]]},
            "outputs": list(names),
        },
    )
