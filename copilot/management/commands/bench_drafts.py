"""`manage.py bench_drafts`: how long drafts take when several are asked for at once.

Each makes the calls of a draft for a customer who writes another language: the model points at the units that answer
(one token), and for each of the two says it in that language (a stream) and is asked whether the source states what was
said (one token). Like real drafts the prompts share only their beginning: each has a number that was never used before,
so that no cache helps more than with a real one.

With --background so many others are kept at work in the background, as when the drafter has a full queue.
"""

import asyncio
import json
import secrets
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.numbers import percentile
from copilot import prompts
from copilot.drafting import pointing, saying
from copilot.grounding import checking
from copilot.llm import ChatMessage, FirstToken, HttpModel, ModelError, Priority, Sampling, Usage

# Each an article of Copperleaf, a shop for garden tools, as heading and two units, and a question that it answers.
CASES = [
    (
        "Delivery",
        "Parcels inside the country take 2 to 3 working days.",
        "Anything over 30 kg comes by haulier, who calls to agree a day.",
        "When will my wheelbarrow come? It says 34 kg.",
    ),
    (
        "Returns",
        "Unused goods can be sent back within 30 days. The label is under Orders › Return.",
        "Opened seed packets cannot be returned.",
        "The gloves are too small. How do I send them back?",
    ),
    (
        "Invoices",
        "Every invoice is under Account › Invoices, as PDF.",
        "The company name can be changed under Account › Billing; it counts from the next invoice.",
        "Our bookkeeper needs the invoice of March with the company name on it.",
    ),
    (
        "Sharpening",
        "We sharpen shears for 9 euros. Send them in with the form under Service › Sharpening.",
        "Sharpening takes about 10 days.",
        "Can you sharpen my hedge shears, what does it cost?",
    ),
    (
        "Battery",
        "Charge the battery fully before winter and store it above 5 degrees.",
        "A blinking red light means that the battery is too cold or too warm.",
        "My charger blinks red, is it broken?",
    ),
    (
        "Password",
        "Ask for a new password under Sign in › Forgotten. The link works for 2 hours.",
        "After 6 wrong tries an account is locked for 30 minutes.",
        "I can't get in any more, it says locked. What now?",
    ),
    (
        "Paying",
        "We take cards, bank transfer and invoice for companies.",
        "Payment by invoice needs a company account, checked in one working day.",
        "Is it possible to pay by invoice? We are a school.",
    ),
    (
        "Newsletter",
        "Unsubscribe with the link at the end of each issue; it works at once.",
        "Mails about an order cannot be switched off while it is open.",
        "Please stop sending me the newsletter.",
    ),
]
LANGUAGES = ("de", "es", "fr", "it")
SETTLING = 2.0  # seconds until the background drafts are at work
MEASURED = ("base_url", "concurrency", "max_tokens", "background")
TOLD = ("base_url", "background")
ARTICLES = 4  # in the evidence of a draft, so that it has eight units


@dataclass(frozen=True)
class Timing:
    """Seconds from the first request to the first text, to the first sentence that is verified, to the last answer."""

    first: float
    first_verified: float
    total: float
    tokens: int
    prompt: int  # tokens, of all calls
    cached: int
    pointed: float  # until the model had pointed
    verifying: float  # how long it took to ask about all sentences


@dataclass(frozen=True)
class Draft:
    """The texts of one draft."""

    point: list[ChatMessage]
    say: list[list[ChatMessage]]  # of each unit
    verify: list[list[ChatMessage]]
    sampling: Sampling


def draft(number: int, max_tokens: int) -> Draft:
    mark = f"No. {secrets.token_hex(4)}"
    _, *units, question = CASES[number % len(CASES)]
    language = LANGUAGES[number % len(LANGUAGES)]
    say, verify = prompts.load(saying.PROMPT), prompts.load(checking.PROMPT)
    return Draft(
        prompts.load(pointing.PROMPT).messages("point", evidence=evidence(number, mark), message=question),
        [say.messages("say", language, unit=f"{unit} ({mark})") for unit in units],
        [verify.messages("stated", source=f"{unit} ({mark})", claim=unit) for unit in units],
        Sampling(temperature=0, max_tokens=max_tokens),
    )


def evidence(number: int, mark: str) -> str:
    """The article that answers and some others."""
    items, said = prompts.load(pointing.PROMPT).items, ""
    for at in range(ARTICLES):
        heading, *units, _ = CASES[(number + at) % len(CASES)]
        said += items["head"].format(text=f"{heading} {mark}")
        for nth, unit in enumerate(units, start=1):
            said += items["unit"].format(number=2 * at + nth, text=unit)
    return said


def summary(timings: Sequence[Timing], seconds: float) -> dict[str, Any]:
    tokens = sum(timing.tokens for timing in timings)
    return {
        "drafts": len(timings),
        **half_and_most("ttft", [timing.first for timing in timings]),
        **half_and_most("first_verified", [timing.first_verified for timing in timings]),
        **half_and_most("total", [timing.total for timing in timings]),
        "tokens": tokens,
        "tokens_per_second": round(tokens / seconds, 1),
        "point_p50_ms": round(percentile([timing.pointed for timing in timings], 0.5) * 1000),
        "verify_p50_ms": round(percentile([timing.verifying for timing in timings], 0.5) * 1000),
        "new_prompt_tokens_p50": percentile([timing.prompt - timing.cached for timing in timings], 0.5),
        "cached_tokens_min": min(timing.cached for timing in timings),
        "seconds": round(seconds, 2),
    }


def half_and_most(name: str, seconds: Sequence[float]) -> dict[str, int]:
    return {f"{name}_p{share}_ms": round(percentile(seconds, share / 100) * 1000) for share in (50, 95)}


async def one_draft(model: HttpModel, number: int, max_tokens: int, priority: Priority = "interactive") -> Timing:
    asked, used, started = draft(number, max_tokens), [Usage()], time.perf_counter()
    words = [str(number) for number in range(2 * ARTICLES + 1)]
    used += [answer.usage for answer in await first_tokens(model, [asked.point], words, priority)]
    pointed = time.perf_counter() - started
    first, verified, verifying, written = 0.0, [], 0.0, 0
    for say, verify in zip(asked.say, asked.verify, strict=True):
        came, usage, pieces = await said(model, say, asked.sampling, priority)
        first = first or came - started
        told = time.perf_counter()
        answers = await first_tokens(model, [verify], ["Yes", "No"], priority)
        verified.append(time.perf_counter() - started)
        verifying += time.perf_counter() - told
        used += [usage, *(answer.usage for answer in answers)]
        written += usage.completion_tokens or pieces
    prompt, cached = sum(each.prompt_tokens or 0 for each in used), sum(each.cached_tokens or 0 for each in used)
    return Timing(first, verified[0], verified[-1], written, prompt, cached, pointed, verifying)


async def said(
    model: HttpModel, chat: list[ChatMessage], sampling: Sampling, priority: Priority
) -> tuple[float, Usage, int]:
    """When its first text came, what it used, and how many pieces it had."""
    came, usage, pieces = 0.0, Usage(), 0
    async with aclosing(model.stream(chat, sampling, priority)) as stream:
        async for piece in stream:
            came = came or (time.perf_counter() if piece.text else 0.0)
            pieces += bool(piece.text)
            usage = piece.usage if piece.usage.prompt_tokens else usage
    return came or time.perf_counter(), usage, pieces


async def first_tokens(
    model: HttpModel, chats: Sequence[list[ChatMessage]], words: Sequence[str], priority: Priority
) -> Sequence[FirstToken]:
    """In one request where the server takes that, as for a draft."""
    if await model.answers_many():
        return await model.first_tokens(chats, words, priority)
    return await asyncio.gather(*(model.first_token(chat, priority) for chat in chats))


async def at_once(model: HttpModel, concurrency: int, max_tokens: int) -> dict[str, Any]:
    """Every case once, and as many as there are agents, `concurrency` of them at any time."""
    gate = asyncio.Semaphore(concurrency)

    async def next_one(number: int) -> Timing:
        async with gate:
            return await one_draft(model, number, max_tokens)

    started = time.perf_counter()
    timings = await asyncio.gather(*map(next_one, range(max(len(CASES), concurrency))))
    return {"concurrency": concurrency} | summary(timings, time.perf_counter() - started)


@asynccontextmanager
async def beside(model: HttpModel, background: int, max_tokens: int) -> AsyncIterator[None]:
    """Inside, so many background drafts are wanted all the time: where one ends, the next begins."""

    async def one_after_the_other(first: int) -> None:
        for number in count(first):
            await one_draft(model, number, max_tokens, "background")

    tasks = [asyncio.create_task(one_after_the_other(number)) for number in range(background)]
    try:
        await asyncio.sleep(SETTLING if tasks else 0)
        yield
        for task in tasks:
            if task.done():
                task.result()  # raises what ended it: then fewer were at work than said
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def measure(
    base_url: str, concurrency: Sequence[int], max_tokens: int, background: int = 0
) -> list[dict[str, Any]]:
    """One draft first that does not count: it loads the model and fills the cache, as a working desk has."""
    model = HttpModel(base_url)
    await one_draft(model, len(CASES) - 1, max_tokens)
    async with beside(model, background, max_tokens):
        return [await at_once(model, number, max_tokens) for number in concurrency]


def numbers(text: str) -> list[int]:
    values = [int(part) for part in text.split(",")]
    if min(values) < 1:
        raise ValueError(text)
    return values


class Command(BaseCommand):
    help = "Measures drafts against the configured model server, or another one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=numbers, default=[1, 4, 8], metavar="1,4,8")
        parser.add_argument("--base-url", default=settings.LLM_BASE_URL)
        parser.add_argument("--background", type=int, default=0, metavar="N", help="drafts in the background meanwhile")
        parser.add_argument("--max-tokens", type=int, default=120, help="length of a translated unit at most")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = asyncio.run(measure(*(options[name] for name in MEASURED)))
        except ModelError as error:
            raise CommandError(f"{options['base_url']}: {error.message} ({error.code})") from error
        if options["json"]:
            self.stdout.write(json.dumps({name: options[name] for name in TOLD} | {"results": rows}))
            return
        self.stdout.write(
            "at once   first text p50 / p95 ms   first verified p50 / p95 ms   whole draft p50 / p95 ms   tokens/s"
        )
        for row in rows:
            self.stdout.write(
                f"{row['concurrency']:>7}   {row['ttft_p50_ms']:>12} / {row['ttft_p95_ms']:<9}   "
                f"{row['first_verified_p50_ms']:>15} / {row['first_verified_p95_ms']:<9}   "
                f"{row['total_p50_ms']:>12} / {row['total_p95_ms']:<9}   {row['tokens_per_second']:>8}"
            )
