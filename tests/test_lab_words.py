"""The lab's texts: the same keys in both languages, one for every setting and finding, and one for every key in use."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from layerlab.settings import SETTINGS

LAB = Path(__file__).resolve().parents[1] / "src" / "layerlab" / "lab"

LANGUAGES = ("en", "ko")

FINDINGS = ("diverged", "equal", "dead", "saturated", "rising", "oscillating", "stuck", "slow")
"""The kinds of ``Finding``, as its docstring lists them."""

CONTRACT = {
    "play": ("Play", "실행"),
    "pause": ("Pause", "일시정지"),
    "step": ("One iteration", "한 번 반복"),
    "rewind": ("Rewind to the initial weights", "처음 가중치로"),
    "iteration": ("Iteration", "반복"),
    "setting.learning_rate.name": ("Learning rate", "학습률"),
    "tab.inside": ("Inside", "안쪽"),
    "tab.take": ("Take away", "가져가기"),
    "take.python": ("Python that reproduces this run", "이 실행을 재현하는 파이썬"),
}
"""Names by which checks from outside find the controls."""

USED = re.compile(r"""\b(?:t|has)\(\s*(?:"([^"]+)"|`([^`]+)`)""")
"""A call of ``t`` or ``has`` with a key, or with a template of keys."""

HANGUL = re.compile("[가-힣]")


@cache
def words(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((LAB / "words" / f"{language}.json").read_text(encoding="utf-8"))
    return found


def modules() -> list[Path]:
    return sorted((LAB / "page").glob("*.js"))


def holes(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_both_languages_have_the_same_keys_and_holes() -> None:
    english, korean = words("en"), words("ko")
    assert sorted(english) == sorted(korean)
    assert {key: holes(text) for key, text in english.items()} == {key: holes(text) for key, text in korean.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_twice_and_no_text_is_empty(language: str) -> None:
    def without_doubles(pairs: list[tuple[str, str]]) -> dict[str, str]:
        assert len(dict(pairs)) == len(pairs), "a key stands twice"
        return dict(pairs)

    text = (LAB / "words" / f"{language}.json").read_text(encoding="utf-8")
    found = json.loads(text, object_pairs_hook=without_doubles)
    assert all(isinstance(one, str) and one.strip() == one and one for one in found.values())


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_its_sentence(name: str) -> None:
    setting = SETTINGS[name]
    english, korean = words("en"), words("ko")
    assert english[f"setting.{name}"] == setting.help
    assert english.get(f"setting.{name}.usual", "") == setting.usual
    for key in (f"setting.{name}", f"setting.{name}.name"):
        assert HANGUL.search(korean[key]), korean[key]


def test_no_text_is_of_a_setting_that_is_none() -> None:
    names = {key.split(".")[1] for key in words("en") if key.startswith("setting.")}
    assert names - set(SETTINGS) == {"layers", "hidden", "empty"}


@pytest.mark.parametrize("kind", FINDINGS)
def test_every_kind_of_finding_has_its_texts(kind: str) -> None:
    for language in LANGUAGES:
        assert {f"finding.{kind}", f"finding.{kind}.why"} <= set(words(language))


def test_names_of_the_contract() -> None:
    assert {key: (words("en")[key], words("ko")[key]) for key in CONTRACT} == CONTRACT


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.name)
def test_every_key_that_a_module_uses_has_a_text(module: Path) -> None:
    for plain, template in USED.findall(module.read_text(encoding="utf-8")):
        key = plain or template
        if "${" not in key:
            assert key in words("en"), f"{module.name}: {key}"
            continue
        pattern = "[^ ]+".join(re.escape(part) for part in re.split(r"\$\{[^}]*\}", key))
        assert any(re.fullmatch(pattern, one) for one in words("en")), f"{module.name}: {key}"


def test_every_text_is_used() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in modules())
    templates = [
        "[^ ]+".join(re.escape(part) for part in re.split(r"\$\{[^}]*\}", template))
        for template in re.findall(r"`([\w.${}\[\]()]+)`", code)
        if "${" in template and not template.startswith("${")
    ]
    for key in words("en"):
        stem = key.removesuffix(".one")
        used = f'"{key}"' in code or f'"{stem}"' in code or any(re.fullmatch(one, key) for one in templates)
        assert used, key


def test_korean_is_korean() -> None:
    """A text that has no Hangul has no English sentence either: it is a name, a sign, or a hole."""
    for key, text in words("ko").items():
        if not HANGUL.search(text):
            assert len(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", text))) < 3, f"{key}: {text}"


def test_the_page_names_all_of_its_files() -> None:
    page = (LAB / "page" / "index.html").read_text(encoding="utf-8")
    assert sorted(re.findall(r'modulepreload" href="([^"]+)"', page)) == [path.name for path in modules()]
    styles = sorted(path.name for path in (LAB / "page").glob("*.css"))
    assert sorted(re.findall(r'stylesheet" href="([^"]+)"', page)) == styles


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.name)
def test_modules_can_be_bundled_and_lie_in_a_shadow_root(module: Path) -> None:
    """One file for a notebook can be made of them: named exports, imports on lines of their own, a root element."""
    code = module.read_text(encoding="utf-8")
    assert not re.search(r"export\s+default|getElementById|\bwindow\.(on|add)|innerHTML|import\(|import\.meta", code)
    for line in re.findall(r"^.*\bfrom \".*$", code, re.MULTILINE):
        assert re.fullmatch(r'import \{ [\w, ]+ \} from "\./[a-z0-9_-]+\.js";', line), line
    assert not re.search(r"\bstyle=|setAttribute\(\"style\"", code)


def test_no_region_is_named_as_a_value_of_the_header() -> None:
    terms = ("iteration", "cost", "validation_cost", "validation_accuracy")
    for language in LANGUAGES:
        texts = words(language)
        regions = {text for key, text in texts.items() if key.startswith(("region.", "tab.", "group."))}
        assert not regions & {texts[term] for term in terms}
