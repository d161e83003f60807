"""What somebody does who has a keyboard and nothing else."""

from __future__ import annotations

#: The one button a form of the pages has.
SUBMIT = "main form button[type=submit]"


def press(page, selector=SUBMIT):
    """Reach something and act on it; waits for the page that follows."""
    page.locator(selector).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page, selector, words):
    """Type into a field."""
    page.locator(selector).first.focus()
    page.keyboard.type(words)
