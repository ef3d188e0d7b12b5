"""The JavaScript executor in a real browser: formats that Node cannot decode."""

from __future__ import annotations

import base64
import http.server
import json
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlrecipe.bundle.javascript import SCRIPT
from mlrecipe.preparation.operations.images import Picture

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

PAGE = """
<script type="module">
import { Preparation } from "./prepare.mjs";
const answers = [];
for (const { content, file } of await (await fetch("cases.json")).json()) {
  const preparation = new Preparation(content);
  const photo = Uint8Array.from(atob(file), (byte) => byte.charCodeAt(0));
  try {
    answers.push([...(await preparation.prepare([{ photo }])).photo.data]);
  } catch (error) {
    answers.push(String(error));
  }
}
await fetch("answers", { method: "POST", body: JSON.stringify(answers) });
</script>
"""


def answers_of_browser(cases: list[dict[str, Any]], folder: Path) -> list[Any]:
    """Return what the page makes of the cases, in a headless Chromium."""
    found: queue.Queue[list[Any]] = queue.Queue()
    contents = {
        "/": ("text/html", PAGE.encode()),
        "/prepare.mjs": ("text/javascript", SCRIPT.read_bytes()),
        "/cases.json": ("application/json", json.dumps(cases).encode()),
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = contents.get(self.path, ("text/plain", b""))
            self.send_response(200)
            self.send_header("content-type", kind)
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            found.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={folder / 'profile'}", "--remote-debugging-port=0",
        f"http://localhost:{server.server_address[1]}/",
    ]  # fmt: skip
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return found.get(timeout=120)
    finally:
        browser.terminate()
        browser.wait()
        server.shutdown()


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_a_browser_reads_files_as_training_did(tmp_path: Path) -> None:
    """P4: JPEG (CMYK and EXIF 1 to 8 too), GIF, BMP and PNG files, at most one level apart."""
    import importlib.util

    # The files of the parity test beside this one.
    beside = Path(__file__).with_name("test_preparation_images.py")
    spec = importlib.util.spec_from_file_location("files_of_images", beside)
    assert spec is not None and spec.loader is not None
    files = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(files)

    names, cases, expected = [], [], []
    for fit, size, channels in (("stretch", (11, 17), 3), ("pad", (9, 12), 3), ("crop", (6, 8), 1)):
        operation = Picture(height=size[0], width=size[1], channels=channels, fit=fit)  # type: ignore[arg-type]
        for name, file in {**files.PNG, **files.OTHERS}.items():
            content = files.preparation_of(operation).model_dump(mode="json")
            cases.append({"content": content, "file": base64.b64encode(file).decode()})
            names.append(f"{name}, {fit}")
            expected.append(operation.apply(np.array([[file]], dtype=object)).reshape(-1))
    answers = answers_of_browser(cases, tmp_path)
    for name, ours, theirs in zip(names, expected, answers, strict=True):
        assert not isinstance(theirs, str), f"{name}: {theirs}"
        assert np.abs(ours.astype(int) - theirs).max() <= 1, name
