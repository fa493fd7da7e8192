"""``layerlab lab``: the page on which a network trains before your eyes."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.escapes import printable

from .next_steps import again
from .options import Folder, Hidden, Layers, Standardize, Validation, takes_data, takes_settings

if TYPE_CHECKING:
    from layerlab.lab.opening import Given

OF_THE_SERVER = ("host", "port", "no_browser", "yes_expose", "allow_host")
"""Parameters that `layerlab train` does not have."""

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
    context: typer.Context,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Name of a dataset (`layerlab data list`), or path of a table, of images, or of arrays; default: "
            "flower.",
            show_default=False,
        ),
    ] = "flower",
    layers: Layers = None,
    hidden: Hidden = None,
    standardize: Standardize = None,
    validation: Validation = None,
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
    from layerlab.lab.guarding import check_host_name
    from layerlab.lab.running import check_host

    check_host(host, yes_expose)
    for name in allow_host or ():
        check_host_name(name)
    given = _given(data, layers, hidden, standardize, validation, folder, data_options, settings)
    serve(
        given,
        host=host,
        port=port,
        allowed_hosts=allow_host or (),
        exposed=yes_expose,
        browser=not no_browser,
    )
    then = again(context, "train", leave_out=OF_THE_SERVER, data=data)
    print(f"Next: {printable(shlex.join(then))}", file=sys.stderr)


def _given(
    data: str,
    layers: str | None,
    hidden: str | None,
    standardize: bool | None,
    validation: float | None,
    folder: Path | None,
    data_options: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Given:
    """Return what the lab opens first; it is opened once here, so that mistakes show before there is a page.

    Raises:
        InputError: data, network or settings are wrong.
        WorkError: cats are not on this machine and cannot be downloaded.
    """
    from layerlab.console import Console
    from layerlab.datasets import LOADERS, load_dataset
    from layerlab.lab.opening import Given, check_given

    from .inputs import hidden_sizes, training_data_for

    given = Given(
        data.replace("-", "_"),
        layers=None if layers is None else hidden_sizes(layers),
        hidden=tuple(hidden.split(",")) if hidden and "," in hidden else hidden,
        settings={name: value for name, value in settings.items() if value is not None},
    )
    if given.name == "cats" and not data_options:
        load_dataset(given.name, folder)  # here, where a download is seen; the page itself downloads nothing
    if given.name in LOADERS and not data_options:
        given = given._replace(folder=folder, standardize=standardize, share=validation)
    else:
        _, dataset, held_out = training_data_for(
            data, folder, data_options, standardize, validation, Console(stderr=True)
        )
        given = given._replace(name=dataset.name, data=dataset, validation=held_out)
    check_given(given)
    return given
