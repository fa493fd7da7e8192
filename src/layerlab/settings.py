"""Every hyperparameter, and every option about data: its name, range, default and meaning, each stated once.

``train``, sweeps, searches and the command line read the first table, ``SETTINGS``. ``runs.settings_rules`` says which
settings fit together. The command line and ``load_data`` read the second table, ``DATA_OPTIONS``.
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
        name, kind, default: its name, its type, and its value where none is given.
        help: what it means, in a phrase that begins with a capital letter and has no full stop.
        usual: in words, what None means: what happens where no value is given. Help pages show it after "default:".
        low, high: the smallest and the largest allowed value.
        above, below: bounds that are not allowed themselves.
        choices: the allowed words, where it is one of several.
        optional: whether None is allowed although ``usual`` says nothing.
    """

    name: str
    kind: type
    default: Any
    help: str
    usual: str = ""
    low: float = -math.inf
    above: float = -math.inf
    high: float = math.inf
    below: float = math.inf
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def may_be_none(self) -> bool:
        """Whether None is allowed, which the command line writes as "none"."""
        return self.optional or bool(self.usual)

    @property
    def wanted(self) -> str:
        """The allowed values in words, as error messages say them after "wanted"."""
        if self.choices:
            return f"{'one of ' if len(self.choices) > 1 else ''}{', '.join(map(repr, self.choices))}"
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
            InputError: the value is of another type or outside the range.
        """
        if value is None and self.may_be_none:
            return None
        if not (self._is_choice(value) if self.choices else self._in_range(value)):
            about = self.help if self.help.startswith("MiB") else self.help[0].lower() + self.help[1:]
            raise InputError(f"{self.name}={value!r}: {self._one_only(value)}wanted {self.wanted} ({about})")
        return self.kind(value)

    def _one_only(self, value: Any) -> str:
        """Return a warning for messages where several values were given for a setting that takes one; else ""."""
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


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("learning_rate", float, None, "Step size α; in gradient descent W ← W − α dW", above=0, optional=True),
        Setting("iterations", int, None, "Number of updates of the parameters", low=1),
        Setting("epochs", int, None, "Number of passes over the training set, instead of iterations", low=1),
        Setting("seed", int, 0, "Seed of the random initial weights", low=0, high=2**32 - 1),
        Setting(
            "initializer",
            str,
            "he",
            "How the initial weights are chosen",
            choices=("zeros", "normal", "lecun", "xavier", "he"),
        ),
        Setting(
            "optimizer",
            str,
            "gd",
            "Rule by which the gradients update the parameters",
            choices=("gd", "momentum", "nesterov", "rmsprop", "adam", "adam_hat", "adamw", "lbfgs"),
        ),
        Setting(
            "batch_size",
            int,
            None,
            "Mini-batch size: examples per update",
            usual="the whole training set (256 of a stream)",
            low=1,
        ),
        Setting("batch_seed", int, 0, "Seed of the random order in which batches take examples", low=0, high=2**32 - 1),
        Setting("l2", float, 0.0, "Strength λ of the L2 penalty λ/(2m) Σ W² on the weights", low=0),
        Setting("dropout", float, 0.0, "Share of the hidden values that each update sets to 0", low=0, below=1),
        Setting("dropout_seed", int, 0, "Seed that picks the hidden values set to 0", low=0, high=2**32 - 1),
        Setting(
            "clip_norm",
            float,
            None,
            "Largest norm of the gradient; a longer one is scaled down to it",
            usual="no clipping",
            above=0,
        ),
        Setting(
            "schedule",
            str,
            "constant",
            "How the learning rate changes over the epochs",
            choices=("constant", "inverse_time", "interval", "step", "cosine", "log_cosine", "adaptive"),
        ),
        Setting(
            "decay",
            float,
            None,
            "Decay d in α / (1 + d t): schedule inverse_time with t in epochs, interval in intervals",
            usual="1",
            low=0,
        ),
        Setting("interval", float, None, "Epochs between two drops (interval and step)", usual="1000", above=0),
        Setting(
            "drop", float, None, "Factor of each drop (step, adaptive)", usual="0.5 (adaptive: 0.2)", above=0, high=1
        ),
        Setting("warmup", float, None, "Epochs in which the learning rate first rises (cosine)", usual="0", low=0),
        Setting("cycles", int, None, "How many cycles of the learning rate (log_cosine)", usual="4", low=1, high=30),
        Setting(
            "plateau",
            int,
            None,
            "Epochs in a row without progress that an adaptive learning rate tolerates",
            usual="10",
            low=1,
        ),
        Setting(
            "least_progress",
            float,
            None,
            "Smallest fall of the cost that an adaptive learning rate takes for progress",
            usual="1e-4",
            low=0,
        ),
        Setting(
            "monitor",
            str,
            None,
            "Early stopping: end with the best parameters when this stops improving",
            usual="no early stopping",
            choices=("cost", "validation_cost", "validation_accuracy"),
        ),
        Setting(
            "patience", int, None, "Epochs in a row without improvement until the training ends", usual="10", low=1
        ),
        Setting(
            "min_delta",
            float,
            None,
            "Smallest improvement on the best epoch that early stopping accepts",
            usual="0",
            low=0,
        ),
        Setting(
            "momentum", float, None, "Momentum μ: share of its velocity that a step keeps", usual="0.9", low=0, below=1
        ),
        Setting("beta1", float, None, "Decay β₁ of the running mean of gradients", usual="0.9", low=0, below=1),
        Setting(
            "beta2",
            float,
            None,
            "Decay β₂ of the running mean of squared gradients",
            usual="0.999 (rmsprop: 0.9)",
            low=0,
            below=1,
        ),
        Setting(
            "epsilon", float, None, "Small ε that keeps Adam and RMSprop from dividing by 0", usual="1e-8", above=0
        ),
        Setting(
            "weight_decay",
            float,
            None,
            "Weight decay δ of AdamW: every update also makes W ← W − α δ W",
            usual="0.01",
            low=0,
        ),
        Setting(
            "class_weight",
            str,
            None,
            "With balanced, every class counts the same",
            usual="every example counts the same",
            choices=("balanced",),
        ),
        Setting(
            "label_smoothing",
            float,
            0.0,
            "Share ε of each label that is spread evenly over all classes",
            low=0,
            below=1,
        ),
        Setting("engine", str, "auto", "What computes the updates", choices=("auto", "numpy", "xla")),
        Setting("basis", str, "auto", "Coordinates of layer 1 (auto chooses)", choices=("auto", "full", "span")),
        Setting("dtype", str, "float64", "Floating-point type of all numbers", choices=("float64", "float32")),
    )
}
"""All hyperparameters by name."""

MEMBERS = Setting("members", int, 1, "Networks trained at once, each without one fold of the data", low=1, high=1000)
FOLDS = Setting(
    "folds", int, None, "Parts of the training set: each member leaves out one", usual="8", low=2, high=1000
)
"""Settings of ``train`` alone, since sweeps and searches train single networks."""

OWN = {
    "optimizer": ("momentum", "beta1", "beta2", "epsilon", "weight_decay"),
    "schedule": ("decay", "interval", "drop", "warmup", "cycles", "plateau", "least_progress"),
    "monitor": ("patience", "min_delta"),
}
"""For each setting that chooses a method (optimiser, schedule, monitor): the settings that only some methods have."""

NUMBERS = ("learning_rate", "l2", "dropout", "clip_norm", *OWN["optimizer"], *OWN["schedule"])
"""Settings that are numbers in a formula: models that are trained together may differ in them."""

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
        typed: the option's name where it is not simply the argument after two hyphens; "--yes/--no" for a switch that
            can be turned off.
    """

    argument: str
    help: str
    metavar: str = "NAME"
    kind: Any = str
    listed: bool = False
    typed: str = ""

    @property
    def flags(self) -> str:
        """The option as help pages write it, such as "--drop-rare" or "--colour/--grey"."""
        return self.typed or f"--{self.argument.replace('_', '-')}"

    @property
    def flag(self) -> str:
        """The option as one types it to set it, such as "--leave-out" for the argument "drop"."""
        return self.flags.split("/")[0]

    @property
    def parameter(self) -> str:
        """The name of the command's parameter, made of the option: "seed" and "drop" are settings of training, too."""
        return self.flag[2:].replace("-", "_")

    def words(self, value: Any) -> list[str]:
        """Return the option and its value, as the words that one would type on a command line."""
        if self.kind is bool:
            return [self.flags.split("/")[0 if value else -1]]
        return [self.flag, ",".join(value) if isinstance(value, list) else f"{value}"]


DATA_OPTIONS = {
    option.argument: option
    for option in (
        DataOption("target", "Column, or array, that is to be predicted."),
        DataOption(
            "task", "classes (classification) or values (regression); default: decided from the target.", "TASK"
        ),
        DataOption(
            "test", "Share of the rows for the test set, or a file that is the test set; default: 0.2.", "SHARE|FILE"
        ),
        DataOption(
            "seed",
            "Seed of the random split into training set and test set; default: 0.",
            "INTEGER",
            int,
            typed="--split-seed",
        ),
        DataOption("id", "Column that names the rows; it is no feature, and predictions show it."),
        DataOption("group", "Column whose equal values stay together, in the training set or in the test set."),
        DataOption("time", "Column of dates or times; the latest rows become the test set."),
        DataOption("drop", "Columns to leave out.", "A,B,…", listed=True, typed="--leave-out"),
        DataOption("keep", "Columns to keep although layerlab would leave them out.", "A,B,…", listed=True),
        DataOption("categories", "Columns to treat as categories, though they hold numbers.", "A,B,…", listed=True),
        DataOption("numbers", "Columns to treat as numbers, whatever they look like.", "A,B,…", listed=True),
        DataOption(
            "max_categories", "How many frequent values of a category get an input each; others share one.", "N", int
        ),
        DataOption(
            "scaling", "How numbers are scaled: robust (by median and quartiles) or quantile (by their ranks).", "HOW"
        ),
        DataOption("drop_rare", "Leave out classes that have only one row.", "", bool),
        DataOption("encoding", "Encoding of a text file that is not UTF-8, such as cp1252."),
        DataOption("decimal", "Decimal separator where no column shows it: . or ,", ".|,"),
        DataOption(
            "day_first",
            "How to read 01/02/2024: the day first, or the month first.",
            "",
            bool,
            typed="--day-first/--month-first",
        ),
        DataOption("skip", "Lines to skip above the line of column names in a text file.", "N", int),
        DataOption("size", "Images: width × height that all are resized to.", "64|64x48"),
        DataOption(
            "colour", "Images: in colour or in grey; default: as the files are.", "", bool, typed="--colour/--grey"
        ),
        DataOption("skip_bad", "Images: leave out files that cannot be read, and list them.", "", bool),
        DataOption(
            "augmentation",
            "Images: new random variants in each epoch, such as flip,shift=2,rotate=10,brightness=0.2.",
            "HOW",
            typed="--augment",
        ),
        DataOption(
            "memory_mib",
            "Read a file larger than memory as a stream, with this many MiB for its examples.",
            "MIB",
            int,
            typed="--memory",
        ),
    )
}
"""The data options by their arguments' names, in the order in which ``--help`` lists them."""

ARGUMENTS = {option.parameter: argument for argument, option in DATA_OPTIONS.items()}
"""The arguments by their options' names. ``load_data`` takes both: ``memory`` means ``memory_mib``."""
