"""``python -m layerlab``: the command line."""

from .cli import main

main()
