"""What the checker says of a learner's function: findings and advice, as facts without words of a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

CODES = (
    # the file
    "syntax",  # details: text (Python's own words)
    "not-loaded",  # an exception at the top level; details: exception, text
    "ends-python",  # exit(), sys.exit(), os._exit(); details: how
    "asks",  # input()
    "function-missing",  # details: function, nearest (a name in the file, or None)
    "imported-answer",  # details: module: the answer comes from layerlab
    # the run
    "never-ends",  # details: seconds
    "out-of-memory",
    "died",  # details: signal or status
    "forbidden",  # details: action: network, process, write
    "recursion",
    "prints-too-much",
    # the call
    "not-written",  # the function is as it was handed out (only pass, ... or a TODO)
    "uses-global",  # quantity: the name
    "returned-none",  # details: computed: right quantities that lie in its locals
    "exception",  # relation: the class (EXCEPTIONS); part: expression; details: text, shapes, types, repaired_by …
    "structure",  # relation: "type tuple instead of dict", "2 values instead of 3", "missing key 'dW1'", …
    "mutated",  # quantity: the argument that the call changed
    "edge",  # right on usual numbers, wrong on: relation: "integers", "list", "large", "half", …
    # the numbers
    "value",  # quantity, relation: how the quantity differs from what it should be
    "slope",  # a gradient that is not the slope of the learner's own cost
    "small-change",  # one small change of the text makes everything right; relation: what sort of change; part: where
    "unnamed",  # wrong, and no relation was found; details: expected, got, index, right
    # advice, never a reason to refuse
    "overflow",  # relation: the warning's class
    "one-by-one",  # an array of one number where a plain number was wanted
    "float32",
    "loop",  # details: lines
    "convention",  # the gradients are right, an intermediate value divides by m elsewhere
    "boolean",  # True and False where 1 and 0 were wanted
    "order",  # another order of pixels, used consistently
)
"""Every kind of diagnostic. The comment names what it fills beside ``line``."""

EXCEPTIONS = (
    "shapes",  # operands whose shapes do not fit
    "missing-key",
    "unknown-name",
    "unassigned",  # a local variable that is used before it has a value
    "index",
    "types",  # operands of types that do not go together
    "attribute",
    "one-number",  # a function for one number got an array (math.exp)
    "truth-value",  # an array where True or False was wanted
    "casting",  # a result that does not fit the array's type in place
    "unpacking",  # too many or too few values
    "call",  # wrong arguments of a call
    "other",
)
"""The ``relation`` of a finding "exception": its class."""


@dataclass(frozen=True)
class Proof:
    """What a second run proved: with the right value at the place, what came out right."""

    complete: bool  # every output on every fixture
    right: tuple[str, ...] = ()  # quantities that were right before
    repaired: tuple[str, ...] = ()  # outputs that come out right with the right value in this place
    fixtures: int = 0


@dataclass(frozen=True)
class Diagnostic:
    """One fact about a learner's function.

    Attributes:
        code: one of ``CODES``.
        quantity: the value that is wrong, by its name in the reference solution: ``dZ1``, ``dW``, ``caches[0]``.
        relation: how it differs, in the grammar of ``relations``: ``ratio 1/m``, ``transposed``, ``is dA1 * A1``.
        line: the line of the learner's file, from 1.
        part: the text of the smallest expression there that must change.
        proof: what putting the right value in that place repaired.
        details: further facts for the words: shapes, sizes, names, numbers. Only what JSON can hold.
    """

    code: str
    quantity: str | None = None
    relation: str | None = None
    line: int | None = None
    part: str | None = None
    proof: Proof | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """One line that an author writes as the expected finding: ``value dW: ratio m``, ``exception: shapes``."""
        head = self.code if self.quantity is None else f"{self.code} {self.quantity}"
        return head if self.relation is None else f"{head}: {self.relation}"

    def record(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        return asdict(self) | {"details": dict(self.details)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Diagnostic:
        """Build the finding again from its record."""
        proof = record.get("proof")
        if proof is not None:
            proof = Proof(proof["complete"], tuple(proof["right"]), tuple(proof["repaired"]), proof["fixtures"])
        return cls(**{**record, "proof": proof})
