"""Serves the site on this machine alone."""

from __future__ import annotations

import os
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress

HOST = "127.0.0.1"
_FAVOURITE_PORT = 8642


class PortTaken(OSError):
    """Somebody else listens on the port that was asked for."""


def listening_socket(port: int | None) -> socket.socket:
    """A socket on loopback: on `port`, otherwise on the usual port, otherwise on any free one. Raises `PortTaken`."""
    for wanted in [port] if port is not None else [_FAVOURITE_PORT, 0]:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, wanted))
            listener.listen()  # only now is it known that nobody else listens there
        except OSError:
            listener.close()
            continue
        return listener
    raise PortTaken(port)


def serve(listener: socket.socket, path: str, opens_browser: bool, say: Callable[[str], None]) -> None:
    """Serves until interrupted. `say` is told the address once the server answers."""
    import waitress  # type: ignore[import-untyped]

    port = listener.getsockname()[1]
    os.environ["REMISSION_PORT"] = str(port)  # the settings name the session's cookie after it
    from remission.site.wsgi import application

    address = f"http://{HOST}:{port}{path}"
    server = waitress.create_server(application, sockets=[listener], threads=6, ident=None, channel_timeout=30)
    say(address)
    if opens_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    with closing(server), suppress(KeyboardInterrupt):  # Ctrl+C is how it is stopped
        server.run()
