"""docs/benchmarks.md: the figures of one run, and how to read them."""

import os
import platform
from datetime import UTC, datetime

from services.binaries import find_postgres, postgres_version
from tests.benchmarks.claims import DUE
from tests.benchmarks.figures import Results
from tests.benchmarks.pages import COLD
from tests.benchmarks.run import LATENCY, Size
from tests.benchmarks.tables import tables

PAGE = """\
# Benchmarks

Made by `python -m tests.benchmarks --write` on {date}; `make bench` prints the same without \
writing this page. {machine}. The run took {seconds:.0f} s.

The machine is virtual, shared with other work and noisy: the processors were asked to do \
{load} things at a time (its load average) when the run ended. Compare figures of one run, not \
of two. Where a figure stands as *middle (least to most)*, it was measured several times and the \
brackets are its whole spread.

## {throughput.title}

{throughput_table}

Each request is a first call of a new caller: signature checked, event, phone, lead, call and \
timeline stored in one transaction, the desk told, TwiML answered. The server is the whole of \
`ringback up`, with `fsync` on; the client is a process of its own that signs beforehand and \
keeps its connections open. `pgbench` then commits one INSERT of 500 bytes in each transaction \
with as many clients on the same PostgreSQL: *commits/s*. {rounds} rounds of {round_seconds} s \
each, by turns. **Ratio** is webhooks answered for each bare commit: near 1 the disk would be the \
limit, far below it the statements of one webhook and the Python around them are. Client and \
server share the processors, so the webhooks have less than all of them. A clinic gets a few \
calls a minute: the line that matters to a caller is the one for 1 client.

## {handed_over.title}

{handed_over_table}

Through all processes and the sandbox, {calls} different callers, {apart} s apart, so that the \
sender's pace of one text a second delays nobody. The clock starts at what begins the \
follow-up: the prompt was heard to its end (the webhook that follows it is sent), or, for who \
hangs up during it, the caller's leg ended. It stops when the sandbox accepts the text, both by \
the sandbox's own log. The worker looks every 2 s, so half of that is waiting on average. A \
caller who hangs up while it still rings is not among these: their text waits 10 s on purpose, \
in case the news that somebody answered is late. The first of them rings once texts may go: after \
each start they wait, some 20 s, until Twilio's lists have been gone through for a STOP.

## {texts.title}

{texts_table}

The reminders are all due when the clock starts, {count_texts} in each of {text_rounds} rounds, \
and the rate is that between the first and the last that the provider took (within \
{text_seconds:g} s). Real workers and beat, by the Procfile's own commands, on PostgreSQL with \
`fsync` on. The provider is a process of the benchmark's own that takes every text after \
{latency_ms:.0f} ms: the sandbox, which keeps the conversations and delivers, would be the limit \
here. *Lifted* is a pace that nothing reaches; carriers let a short code come near it, while a \
long code sends about one text a second and is never held up by us. **Plain posts** are the least \
that sending can be: as many processes and threads, connections kept open, and after each post \
one bare UPDATE, committed; no consent, window, cap or opt-out is looked at, and a process that \
dies between the two texts again. Their latency and the processors, which the provider and the \
database share with the senders, limit both.

## {lateness.title}

{lateness_table}

{late} reminders fall due anywhere within {over:g} s, so that some of them come together; *late* \
is from that moment until the provider has taken the text, with one worker and the pace of one \
text a second.

## {claims.title}

{claims_table}

*Look* finds the due reminders among all that are scheduled (up to three months ahead); *claim* \
takes queued texts for a sender, while as many texts as there are reminders have gone out before. \
{due} of each are there to be found. {claim_count} transactions of each kind, begin and commit \
included, on one connection. *Plain* asks a copy of the same reminders, with an ordinary index on \
their state, for the due ones in order and locks them. That both of ours use their partial indexes \
and no sequential scan is a test (`tests/leads/test_claim_plan.py`).

## {day.title}

{day_table}

`ringback reconcile`, in a process of its own, through lists that a process beside it makes up, \
a thousand rows to a page, two rows to a call. The calls that are missing here are spread over the \
day and are added with lead, outcome and what follows. *Peak* is the most memory that the command \
ever had; it holds what is missing of two hours, and never the day.

## {pages.title}

{pages_table}

The leads, with three calls and two reminders each on average over a year and all that hangs \
on them, are those of `ringback demo --leads {leads}`; making them took {filling:.0f} s. The \
dashboard runs by the Procfile's own command on PostgreSQL with `fsync` on, and a signed-in \
browser asks for one page after the other over a socket, {openings} times each: from sending the \
request until the whole page has come, the audit's line for a look at a lead or a search \
included. Not counted are \
the first {cold} requests of each page, which load templates, statements and buffers: whoever \
opens a page first after a start waits longer than this. **Plain** is a page of `SELECT 1` in a \
transaction, on the same server software and database, asked for right after each; the ratio is \
how many of those a page is worth. That no page goes through a long table, and how many queries \
each makes at most, is a test (`tests/leads/test_page_plans.py`).

## {live.title}

{live_table}

With as many leads: a call rings for somebody new, {openings} times. What an open page shows is \
fetched by itself once it hears of a change, so the second line is what staff wait for, but for \
the drawing in their browser.

## {starts.title}

{starts_table}

From typing the command until it says "Ready": *database* is when PostgreSQL and Redis serve, \
*tables* when the migrations are checked, *ready* when webhooks, dashboard and sandbox answer. \
The one on an empty folder makes the database first.

## {memory.title}

{memory_table}

RSS counts a page that several processes share once for each of them (PostgreSQL's buffers \
above all); PSS divides it among them, so only PSS adds up. Read from `/proc/*/smaps_rollup`. \
With a real account there is no sandbox.
"""


def page(results: Results, size: Size) -> str:
    throughput, handed_over, starts, memory, texts, lateness, claims, day, pages, live = tables(
        results
    )
    return PAGE.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=machine(),
        seconds=results.seconds,
        load=f"{os.getloadavg()[1]:.1f}",
        rounds=size.rounds,
        round_seconds=size.seconds,
        calls=size.calls,
        apart=f"{size.apart[0]:g} to {size.apart[1]:g}",
        throughput=throughput,
        throughput_table=throughput.markdown(),
        handed_over=handed_over,
        handed_over_table=handed_over.markdown(),
        starts=starts,
        starts_table=starts.markdown(),
        memory=memory,
        memory_table=memory.markdown(),
        texts=texts,
        texts_table=texts.markdown(),
        count_texts=f"{size.texts:,}",
        text_rounds=size.text_rounds,
        text_seconds=size.text_seconds,
        latency_ms=LATENCY * 1000,
        lateness=lateness,
        lateness_table=lateness.markdown(),
        late=size.late,
        over=size.over,
        claims=claims,
        claims_table=claims.markdown(),
        claim_count=size.claims,
        day=day,
        day_table=day.markdown(),
        pages=pages,
        pages_table=pages.markdown(),
        live=live,
        live_table=live.markdown(),
        leads=size.leads,
        filling=results.filling,
        openings=size.openings,
        cold=COLD,
        due=DUE,
    )


def machine() -> str:
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, PostgreSQL {postgres_version(find_postgres().path)}"
    )
