"""A learner's function run under watch: what every place of it computed, and what it returns with places repaired.

program = LearnersProgram(source, "linear_backward", exercise.given_names)
outcome = program.call(arguments)                  what each site computed, where it raised
program.call(arguments, {4: [right_dW]})           the same with another value in site 4, in its first turn
"""

from __future__ import annotations

import ast
import contextlib
import io
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..nodes import OPERATORS, add_ticks, imported_names
from .instrumenting import Instrumenter, Pattern, Site, sites_of

LEARNERS_FILE = "<learner>"
"""The file name under which a learner's text is compiled, which tracebacks show."""

KEEP = object()
"""In a list of values for the turns of a site: this turn computes its own."""

STEPS = 20_000
"""Places that a run with repaired places may pass before it is ended: it may loop for ever."""

Patches = Mapping[int, Sequence[Any]]
"""Values to put into sites, by the site's number: the first value in its first turn, and so on."""


class Visit(NamedTuple):
    """One passage through a site; turns count from 0. The value is a copy: later changes in place do not show."""

    site: Site
    turn: int
    value: Any


@dataclass
class CallOutcome:
    """What a call of the learner's function came to.

    Attributes:
        value: what it returned; None after an exception.
        exception: what it raised.
        raised_at: the smallest site that raised; the line of the learner's file where it was raised.
        operands: text and value of the parts of that site, in order.
        visits: every passage through a site, in order of execution; empty for a run with repaired places.
        locals: the function's local names at its end.
        warnings: texts of the warnings that it caused.
        out_of_steps: whether it was ended because it passed too many places.
    """

    value: Any = None
    exception: BaseException | None = None
    raised_at: Site | None = None
    line: int | None = None
    operands: list[tuple[str, Any]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    locals: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    out_of_steps: bool = False

    def name(self, visit: Visit) -> str | None:
        """The name that a visit's value was given: ``dW2`` where ``grads["dW" + str(l)]`` was assigned."""
        if visit.site.key is None:
            return visit.site.name
        key = self._keys.get((visit.site.key, visit.turn))
        return key if isinstance(key, str) else visit.site.name

    def key(self, visit: Visit) -> Any:
        """The subscript that a visit's value was assigned to; None where there is none."""
        return self._keys.get((visit.site.key, visit.turn))

    @cached_property
    def _keys(self) -> dict[tuple[int | None, int], Any]:
        keys = {visit.site.key for visit in self.visits} - {None}
        return {(site.number, turn): value for site, turn, value in self.visits if site.number in keys}


class _OutOfSteps(BaseException):
    """A run passed more places than it may."""


def copied(value: Any) -> Any:
    """A copy of arrays, and of the lists, tuples and dicts that hold them."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(copied(part) for part in value)
    if type(value) is dict:
        return {key: copied(part) for key, part in value.items()}
    return value


class LearnersProgram:
    """A learner's file, loaded, with one function of it that can be watched.

    Args:
        source: the file's text.
        function: the name of the function; ``plain`` is None where the file has none of this name.
        names: what the file may use without importing it.

    Raises:
        SyntaxError: the text is no Python; and whatever the file's top level raises.
    """

    def __init__(self, source: str, function: str, names: Mapping[str, Any]) -> None:
        self.source, self.name = source, function
        tree = ast.parse(source, LEARNERS_FILE)
        definition = _definition(tree, function)
        for node in tree.body:
            if node is not definition:
                add_ticks(node)
        self._watch: _Watch | None = None
        self.namespace: dict[str, Any] = {**names, "__name__": "learner", **self._doors()}
        exec(compile(tree, LEARNERS_FILE, "exec"), self.namespace)
        plain = self.namespace.get(function)
        self.plain: Callable[..., Any] | None = plain if callable(plain) else None
        self.function_line: int | None = None if definition is None else definition.lineno
        self.modules = imported_names(tree)

    @property
    def sites(self) -> list[Site]:
        """The places of the function, in the order of the text; none where it is no ``def`` of this file."""
        return self._whole[1]

    def call(
        self, arguments: Mapping[str, Any], patches: Patches | None = None, steps: int = STEPS, *, watch: bool = True
    ) -> CallOutcome:
        """Run the function, in silence, with other values in some places.

        Args:
            arguments: by name, in the order of the call; the function may change them.
            patches: values to put into sites. What stands there is then not evaluated at all.
            steps: how many places it may pass.
            watch: whether to note what each place computed; without, a run is several times faster.
        """
        patches = patches or {}
        sites = self._whole[1]
        parts = watch or any(sites[number].kind == "part" for number in patches)
        function = (self._whole if parts else self._statements)[0]
        seen = _Watch(sites, patches, steps, watch=watch)
        self._watch = seen
        outcome = seen.outcome
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
            warnings.simplefilter("always" if watch else "ignore")
            with contextlib.redirect_stdout(io.StringIO()):
                try:
                    outcome.value = function(*arguments.values())
                except _OutOfSteps:
                    outcome.out_of_steps = True
                except (Exception, SystemExit) as exception:  # whatever the learner's code raises
                    seen.ended_by(exception)
        self._watch = None
        outcome.warnings = list(dict.fromkeys(str(warning.message) for warning in caught))
        return outcome

    @cached_property
    def _whole(self) -> tuple[Callable[..., Any], list[Site]]:
        return self._instrumented(parts=True)

    @cached_property
    def _statements(self) -> tuple[Callable[..., Any], list[Site]]:
        return self._instrumented(parts=False)

    def _instrumented(self, *, parts: bool) -> tuple[Callable[..., Any], list[Site]]:
        """The function with its probes, and its sites. It sees the same global names as the plain one."""
        if self.plain is None:
            raise TypeError(f"the file has no function {self.name}")
        tree = ast.parse(self.source, LEARNERS_FILE)
        definition = _definition(tree, self.name)
        if definition is None:
            return self.plain, []
        instrumenter = Instrumenter(self.source, self.modules, parts)
        match definition:
            case ast.FunctionDef():
                instrumenter.function(definition)
            case ast.Assign(value=ast.Lambda() as value):
                instrumenter.single(value)
        module = ast.fix_missing_locations(ast.Module(body=[definition], type_ignores=[]))
        scope: dict[str, Any] = {}
        exec(compile(module, LEARNERS_FILE, "exec"), self.namespace, scope)
        function: Callable[..., Any] = next(iter(scope.values()))
        return function, instrumenter.sites

    def _doors(self) -> dict[str, Any]:
        """What rewritten code calls."""

        def probe(number: int, evaluate: Callable[[], Any]) -> Any:
            return evaluate() if self._watch is None else self._watch.probe(number, evaluate)

        def unpack(number: int, evaluate: Callable[[], Any], pattern: Pattern) -> Any:
            return evaluate() if self._watch is None else self._watch.unpack(number, evaluate, pattern)

        def tick() -> None:
            if self._watch is not None:
                self._watch.tick()

        def report(names: dict[str, Any]) -> None:
            if self._watch is not None:
                self._watch.outcome.locals = names

        operators = {f"__{name}__": getattr(operator, name) for name in OPERATORS.values()}
        doors = {"__probe__": probe, "__unpack__": unpack, "__tick__": tick, "__locals__": report, "__slice__": slice}
        return {**operators, **doors}


class _Watch:
    """One run: it counts steps and turns, puts values into places, and notes what places computed."""

    def __init__(self, sites: Sequence[Site], patches: Patches, steps: int, *, watch: bool) -> None:
        self.sites, self.patches, self.steps, self.watch = sites, patches, steps, watch
        self.turns = [0] * len(sites)
        self.outcome = CallOutcome()
        self._last: dict[int, tuple[int, Any]] = {}  # the last value of each site, and at which step it came

    def tick(self) -> None:
        """Count a step of a watched run, and end the run where it has made too many."""
        self.steps -= 1
        if self.steps < 0:
            raise _OutOfSteps

    def probe(self, number: int, evaluate: Callable[[], Any]) -> Any:
        """Give what the site computes, or what is to be there instead."""
        self.steps -= 1
        if self.steps < 0:
            raise _OutOfSteps
        turn = self.turns[number]
        self.turns[number] = turn + 1
        patch = self.patches.get(number)
        if patch is not None and turn < len(patch) and patch[turn] is not KEEP:
            value = copied(patch[turn])
        elif not self.watch:
            return evaluate()
        else:
            before = self.steps
            try:
                value = evaluate()
            except Exception as exception:
                usual = self._raised(number, before, exception)
                if usual is exception:
                    raise
                raise usual from None
        if self.watch:
            kept = copied(value)
            self.outcome.visits.append(Visit(self.sites[number], turn, kept))
            self._last[number] = (self.steps, kept)
        return value

    def unpack(self, number: int, evaluate: Callable[[], Any], pattern: Pattern) -> Any:
        """Give a tuple whose elements are sites of their own; where all are repaired, it is not evaluated."""
        elements = sites_of(pattern)
        if len(elements) == len(pattern) and all(self._repaired(element) for element in elements):
            return self._elements((None,) * len(pattern), pattern)
        return self._elements(self.probe(number, evaluate), pattern)

    def ended_by(self, exception: BaseException) -> None:
        """Note the exception that ended the call, and where it was raised."""
        self.outcome.exception = exception
        lines = []
        trace = exception.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == LEARNERS_FILE:
                lines.append(trace.tb_lineno)
            trace = trace.tb_next
        if lines:
            self.outcome.line = lines[-1]
        if self.outcome.raised_at is None and self.watch:
            around = [site for site in self.sites if site.inside is None and site.line in lines]
            around = around or [site for site in self.sites if any(site.line <= n <= site.last_line for n in lines)]
            if around:
                self._place(around[0].number)
        if self.outcome.line is None and self.outcome.raised_at is not None:
            self.outcome.line = self.outcome.raised_at.line

    def _repaired(self, number: int) -> bool:
        patch, turn = self.patches.get(number), self.turns[number]
        return patch is not None and turn < len(patch) and patch[turn] is not KEEP

    def _elements(self, value: Any, pattern: Pattern) -> Any:
        many = isinstance(value, tuple | list) or (isinstance(value, np.ndarray) and value.ndim > 0)
        if not many or len(value) != len(pattern):
            return value  # Python says what does not fit
        return tuple(self._element(part, to) for part, to in zip(value, pattern, strict=True))

    def _element(self, value: Any, pattern: Any) -> Any:
        if pattern is None:
            return value
        return self._elements(value, pattern) if isinstance(pattern, tuple) else self.probe(pattern, lambda: value)

    def _raised(self, number: int, before: int, exception: Exception) -> Exception:
        """Note the first, innermost site that raised; a lambda's words on unassigned names become the usual ones."""
        if self.outcome.raised_at is None or self.outcome.exception is not exception:
            if isinstance(exception, NameError) and "free variable" in str(exception):
                name = self.sites[number].text
                usual = f"cannot access local variable '{name}' where it is not associated with a value"
                exception = UnboundLocalError(usual, name=name).with_traceback(exception.__traceback__)
            self.outcome.exception = exception
            self._place(number, before)
        return exception

    def _place(self, number: int, before: float = float("inf")) -> None:
        self.outcome.raised_at = self.sites[number]
        parts = [site for site in self.sites[number + 1 :] if site.inside == number]
        last = [(part, self._last.get(part.number)) for part in parts]
        self.outcome.operands = [(part.text, kept[1]) for part, kept in last if kept is not None and kept[0] < before]


def _definition(tree: ast.Module, function: str) -> ast.FunctionDef | ast.Assign | None:
    """The last statement of the top level that defines the function, also by another name or as a lambda."""
    found: ast.FunctionDef | ast.Assign | None = None
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) if name == function:
                found = node
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda()) if name == function:
                found = node
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)) if function == name != other:
                found = _definition(tree, other)
    return found
