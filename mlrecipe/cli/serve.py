"""``mlrecipe serve``: answer over HTTP, with TensorFlow Serving's paths."""

from __future__ import annotations

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("bundle", type=Path, help="the bundle's folder, or the run that holds it")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8501, help="port to listen on; 0 finds one")
    parser.add_argument("--name", help="the model's name in the paths; by default the recipe's")


def main(args: argparse.Namespace) -> int:
    """Load the bundle, say where it listens, and answer until interrupted."""
    import socket

    import uvicorn

    from mlrecipe.bundle import Bundle
    from mlrecipe.errors import MlrecipeError
    from mlrecipe.serving.app import make_app

    bundle = Bundle.load(args.bundle)
    name = args.name or bundle.manifest["name"]
    listener = socket.socket(socket.AF_INET6 if ":" in args.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((args.host, args.port))
    except (OSError, OverflowError) as error:
        raise MlrecipeError(
            f"cannot listen on {args.host}:{args.port}: {error}",
            where="--host, --port",
            fix="choose another port, or 0 to find a free one",
        ) from None
    app = make_app(bundle, name)
    listener.listen()
    host = f"[{args.host}]" if ":" in args.host else args.host
    url = f"http://{host}:{listener.getsockname()[1]}"
    print(f"{name} answers at {url}/v1/models/{name}:predict", flush=True)
    print(f"a page to try it: {url}/", flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
    return 0
