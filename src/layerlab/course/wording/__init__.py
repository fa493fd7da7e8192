"""The course's findings in words: place and fact, proof, meaning, and one question; never the answer.

The words of each language are in ``en.toml`` and ``ko.toml``; which of them a finding takes is decided in ``topics``.
"""

from __future__ import annotations

from layerlab.course.checker.diagnostic import Diagnostic
from layerlab.course.checker.exercise import Exercise

from .phrasing import LANGUAGES, Language, Words, language
from .topics import topic

__all__ = ["LANGUAGES", "Language", "Words", "passed_words", "worded"]


def worded(diagnostic: Diagnostic, exercise: Exercise, lang: str = "en") -> Words:
    """Say a finding or an advice in a language: a message of at most three lines, and a question.

    Args:
        diagnostic: what the checker found.
        exercise: the exercise that the learner's file should solve.
        lang: one of ``LANGUAGES``.
    """
    return topic(diagnostic, exercise, language(lang)).words()


def passed_words(exercise: Exercise, lang: str = "en") -> str:
    """Say in one line that a function passed."""
    return language(lang).phrase("passed", function=exercise.function, count=len(exercise.sizes))
