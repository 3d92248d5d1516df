"""`remission serve`: the site, on this machine alone."""

from __future__ import annotations

import os
from pathlib import Path

import click

from remission.cli.options import data_option, lang_option
from remission.home.folder import DATA_VARIABLE
from remission.knowledge.model import Lang
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library


@click.command(short_help="Open the site in your browser, on this machine alone.")
@click.option("--port", type=click.IntRange(1024, 65535), help="The port to listen on; a free one when left out.")
@data_option
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
@lang_option
def serve(port: int | None, data: Path | None, no_browser: bool, lang: Lang) -> None:
    """Serve the site to this machine: everything the library knows, the risk groups explained, and your child's own pages.

    Nothing leaves the machine. What you write about your child is kept in one file in your data folder. Stop it with Ctrl+C.
    """
    if data is not None:
        os.environ[DATA_VARIABLE] = str(data.absolute())
    try:
        from remission.site.addresses import address
        from remission.site.server import PortTaken, listening_socket
        from remission.site.server import serve as serve_site
    except ImportError as missing:
        raise InputProblem("site-not-installed", module=missing.name or "") from None
    words = load_library().words
    try:
        listener = listening_socket(port)
    except PortTaken:
        raise InputProblem("port-taken", port=port) from None
    serve_site(
        listener, address("home", lang), not no_browser, lambda at: click.echo(words["site-serving"].in_(lang).format(address=at))
    )
