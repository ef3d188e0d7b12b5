"""Serves a run's bundle, asks it about one row over HTTP, and prints both.

python examples/ask_server.py RUN
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path


def main(run: Path) -> None:
    """Start ``mlrecipe serve`` on a free port, send the bundle's first example, stop it."""
    example = json.loads((run / "12_ship" / "bundle" / "examples.json").read_text("utf-8"))[0]
    command = [sys.executable, "-m", "mlrecipe", "serve", str(run), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-1]
            body = json.dumps({"instances": [example]}).encode()
            with urllib.request.urlopen(urllib.request.Request(url, body)) as response:
                answer = json.load(response)
        finally:
            server.terminate()
    shown = dict(list(example.items())[:3])
    print(f"\nPOST {url}\n  {json.dumps(shown)[:-1]}, …}}\n  {json.dumps(answer)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
