"""Whether a part of a page can be used by everyone, as axe sees it: roles, names, contrast, focus."""

from pathlib import Path

AXE = Path(__file__).resolve().parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASK = """async ([selector, tags]) => {
  const answer = await axe.run(selector, { runOnly: tags, resultTypes: ['violations'], rules: { region: { enabled: false } } });
  return answer.violations.flatMap(each => each.nodes.map(node =>
    `${each.id}: ${each.help}\\n  ${node.html.slice(0, 200)}\\n  ${node.any.concat(node.all, node.none).map(one => one.message).join('; ')}`));
}"""


def complaints(page, selector: str) -> list[str]:
    """What axe finds in the element of a selector: the rule, the element, and why."""
    # JupyterLab's body has no height, by which axe takes all that stands in it for hidden.
    page.evaluate("document.body.style.height = '100vh'")
    if page.evaluate("typeof axe === 'undefined'"):
        assert AXE.is_file(), "axe-core is not installed: make panel"
        page.evaluate(AXE.read_text(encoding="utf-8"))
        # What a heading that stays in sight lies over is reached by scrolling.
        page.add_style_tag(content=".nb2svc-Section-heading { position: static !important; }")
    return page.evaluate(ASK, [selector, RULES])


def accessible(page, selector: str) -> None:
    """Fail where axe finds something in that part of the page."""
    found = complaints(page, selector)
    assert found == [], "\n".join(found)


def accessible_everywhere(page, selector: str) -> None:
    """The same in the light theme and in the dark one; the page has the light one afterwards."""
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        set_theme(page, theme)
        accessible(page, selector)


def set_theme(page, theme: str) -> None:
    """Change JupyterLab's theme, and wait until it is there; no colour fades into another."""
    page.add_style_tag(content="*, *::before, *::after { transition: none !important; animation: none !important; }")
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)


def set_width(page, pixels: int) -> None:
    """Make the right side bar that wide, as a person does: by the handle between it and the notebook."""
    side = page.locator("#jp-right-stack").bounding_box()
    page.mouse.move(side["x"] - 2, side["y"] + 300)
    page.mouse.down()
    page.mouse.move(side["x"] - 2 + side["width"] - pixels, side["y"] + 300, steps=4)
    page.mouse.up()
    page.wait_for_function("pixels => Math.abs(document.getElementById('jp-right-stack').clientWidth - pixels) < 8", arg=pixels)
