"""The course: exercises for your own editor, and a grader that says where a function goes wrong, and how.

``layerlab learn`` is the way in. In a notebook, ``layerlab.course.check(linear_backward=linear_backward)`` checks a
function that was written there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .reports import Report

__all__ = ["check"]


def check(exercise: str = "", *, lang: str = "en", **function: Callable[..., Any]) -> Report:
    """Check a function of an exercise, print what was found, and return it.

    The function's text runs in a process of its own, without the names of the notebook: it may use what it imports,
    what the chapter gives, and its arguments.

    Args:
        exercise: the number of the exercise, "3.06", which is needed where several have a function of this name.
        lang: the language of what is printed, "en" or "ko".
        function: one function by the name that the exercise asks for: ``check(linear_backward=linear_backward)``.

    Raises:
        InputError: there is no such exercise, or more than one, or the function's text cannot be read.
        WorkError: no process can be started for it.
    """
    from .notebooks import check_function

    report = check_function(exercise, function)
    print(report.words(lang))
    return report
