"""``layerlab lab``: the page on which a network trains before your eyes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from .options import Folder, Hidden, Layers, Standardize, takes_data, takes_settings

LAB = (
    "Open a page in the browser on which a network trains before your eyes.\n\n"
    "Example: [bold]layerlab lab flower[/]\n\n"
    "Play, stop, go back, change a weight or the learning rate, and read every number of an iteration. The address "
    "that is printed has a secret: whoever has it can use the lab. Only this machine can reach it, unless --host says "
    "otherwise. Ctrl-C ends it. Network and settings that you do not give are layerlab's own for this dataset."
)


@takes_settings()
@takes_data
def lab(
    data: Annotated[
        str,
        typer.Argument(
            metavar="[DATA]",
            help="Name of a dataset (`layerlab data list`), or path of a table, of images, or of arrays.",
            show_default=False,
        ),
    ] = "flower",
    layers: Layers = None,
    hidden: Hidden = None,
    standardize: Standardize = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address of this machine that the lab listens on.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, max=65535, help="Port; 0: any that is free; default: 8765, or the next that is free."
        ),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    yes_expose: Annotated[
        bool, typer.Option("--yes-expose", help="Let other machines reach the lab, where --host allows it.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Name by which a proxy or another machine addresses the lab; may be given again."
        ),
    ] = None,
    folder: Folder = None,
    *,
    data_options: Mapping[str, Any],
    **settings: Any,
) -> None:
    """Open the lab, until Ctrl-C ends it."""
    from layerlab.lab import serve

    given = {"data": data, "layers": layers, "hidden": hidden, "standardize": standardize, "folder": folder}
    serve(
        given | {"data_options": data_options, "settings": settings},
        host=host,
        port=port,
        allowed_hosts=allow_host or (),
        exposed=yes_expose,
        browser=not no_browser,
    )
