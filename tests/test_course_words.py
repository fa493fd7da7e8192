"""What the course says: every finding has words in both languages, of four lines at most, and never the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from layerlab.course.checker.changing.edits import KINDS
from layerlab.course.checker.diagnostic import CODES, EXCEPTIONS, Diagnostic, Proof
from layerlab.course.checker.exercise import Exercise, all_exercises
from layerlab.course.checker.relating import drawing, relations
from layerlab.course.wording import LANGUAGES, passed_words, worded
from layerlab.course.wording.phrasing import language
from layerlab.course.wording.relations import relation_topic

LINEAR = next(exercise for exercise in all_exercises() if exercise.function == "linear_backward")

DETAILS: dict[str, list[dict[str, Any]]] = {
    "syntax": [{"text": "'(' was never closed", "shown": "def f(x"}, {"text": "source code cannot contain null bytes"}],
    "not-loaded": [{"exception": "NameError", "text": "name 'x' is not defined"}],
    "ends-python": [{"how": "exit()"}, {"how": "os._exit(3)"}],
    "function-missing": [{"function": "linear_backward", "nearest": None}, {"nearest": "linear_backwards"}],
    "imported-answer": [{"module": "layerlab.notes"}],
    "never-ends": [{"seconds": 5}, {"thread": True}],
    "died": [{"signal": 11}, {"status": 3}],
    "forbidden": [{"action": action, "name": "np.abs"} for action in ("network", "process", "write", "overwrite")],
    "not-written": [{"function": "linear_backward"}],
    "uses-global": [{"type": "int", "stands_for": "learning_rate"}, {"type": "ndarray", "stands_for": None}, {}],
    "returned-none": [
        {"computed": ["dA_prev", "dW", "db"], "times": 3, "of": 3},
        {"computed": ["dW"], "times": 3, "of": 3},
        {"computed": [], "times": 1, "of": 3},
    ],
    "mutated": [
        {"names": ["W1", "b1", "W2", "b2"], "how": "augmented", "copied": "parameters.copy()"},
        {"names": ["dZ"], "how": "element", "copied": None},
        {"names": ["dZ"], "how": "other", "copied": None},
        {"names": ["W1", "b1", "W2", "b2", "W3"], "how": "entry", "copied": None},
    ],
    "edge": [{"arguments": "integers"}, {"arguments": "half", "right": False}],
    "slope": [{"argument": "w", "index": [0, 0], "slope": 0.25, "got": -0.5}],
    "unnamed": [
        {"right": [], "index": [0, 1], "got": 1.5, "expected": 2.0},
        {"right": ["dW"], "index": [], "got": 1.5, "expected": 2.0},
        {"right": ["dW"], "got_shape": [2], "wanted_shape": [3]},
    ],
    "overflow": [{"text": "overflow", "arguments": "large", "right": True}, {"arguments": "large", "right": False}],
    "one-by-one": [{"shape": [1, 1], "dtype": "float64"}],
    "loop": [{"lines": [4], "size": "m"}, {"lines": [4], "size": None}],
}

ALL_RELATIONS = [
    "none",
    "type list",
    "not a number",
    "integers",
    "transposed",
    "shape (n,)",
    "shape (n,), ratio m",
    "shape (n, m), permuted",
    "not added axis 1",
    "not added",
    "not averaged axis 1",
    "added axis 0",
    "added axis 0, ratio 1/m",
    "averaged",
    "repeated",
    "ratio m",
    "ratio 1/m",
    "ratio -1",
    "ratio n/m",
    "ratio m/(m-1)",
    "ratio 1/2",
    "proportional",
    "off by term b",
    "axis 0 instead of 1: np.sum(dZ, axis=0)",
    "no axis: np.sum(dZ)",
    "added before abs: np.abs(np.sum(dZ))",
    "1 - x",
    "reshaped instead of transposed",
    "rows permuted",
    "columns permuted",
    "permuted",
    "without function log",
    "function square",
    "signs",
    "constant 0",
    "constant",
    "constant 0.5",
    "factor per row",
    "factor per column",
    "is dA1",
    "is dA1.T",
    "is m * dA1",
    "missing term b",
    "extra term b",
    "sign of term learning_rate * dW1",
    "without factor learning_rate",
    "extra factor A1",
    "is dA1 * (1 - A1)",
    "shape (m, m) of other numbers",
    "not zero",
    "rows equal",
    "columns equal",
    "only positive",
    "only negative",
    "not centred",
    "scale 1 instead of 0.01",
    "not repeatable",
    "same for every seed",
    "repeats W1",
    "unchanged",
    "all pairs",
    'is "relu"',
    "truncated",
    "modulo 256",
    "ratio n/m in term learning_rate * dW1",
]
RELATIONS = {
    "value": ALL_RELATIONS,
    "structure": [
        "type tuple instead of dict",
        "type list instead of array in dW",
        "2 values instead of 3",
        "1 value instead of 2 in caches[0]",
        "missing key 'dW1'",
        "order: dW, dA_prev, db",
        "return in a loop",
    ],
    "small-change": list(KINDS),
    "edge": ["integers"],
    "overflow": ["overflow", "divide", "invalid"],
    "convention": ["ratio 1/m", "ratio m"],
}
EXCEPTION_DETAILS: dict[str, list[dict[str, Any]]] = {
    "shapes": [
        {
            "operation": "product",
            "shapes": [[3, 7], [5, 7]],
            "other_product": "turned",
            "wanted_shape": [3, 5],
            "like": "W",
        },
        {"operation": "product", "shapes": [[3, 7], [5, 2]], "turn": False, "wanted_shape": [3, 5], "like": None},
        {"operation": "product", "shapes": [[3, 7], [3, 7]], "other_product": "elementwise", "wanted_shape": [3, 7]},
        {"operation": "product", "shapes": [[3, 7], [5, 3]], "other_product": "exchanged", "wanted_shape": [5, 7]},
        {"operation": "elementwise", "shapes": [[3, 7], [7, 5]], "other_product": "product", "wanted_shape": [3, 5]},
        {"operation": "elementwise", "shapes": [[3, 7], [3]], "cause": "shape (n,)", "raised_line": 12},
        {"operation": "elementwise", "shapes": [[3, 7], [3]], "raised_line": 12, "raised_part": "x / norm"},
        {"operation": "reshape", "shapes": [[3, 7]]},
        {"operation": "other", "shapes": []},
    ],
    "missing-key": [{"key": "W3"}, {"key": 3}],
    "unknown-name": [{"name": "dw", "nearest": None}, {"name": "dw", "nearest": "dW"}],
    "unassigned": [{"name": "dW"}],
    "types": [{"types": ["tuple", "array of float64"]}, {"types": []}],
    "attribute": [{"attribute": "shape", "type": "tuple"}, {"attribute": None, "type": None}],
}
SAID = {"exception": "ValueError", "text": "operands could not be broadcast together with shapes (3,7) (3,)"}


def examples() -> Iterator[Diagnostic]:
    """One finding or more of every code, class of exception and relation, with and without a place and a proof."""
    proofs = (None, Proof(True, ("dZ2", "dW2"), ("dW", "dW1", "db1"), 3), Proof(True, ("db",), ("dW",), 3))
    shapes: list[dict[str, Any]] = [
        {"sizes": {"m": 7}, "got_shape": [3], "wanted_shape": [3, 1], "wrong_cases": 3, "cases": 3},
        {"sizes": {}, "got_shape": [], "wanted_shape": [], "wrong_cases": 2, "cases": 3, "got": 2.0, "expected": 7.0},
        {"sizes": {}, "got_shape": [], "wanted_shape": [], "kind": "test"},
    ]
    for code in CODES:
        if code == "exception":
            for name in EXCEPTIONS:
                for details in EXCEPTION_DETAILS.get(name, [{}]):
                    for part in (None, "np.dot(dZ, A_prev)"):
                        yield Diagnostic(code, "dW", name, 5, part, proofs[1], SAID | details)
            continue
        for relation in RELATIONS.get(code, [None]):
            for details in shapes if code == "value" else DETAILS.get(code, [{}]):
                for line, proof in ((None, None), (11, proofs[1]), (11, proofs[2])):
                    part = "np.sum(dZ, axis=1)" if line or code == "small-change" else None
                    yield Diagnostic(code, "dW", relation, line, part, proof, details)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_has_words_of_four_lines_at_most(lang: str) -> None:
    for found in examples():
        words = worded(found, LINEAR, lang)
        lines = [*words.message.splitlines(), *words.question.splitlines()]
        assert 2 <= len(lines) <= 4, found.key
        assert words.question.endswith(("?", "요.")), words.question
        for line in lines:
            assert line == line.strip(), found.key
            assert not re.search(r"[{}]|\.\.", line), line
            assert max(len(word) for word in line.split()) < 50


def keys(lang: str) -> dict[str, set[str]]:
    return {section: set(entries) for section, entries in language(lang).sections.items()}


def test_both_languages_have_the_same_keys_and_fields() -> None:
    assert keys("en") == keys("ko")
    for section, entries in language("en").sections.items():
        for key, english in entries.items():
            korean = language("ko").sections[section][key]
            assert fields(english) == fields(korean), key
            assert isinstance(english, str) or len(english) == len(korean) == 3


def fields(text: str | list[str]) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", " ".join([text] if isinstance(text, str) else text)))


CODE = r"\{\w+\}|None|NumPy|return|import|input\(\)|print|float\(\)|math|reshape|[\"']"


def test_no_english_sentence_is_left_in_korean() -> None:
    for entries in language("ko").sections.values():
        for korean in entries.values():
            for text in [korean] if isinstance(korean, str) else korean:
                bare = re.sub(CODE, "", text)
                assert not re.search(r"[A-Za-z]{3,}\s+[A-Za-z]{3,}", bare), text


PARTICLE = r"\{\w+\}(은|는|이|가|을|를|과|와|로|으로|이어야|여야)(?=[\s.,])"


def test_no_particle_follows_a_name_whose_reading_is_unknown() -> None:
    """After a name or a number may come what does not change with its last sound: 의, 도, 에, 만, 배, 번째."""
    for section, entries in language("ko").sections.items():
        for key, korean in entries.items():
            for text in [korean] if isinstance(korean, str) else korean:
                assert not re.search(r"\{\w+\}(은|는|이|가|을|를|과|와|로|으로|이어야|여야)(?=[\s.,])", text), (
                    section,
                    key,
                )


def test_english_sentences_are_sentences() -> None:
    for section in ("file", "mutated", "exception", "structure", "value", "advice"):
        for key, (fact, meaning, question) in language("en").sections[section].items():
            assert not fact.endswith("."), key
            assert meaning.endswith("."), key
            assert question.endswith("?"), key


def stated(text: str | None) -> set[str]:
    """The relations that a grammar in a docstring lists, with an example in place of E and f."""
    found: set[str] = set()
    for line in re.findall(r"^    (\S.*?)(?:  +\S.*)?$", text or "", re.MULTILINE):
        found |= {re.sub(r"\bE\b", "dA1 * A1", re.sub(r"\bf\b", "exp", entry.strip())) for entry in line.split("·")}
    return found


def test_every_relation_of_the_grammars_has_words_of_its_own() -> None:
    grammar = stated(relations.__doc__) | {
        entry.strip(" .\n") for entry in re.split("·", (drawing.drawn_relation.__doc__ or "").split("Its texts:")[1])
    }
    assert len(grammar) > 40
    english = language("en")
    for text in grammar:
        assert relation_topic(Diagnostic("value", "dW", text), english).key != "other", text


ANSWERS = ("keepdims", "axis=", ".T", "np.maximum", "reshape(-1", "1/m)", "copy()", "// 2")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_template_gives_the_answer_away(lang: str) -> None:
    for entries in language(lang).sections.values():
        for texts in entries.values():
            for text in [texts] if isinstance(texts, str) else texts:
                assert not any(answer in text for answer in ANSWERS), text


def test_words_of_a_language_that_the_course_does_not_speak_are_refused() -> None:
    with pytest.raises(ValueError, match="lang must be one of en, ko, not 'fr'"):
        passed_words(LINEAR, "fr")


def said(found: Diagnostic, lang: str, exercise: Exercise = LINEAR) -> list[str]:
    words = worded(found, exercise, lang)
    return [*words.message.splitlines(), words.question]


GOLDEN = (
    (
        Diagnostic(
            "value",
            "dZ1",
            "ratio 1/m",
            11,
            proof=Proof(True, ("dZ2", "dW2", "db2"), ("dW1", "db1"), 3),
            details={"sizes": {"m": 7}, "wrong_cases": 3, "cases": 3, "wanted_shape": [4, 7], "got_shape": [4, 7]},
        ),
        [
            "Line 11: dZ1 is 1/m of what it should be (m = 7, on all 3 test cases).",
            "dZ2, dW2 and db2 are right. With the right dZ1, dW1 and db1 come out right too.",
            "An average seems to be taken once more than needed.",
            "Where else in this function is it divided by m?",
        ],
        [
            "11번째 줄: dZ1의 값이 맞는 값의 1/m입니다 (m = 7, 시험 3가지 모두).",
            "이미 맞는 값: dZ2, dW2, db2. dZ1의 값만 맞으면 dW1, db1도 맞게 나옵니다.",
            "평균을 한 번 더 낸 것 같습니다.",
            "이 함수에서 m으로 나누는 곳이 또 어디에 있나요?",
        ],
    ),
    (
        Diagnostic(
            "value",
            "db",
            "shape (n,)",
            6,
            "np.sum(dZ, axis=1) / m",
            details={"sizes": {"n": 3}, "wanted_shape": [3, 1], "got_shape": [3]},
        ),
        [
            "Line 6: db has the right numbers in the shape (3,); wanted (3, 1).",
            "Adding along an axis drops that axis.",
            "How could db keep its axis as one of size 1?",
        ],
        [
            "6번째 줄: db의 값은 맞지만 형상이 (3,)입니다. 필요한 형상은 (3, 1)입니다.",
            "축을 따라 더하면 그 축이 사라집니다.",
            "더한 뒤에도 크기가 1인 축을 남기려면 어떻게 해야 할까요?",
        ],
    ),
    (
        Diagnostic(
            "exception",
            "dW",
            "shapes",
            5,
            "np.dot(dZ, A_prev)",
            Proof(True, (), ("dA_prev", "dW", "db"), 3),
            {
                "operation": "product",
                "shapes": [[3, 7], [5, 7]],
                "other_product": "turned",
                "wanted_shape": [3, 5],
                "like": "W",
                **SAID,
            },
        ),
        [
            "Line 5: np.dot(dZ, A_prev) cannot be multiplied: (3, 7) with (5, 7).",
            "With the right dW, the whole result is right.",
            "dW must look like W, which is (3, 5).",
            "Which of the two has to turn so that the inner sizes meet?",
        ],
        [
            "5번째 줄: np.dot(dZ, A_prev): 곱할 수 없습니다. (3, 7), (5, 7).",
            "dW의 값만 맞으면 결과 전체가 맞게 나옵니다.",
            "dW에 필요한 형상은 W의 형상 그대로입니다: (3, 5).",
            "안쪽 크기가 맞으려면 둘 중 어느 것을 전치해야 할까요?",
        ],
    ),
    (
        Diagnostic(
            "returned-none",
            details={"function": "linear_backward", "computed": ["dA_prev", "dW", "db"], "times": 3, "of": 3},
        ),
        [
            "linear_backward gave back None.",
            "dA_prev, dW and db are computed, and right.",
            "A function hands out only what it returns.",
            "What should its last line say?",
        ],
        [
            "linear_backward: 돌려준 값이 None입니다.",
            "dA_prev, dW, db: 모두 계산되었고, 맞습니다.",
            "함수는 return한 것만 밖으로 내보냅니다.",
            "마지막 줄에는 무엇이 있어야 할까요?",
        ],
    ),
    (
        Diagnostic(
            "mutated",
            "parameters",
            line=5,
            details={"names": ["W1", "b1", "W2", "b2"], "how": "augmented", "copied": "parameters.copy()"},
        ),
        [
            "Line 5: W1, b1, W2 and b2 of the caller changed.",
            "parameters.copy() copies the outside; the arrays in it are still the same ones.",
            "A second call would start from other numbers.",
            "How do you make a new array instead of writing into the old one?",
        ],
        [
            "5번째 줄: 호출한 쪽의 값이 바뀝니다: W1, b1, W2, b2.",
            "parameters.copy(): 바깥만 복사합니다. 안에 있는 배열은 그대로입니다.",
            "두 번째 호출은 다른 값에서 시작하게 됩니다.",
            "원래 배열에 쓰지 않고 새 배열을 만들려면 어떻게 할까요?",
        ],
    ),
)


@pytest.mark.parametrize(("found", "english", "korean"), GOLDEN)
def test_five_messages_read_as_they_should(found: Diagnostic, english: list[str], korean: list[str]) -> None:
    assert said(found, "en") == english
    assert said(found, "ko") == korean
