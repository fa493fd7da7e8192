"""An error names options as they are typed: ``learning_rate=-1.0`` of Python is ``--learning-rate -1.0`` here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Any, TypeGuard, get_args

from typer.models import OptionInfo

from layerlab.errors import InputError, WorkError
from layerlab.typed_options import DATA_FLAGS, as_typed


def with_typed_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command whose errors name its own options as they are typed."""

    @wraps(command)
    def translated(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (InputError, WorkError) as error:
            kind = InputError if isinstance(error, InputError) else WorkError
            raise kind(as_typed(str(error), _flags_of(command))) from error

    return translated


def _flags_of(command: Callable[..., None]) -> dict[str, str]:
    """Return how each argument that has an option of this command is typed."""
    own = dict(pair for one in signature(command, eval_str=True).parameters.values() for pair in _flag_of(one))
    data = {name: flag for name, flag in DATA_FLAGS.items() if flag in own.values()}
    return data | own


def _flag_of(parameter: Parameter) -> list[tuple[str, str]]:
    """Return the parameter's name with its option, or nothing where it has none."""
    options = [one for one in get_args(parameter.annotation)[1:] if isinstance(one, OptionInfo)]
    if not options:
        return []
    named = [name.split("/")[0] for name in (options[0].default, *(options[0].param_decls or ())) if _is_flag(name)]
    return [(parameter.name, named[0] if named else f"--{parameter.name.replace('_', '-')}")]


def _is_flag(name: object) -> TypeGuard[str]:
    return isinstance(name, str) and name.startswith("--")
