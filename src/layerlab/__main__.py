"""``python -m layerlab``: the command line."""

from .commands.main import main

main()
