"""Helpers of the tests: what an agent does in the composer, and the result in the database."""

from playwright.sync_api import Page, Route, expect

from tests.browser.stack import Stack


def opened(page: Page, stack: Stack, number: int) -> Page:
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#editor .cite").first).to_be_visible()
    page.wait_for_timeout(800)  # a draft that has just come is not sent by a key: outgoing.js, GLANCE
    return page


def can_send(page: Page) -> None:
    expect(page.locator("#send")).to_be_enabled()


def replies(stack: Stack, number: int) -> list[str]:
    sent = f"Message.objects.filter(ticket={number}, kind='reply').exclude(outgoing__state='undone')"
    return list(stack.ask(f"list({sent}.values_list('text', flat=True))"))


def notes(stack: Stack, number: int) -> list[str]:
    return list(stack.ask(f"list(Message.objects.filter(ticket={number}, kind='note').values_list('text', flat=True))"))


class Held:
    """A request that is held back until the test releases it."""

    def __init__(self, page: Page, address: str) -> None:
        self.routes: list[Route] = []
        page.route(address, lambda route: self.routes.append(route))
        self.page, self.address = page, address

    def let_go(self) -> None:
        for route in self.routes:
            route.continue_()
        self.page.unroute(self.address)
