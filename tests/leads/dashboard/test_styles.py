"""Colours and sizes of type have names, and one place: tokens.css. Paper has its own, print.css."""

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[3] / "leads" / "dashboard" / "assets" / "styles"
RULES = sorted(file for file in STYLES.glob("*.css") if file.stem not in {"tokens", "print"})
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"(?<![\w-])([a-z-]+):\s*([^;{}]+)[;}]")
NAMED = (
    *("black", "white", "silver", "gray", "grey", "red", "maroon", "orange", "yellow", "olive"),
    *("lime", "green", "aqua", "cyan", "teal", "blue", "navy", "purple", "fuchsia", "magenta"),
    *("brown", "gold", "pink", "violet", "indigo", "crimson", "tomato", "ivory", "beige"),
    *("canvas", "canvastext", "linktext", "buttonface", "buttontext", "highlight", "graytext"),
)
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b"
    r"|\b(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark)\("
    rf"|(?<![\w-])({'|'.join(NAMED)})(?![\w-])",
    re.IGNORECASE,
)
TYPE = re.compile(r"inherit\b|(\d{3} )?var\(--t-[a-z]+\)")


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_only_the_tokens_name_a_colour_or_a_size_of_type(file: Path) -> None:
    assert own_words(file.read_text()) == []


@pytest.mark.parametrize(
    "rule",
    [
        "a { color: #FFF; }",
        "a { border: 1px solid rgb(0 0 0 / 40%); }",
        "a { &:hover { background: oklch(0.5 0.1 20) } }",
        "a { outline: 2px solid White; }",
        "a { font-size: 0.75rem; }",
        "a { font: 500 13px/1.5 var(--font); }",
    ],
)
def test_a_rule_with_a_colour_or_size_of_its_own_is_found(rule: str) -> None:
    assert len(own_words(rule)) == 1


def own_words(styles: str) -> list[str]:
    return [
        f"{name}: {value}"
        for name, value in DECLARATION.findall(COMMENT.sub("", styles))
        if COLOUR.search(value) or (name in {"font", "font-size"} and not TYPE.match(value))
    ]
