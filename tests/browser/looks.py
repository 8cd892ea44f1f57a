"""What is wrong with the looks of the page that is open: for axe-core, for fingers, at widths."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OF_COLOURS = ["color-contrast", "link-in-text-block"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_ON_A_PHONE = 44  # CSS pixels, for what stands alone and is pressed
HEIGHT = 800

SMALL = """
least => [...document.querySelectorAll(".button, .nav a, .nav summary, .play, .tel, .caller > a")]
  .filter(element => element.checkVisibility())
  .filter(element => element.getBoundingClientRect().height < least)
  .map(element => `small: ${element.textContent.trim()} ${element.offsetHeight}`)
"""
# What people wrote breaks where it likes.
THEIR_WORDS = ".bubble p, .quote, .note-entry, .spoken, .snippet, .words, q"
# A cut that says so by its three dots is none.
CUT = """
THEIR_WORDS => {
  const wide = document.documentElement.clientWidth;
  const wrong = new Set();
  if (document.documentElement.scrollWidth > innerWidth) wrong.add("it scrolls sideways");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    if (!text.data.trim() || element.closest("select, textarea, script, template, .skip")) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const around = [];
    for (let box = element; box; box = box.parentElement) around.push([box, getComputedStyle(box)]);
    if (around.some(([, style]) => style.clipPath !== "none")) continue; // said, not shown
    const dots = (style) => style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    if (around.some(([, style]) => dots(style))) continue;
    range.selectNodeContents(text);
    const said = text.data.trim().slice(0, 60);
    for (const rect of range.getClientRects()) {
      if (rect.width < 1) continue;
      if (rect.right > wide + 1 || rect.left < -1) wrong.add(`off the screen: ${said}`);
      for (const [box, style] of around) {
        if (style.overflowX === "visible") continue;
        const edge = box.getBoundingClientRect();
        if (rect.right > edge.right + 1 || rect.left < edge.left - 1) wrong.add(`cut off: ${said}`);
        break;
      }
      const holder = element.closest(".button, .badge, .play, .chip, .count, td, th");
      const edge = holder?.getBoundingClientRect();
      const sides = edge && (rect.right > edge.right + 1 || rect.left < edge.left - 1);
      if (sides || rect.bottom > edge?.bottom + 3) wrong.add(`beyond its edge: ${said}`);
    }
    if (element.closest(THEIR_WORDS)) continue;
    if (element.closest(".code, .raw, .sid, .parameters")) continue; // not words at all
    for (const whole of text.data.matchAll(/\\d:\\d\\d\\s[AP]M|\\p{L}{3,14}/gu)) {
      range.setStart(text, whole.index);
      range.setEnd(text, whole.index + whole[0].length);
      const lines = new Set([...range.getClientRects()].map(rect => Math.round(rect.top)));
      if (lines.size > 1) wrong.add(`on two lines: ${whole[0]} of ${said}`);
    }
  }
  return [...wrong];
}
"""


def bring_axe(context: BrowserContext) -> None:
    """The library stands in every page that is opened here. Sending it to each takes longer."""
    context.add_init_script(path=AXE)


def look(page: Page, widths: tuple[int, int], of: str = "html") -> list[str]:
    """What is wrong with the page, at each of these widths; the viewport has the first. `of`: the
    part of it that axe-core has not looked at before."""
    found = axe(page, of)
    if widths[0] < 600:
        found += page.evaluate(SMALL, SMALLEST_ON_A_PHONE)
    found += cut(page, widths[0])
    page.set_viewport_size({"width": widths[1], "height": HEIGHT})
    found += cut(page, widths[1])
    page.set_viewport_size({"width": widths[0], "height": HEIGHT})
    return found


def axe(page: Page, of: str = "html") -> list[str]:
    """What is wrong in the light theme or the dark, as `rule: element`.

    The themes differ in colours alone, so the dark one is asked about colours. The CSP lets the
    debugger bring the library in, and no page.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    wrong = _ran(page, of, {"type": "tag", "values": TAGS})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # no colour fades over
    wrong += [f"dark: {each}" for each in _ran(page, of, {"type": "rule", "values": OF_COLOURS})]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return wrong


def _ran(page: Page, of: str, only: dict[str, object]) -> list[str]:
    # What passed is not written down: telling of it takes as long as finding it.
    asked = {"runOnly": only, "resultTypes": ["violations"], "selectors": False}
    violations = page.evaluate(
        "async ([of, asked]) => (await axe.run(of, asked)).violations", [of, asked]
    )
    menu = violations and page.locator("details[data-menu][open]").count() > 0
    return [
        f"{each['id']}: {node['html'][:160]} {json.dumps(node['any'][:1])[:200]}"
        for each in violations
        for node in [node for node in each["nodes"] if not (menu and _covered(node))][:3]
    ]


def _covered(node: dict[str, Any]) -> bool:
    """What an open menu lies upon is pressed once it is closed."""
    facts = [each["data"] or {} for each in node["any"]]
    return any(fact.get("messageKey") == "partiallyObscured" for fact in facts)


def cut(page: Page, width: int) -> list[str]:
    return [f"at {width}: {each}" for each in page.evaluate(CUT, THEIR_WORDS)]
