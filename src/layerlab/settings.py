"""Every hyperparameter once, and every option about data: name, range, default and meaning in a sentence.

``train``, sweeps, searches and the command line read the first table (``runs.settings_rules`` says which settings fit
together); the command line and ``load_data`` read the second, ``DATA_OPTIONS``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, NamedTuple

from .errors import InputError


@dataclass(frozen=True)
class Setting:
    """One hyperparameter and the values that it may take.

    Attributes:
        name, kind, default: what it is called, its type, and its value where none is given.
        help: its meaning in a sentence.
        low, high: the least and the largest value, themselves allowed.
        above, below: bounds that are not allowed themselves.
        choices: the allowed words, if it is one of several.
        optional: whether None is a value too.
    """

    name: str
    kind: type
    default: Any
    help: str
    low: float = -math.inf
    above: float = -math.inf
    high: float = math.inf
    below: float = math.inf
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def wanted(self) -> str:
        """Which values are allowed, in words, as messages say it after "wanted"."""
        if self.choices:
            return "one of " + ", ".join(repr(choice) for choice in self.choices)
        words = "a whole number" if self.kind is int else "a finite number"
        if self.low > -math.inf:
            words += f" of at least {self._said(self.low)}"
        if self.above > -math.inf:
            words += f" above {self.above:g}"
        if self.high < math.inf:
            words += f", at most {self._said(self.high)}"
        if self.below < math.inf:
            words += f", below {self.below:g}"
        return words

    def _said(self, bound: float) -> str:
        return str(int(bound)) if self.kind is int else f"{bound:g}"

    def check(self, value: Any) -> Any:
        """Return the value converted to the setting's type.

        Raises:
            InputError: it is of another kind or outside the range.
        """
        if value is None and self.optional:
            return None
        if not (self._is_choice(value) if self.choices else self._in_range(value)):
            about = self.help if self.help.startswith("MiB") else self.help[0].lower() + self.help[1:]
            raise InputError(f"{self.name}={value!r}: {self._one_only(value)}wanted {self.wanted} ({about})")
        return self.kind(value)

    def _one_only(self, value: Any) -> str:
        """Return what a message says where several values came for a setting that takes one; else ""."""
        if isinstance(value, Mapping | bytes) or not isinstance(value, Iterable):
            return ""
        if isinstance(value, str) and "," not in value:
            return ""
        return f"takes one value only{' (sweep takes a list of them)' if self.name in VARIED else ''}; "

    def _is_choice(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.choices

    def _in_range(self, value: Any) -> bool:
        if not isinstance(value, Integral if self.kind is int else Real) or isinstance(value, bool):
            return False
        try:
            number = float(value)
        except OverflowError:  # a whole number that no float can hold
            return False
        return math.isfinite(number) and self.low <= number <= self.high and self.above < number < self.below


USUAL = "None takes the optimiser's usual value"

SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            "learning_rate", float, None, "Length of a step, as a multiple of the gradient", above=0, optional=True
        ),
        Setting("iterations", int, None, "Number of updates of the parameters", low=1),
        Setting("epochs", int, None, "Number of passes over the examples, instead of iterations", low=1),
        Setting("seed", int, 0, "Seed of the initial weights", low=0, high=2**32 - 1),
        Setting(
            "initializer",
            str,
            "he",
            "How the initial weights are drawn",
            choices=("zeros", "normal", "lecun", "xavier", "he"),
        ),
        Setting(
            "optimizer",
            str,
            "gd",
            "How a gradient becomes a step",
            choices=("gd", "momentum", "nesterov", "rmsprop", "adam", "adam_hat", "adamw", "lbfgs"),
        ),
        Setting("batch_size", int, None, "Examples an update; None takes all at once", low=1, optional=True),
        Setting("batch_seed", int, 0, "Seed of the order in which batches take the examples", low=0, high=2**32 - 1),
        Setting("l2", float, 0.0, "Strength λ of the penalty λ/2 Σ W² / m on weights", low=0),
        Setting(
            "dropout",
            float,
            0.0,
            "Share of the hidden values that an update leaves out",
            low=0,
            below=1,
        ),
        Setting("dropout_seed", int, 0, "Seed of which hidden values are left out", low=0, high=2**32 - 1),
        Setting(
            "clip_norm",
            float,
            None,
            "Length at which gradients are cut off; None for not at all",
            above=0,
            optional=True,
        ),
        Setting(
            "schedule",
            str,
            "constant",
            "How the learning rate changes over the epochs",
            choices=("constant", "inverse_time", "interval", "step", "cosine", "log_cosine", "adaptive"),
        ),
        Setting(
            "decay", float, None, "Decay of the learning rate an epoch or interval; None takes 1", low=0, optional=True
        ),
        Setting(
            "interval",
            float,
            None,
            "Epochs between two steps of the learning rate; None takes 1000",
            above=0,
            optional=True,
        ),
        Setting(
            "drop",
            float,
            None,
            "Factor of a step of the learning rate; None takes 0.5, adaptive 0.2",
            above=0,
            high=1,
            optional=True,
        ),
        Setting(
            "warmup", float, None, "Epochs in which the learning rate rises first; None takes 0", low=0, optional=True
        ),
        Setting(
            "cycles",
            int,
            None,
            "Times that the learning rate rises and falls; None takes 4",
            low=1,
            high=30,
            optional=True,
        ),
        Setting(
            "plateau",
            int,
            None,
            "Epochs in a row without progress that an adaptive learning rate bears; None takes 10",
            low=1,
            optional=True,
        ),
        Setting(
            "least_progress",
            float,
            None,
            "Fall of the cost below its lowest that is progress to an adaptive learning rate; None takes 1e-4",
            low=0,
            optional=True,
        ),
        Setting(
            "monitor",
            str,
            None,
            "Figure that ends the training early, its best parameters restored; None for none",
            choices=("cost", "validation_cost", "validation_accuracy"),
            optional=True,
        ),
        Setting(
            "patience",
            int,
            None,
            "Epochs in a row without a better figure; None takes 10",
            low=1,
            optional=True,
        ),
        Setting(
            "min_delta",
            float,
            None,
            "Least progress beyond the best epoch so far that counts; None takes 0",
            low=0,
            optional=True,
        ),
        Setting(
            "momentum",
            float,
            None,
            f"Share μ of its velocity that a step keeps; {USUAL}",
            low=0,
            below=1,
            optional=True,
        ),
        Setting("beta1", float, None, f"Decay β₁ of the mean of gradients; {USUAL}", low=0, below=1, optional=True),
        Setting(
            "beta2", float, None, f"Decay β₂ of the mean of squared gradients; {USUAL}", low=0, below=1, optional=True
        ),
        Setting(
            "epsilon",
            float,
            None,
            f"Number ε that keeps a step finite where gradients vanish; {USUAL}",
            above=0,
            optional=True,
        ),
        Setting(
            "weight_decay",
            float,
            None,
            f"Share δ that AdamW takes off every weight, times the learning rate; {USUAL}",
            low=0,
            optional=True,
        ),
        Setting(
            "class_weight",
            str,
            None,
            "Weights of the examples by their class: balanced lets every class weigh the same; None leaves them alike",
            choices=("balanced",),
            optional=True,
        ),
        Setting(
            "label_smoothing",
            float,
            0.0,
            "Share ε of every label that is dealt out evenly over all classes",
            low=0,
            below=1,
        ),
        Setting("engine", str, "auto", "What runs the updates", choices=("auto", "numpy", "xla")),
        Setting("basis", str, "auto", "Coordinates of the first layer", choices=("auto", "full", "span")),
        Setting("dtype", str, "float64", "Type of all numbers", choices=("float64", "float32")),
    )
}
"""All hyperparameters by name."""

OWN = {
    "optimizer": ("momentum", "beta1", "beta2", "epsilon", "weight_decay"),
    "schedule": ("decay", "interval", "drop", "warmup", "cycles", "plateau", "least_progress"),
    "monitor": ("patience", "min_delta"),
}
"""Settings that belong to some optimisers, schedules or monitors only, by the setting that chooses among those."""

NUMBERS = ("learning_rate", "l2", "dropout", "clip_norm", *OWN["optimizer"], *OWN["schedule"])
"""Settings that are numbers in a formula: they may differ from model to model of a population trained together."""

VARIED = ("learning_rate", "seed", "initializer", "schedule", *NUMBERS[1:])
"""Settings of which ``sweep`` takes several values, in the order of their product; the networks come before them."""


def check_settings(**values: Any) -> dict[str, Any]:
    """Check each value against its row of ``SETTINGS`` and return it in its own type.

    Raises:
        InputError: a value is out of its range or of another type.

    Example:
        >>> check_settings(learning_rate=1, iterations=100)
        {'learning_rate': 1.0, 'iterations': 100}
    """
    return {name: SETTINGS[name].check(value) for name, value in values.items()}


class DataOption(NamedTuple):
    """An argument of ``load_data`` as an option of the command line.

    Attributes:
        argument: its name in Python.
        help: one sentence for ``--help``.
        metavar: what stands for the value there; "" for a switch.
        kind: type of the value.
        listed: whether it takes several values with commas between them.
        typed: how it is typed where that is not the argument with two hyphens; "--yes/--no" for a switch that can be
            turned off.
    """

    argument: str
    help: str
    metavar: str = "NAME"
    kind: Any = str
    listed: bool = False
    typed: str = ""

    @property
    def flags(self) -> str:
        """How the option is typed, such as "--drop-rare" or "--colour/--grey"."""
        return self.typed or f"--{self.argument.replace('_', '-')}"

    @property
    def flag(self) -> str:
        """How the option is typed, or turned on, such as "--leave-out" for the argument "drop"."""
        return self.flags.split("/")[0]

    @property
    def parameter(self) -> str:
        """The name of the command's parameter; "seed" and "drop" alone would be settings of the training."""
        return self.flag[2:].replace("-", "_")

    def words(self, value: Any) -> list[str]:
        """The option with a value, as words of a command line."""
        if self.kind is bool:
            return [self.flags.split("/")[0 if value else -1]]
        return [self.flag, ",".join(value) if isinstance(value, list) else f"{value}"]


DATA_OPTIONS = {
    option.argument: option
    for option in (
        DataOption("target", "What is to be predicted: a column, or an array."),
        DataOption("task", "classes or values; else by what the target holds.", "TASK"),
        DataOption("test", "Share of the rows for the test part, or a file that is the test part.", "SHARE|FILE"),
        DataOption("seed", "Seed by which rows are dealt.", "INTEGER", int, typed="--split-seed"),
        DataOption("id", "Column that names the rows: no feature, and carried through predictions."),
        DataOption("group", "Rows that are equal in this column stay in one part."),
        DataOption("time", "The last rows by this column are the test part."),
        DataOption("drop", "Columns to leave out.", "A,B,…", listed=True, typed="--leave-out"),
        DataOption("keep", "Columns to keep that would be left out.", "A,B,…", listed=True),
        DataOption("categories", "Columns of numbers that are categories.", "A,B,…", listed=True),
        DataOption("numbers", "Columns that are numbers, whatever else stands in them.", "A,B,…", listed=True),
        DataOption("max_categories", "Values of a category that have an input each; others share one.", "N", int),
        DataOption("drop_rare", "Leave out rows that are alone in their class.", "", bool),
        DataOption("encoding", "Of a text file that is not UTF-8, such as cp1252."),
        DataOption("decimal", "What stands before decimals where no column shows it: . or ,", ".|,"),
        DataOption("day_first", "Whether 01/02/2024 begins with the day.", "", bool, typed="--day-first/--month-first"),
        DataOption("skip", "Lines of a text file above its line of names.", "N", int),
        DataOption("size", "Images: width × height that all are brought to.", "64|64x48"),
        DataOption("colour", "Images: in colours or grey; else as the files are.", "", bool, typed="--colour/--grey"),
        DataOption("skip_bad", "Images: leave out files that cannot be read, and say which.", "", bool),
        DataOption(
            "augmentation",
            "Images: new variants for each epoch, such as flip,shift=2,rotate=10,brightness=0.2.",
            "HOW",
            typed="--augment",
        ),
        DataOption(
            "memory_mib",
            "Stream a file that is larger than memory, with this many MiB for its examples.",
            "MIB",
            int,
            typed="--memory",
        ),
    )
}
"""The options by their arguments' names, in the order in which ``--help`` lists them."""

ARGUMENTS = {option.parameter: argument for argument, option in DATA_OPTIONS.items()}
"""Arguments by their options' names: ``load_data`` takes ``memory`` for ``memory_mib``, too."""


def has_options(arguments: Mapping[str, Any]) -> bool:
    """Return whether the command line has an option for each of these arguments; ``limit`` of images has none."""
    return all(name == "test_file" or name in DATA_OPTIONS for name in arguments)


def option_words(arguments: Mapping[str, Any]) -> list[str]:
    """Arguments of ``load_data``, or of the loader that read the data, as words of a command line (``has_options``)."""
    words: list[str] = []
    for name, value in arguments.items():
        if value not in (None, [], ""):
            words += DATA_OPTIONS["test" if name == "test_file" else name].words(value)
    return words
