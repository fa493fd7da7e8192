"""What a check says: whether a file passed, what is advised, and what was found, first finding first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .checker.diagnostic import Diagnostic
from .checker.exercise import Exercise, read_exercise
from .wording import passed_words, worded


@dataclass(frozen=True, repr=False)
class Report:
    """What a check says of one file.

    Attributes:
        exercise: the exercise's id.
        passed: whether the function is right.
        advice: what could be better in a function that passed.
        findings: why it did not pass, first the one to show.
        printed: what the file printed, its beginning if that was much.
        seconds: how long the check took.
        folder: the author's folder of the exercise.
    """

    exercise: str
    passed: bool
    advice: tuple[Diagnostic, ...]
    findings: tuple[Diagnostic, ...]
    printed: str
    seconds: float
    folder: Path

    def __repr__(self) -> str:
        return f"<Report of {self.exercise}: {'passed' if self.passed else 'not passed'}>"

    @classmethod
    def of(cls, exercise: Exercise, facts: Mapping[str, Any], printed: str, seconds: float) -> Report:
        """Build the report from the facts that the checker answered."""
        advice, findings = (
            tuple(Diagnostic.from_record(record) for record in facts.get(name, ())) for name in ("advice", "findings")
        )
        return cls(exercise.id, facts["passed"], advice, findings, printed, seconds, exercise.folder)

    def words(self, lang: str = "en") -> str:
        """What a learner reads: the first finding, or that the function passed and what is advised."""
        exercise = read_exercise(self.folder)
        said = [worded(found, exercise, lang) for found in (self.advice if self.passed else self.findings[:1])]
        lines = [f"{words.message}\n{words.question}".strip() for words in said]
        return "\n\n".join([passed_words(exercise, lang)] * self.passed + lines)

    def record(self, lang: str = "en") -> dict[str, Any]:
        """The report as JSON has it."""
        exercise = read_exercise(self.folder)
        return {
            "exercise": self.exercise,
            "passed": self.passed,
            "advice": [_recorded(found, exercise, lang) for found in self.advice],
            "findings": [_recorded(found, exercise, lang) for found in self.findings],
        }


def _recorded(found: Diagnostic, exercise: Exercise, lang: str) -> dict[str, Any]:
    words = worded(found, exercise, lang)
    return {
        "code": found.code,
        "quantity": found.quantity,
        "relation": found.relation,
        "line": found.line,
        "part": found.part,
        "proof": None if found.proof is None else asdict(found.proof),
        "message": words.message,
        "question": words.question,
    }
