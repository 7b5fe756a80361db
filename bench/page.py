"""How soon the live page shows what is published.

    .venv/bin/python bench/page.py [--articles 100] [--screenshots DIRECTORY]

A broker, a worker and a server, each a process, and a headless Chromium that shows the matrix. Articles are published
one at a time; for each is taken when it was handed to the producer, when the row of its event stood in the page, and
when its evidence did. With --screenshots the samples are published instead, and
pictures of the page go into the directory.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

from local_broker import broker
from playwright.async_api import Page, async_playwright
from serve import Process, ready, serving

from models import RawArticle
from topics.admin import create
from workers.producing.client import ArticleProducer

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CHROMIUM = os.environ.get("DYADS_CHROMIUM") or shutil.which("chromium") or "chromium"
WARM = 5
PAUSE_SECONDS = 0.3
PICTURES = (("matrix", "", 1120, 760, "light"), ("dyad", "#/dyad/BLR-LTU", 1120, 760, "dark"))

WATCH = """
window.seen = {};
new MutationObserver(() => {
  for (const item of document.querySelectorAll("[data-event]")) {
    const day = item.querySelector("time").dateTime;
    const seen = (window.seen[day] ??= {});
    seen.row ??= Date.now();
    if (item.querySelector(".evidence")) seen.evidence ??= Date.now();
  }
}).observe(document, { childList: true, subtree: true });
"""


async def measure(address: str, page: Page, articles: int) -> None:
    """Publish, and print how long it took."""
    rng = random.Random(1)
    published = {}
    async with ArticleProducer(address) as producer:
        for number in range(WARM + articles):
            day = dt.datetime(2025, 1, 1, 9, tzinfo=dt.UTC) + dt.timedelta(days=number)
            text = f"Президент Казахстана обвинил Узбекистан в нарушении границы. Это сообщение номер {number}."
            published[f"{day:%Y-%m-%d}"] = 1000 * time.time()
            await producer.publish(RawArticle(id=f"page/{number}", text=text, source="a.example", published_at=day))
            if number < WARM:  # until the worker has its partitions and its coder
                await shown(page, f"{day:%Y-%m-%d}")
            await asyncio.sleep(PAUSE_SECONDS * (0.5 + rng.random()))
    seen = await shown(page, max(published))
    for what in ("row", "evidence"):
        took = [seen[day][what] - at for day, at in sorted(published.items())[WARM:]]
        cut = statistics.quantiles(took, n=20)
        print(f"{what}: p50 {cut[9]:.0f} ms, p95 {cut[18]:.0f} ms, most {max(took):.0f} ms, of {len(took)} articles")


async def shown(page: Page, day: str) -> Any:
    """Wait until the event of a day stands in the page with its evidence; what was seen up to then, by day."""
    while "evidence" not in (seen := await page.evaluate("window.seen")).get(day, {}):
        await asyncio.sleep(0.1)
    return seen


async def pictures(page: Page, url: str, directory: Path) -> None:
    """Take pictures of the page with the samples."""
    for name, view, width, height, theme in PICTURES:
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        await page.goto(f"{url}/{view}")
        await page.wait_for_selector("[data-drawn]" if view else ".matrix")
        await page.wait_for_timeout(500)
        picture = smaller(await page.screenshot())
        (directory / f"page-{name}.png").write_bytes(picture)
        print(f"page-{name}.png: {len(picture):,} bytes")


def smaller(png: bytes) -> bytes:
    """The same picture, packed as tightly as zlib can: Chromium packs in haste."""
    chunks, at = [], 8
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + size]))
        at += 12 + size
    pixels = zlib.compress(zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT")), 9)
    packed = [(b"IHDR", chunks[0][1]), (b"IDAT", pixels), (b"IEND", b"")]
    crc = [struct.pack(">I", zlib.crc32(kind + data)) for kind, data in packed]
    parts = [struct.pack(">I", len(data)) + kind + data + end for (kind, data), end in zip(packed, crc, strict=True)]
    return png[:8] + b"".join(parts)


async def watch(address: str, url: str, arguments: argparse.Namespace) -> None:
    """Open the browser, and do what is asked for."""
    host, port = url.removeprefix("http://").split(":")
    await ready(host, int(port))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        page = await browser.new_page(locale="en-US", timezone_id="Asia/Almaty")
        if arguments.screenshots:
            await pictures(page, url, arguments.screenshots)
        else:
            await page.add_init_script(WATCH)
            await page.goto(url)
            await page.wait_for_selector(".connection[data-state=live]")
            await measure(address, page, arguments.articles)
        await browser.close()


def produce_samples(address: str) -> None:
    """Publish the samples, and wait until they are in the tables."""
    environment = {**os.environ, "DYADS_BROKER": address}
    for name in ("articles.jsonl", "revisions.jsonl"):
        command = [sys.executable, "-m", "workers.cli", "produce", str(SAMPLES / name)]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    time.sleep(15)


def main() -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100, help="how many are published (default: %(default)s)")
    parser.add_argument("--screenshots", type=Path, help="where pictures go; nothing is measured then")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, broker() as address:
        directory = Path(name)
        asyncio.run(create(address))
        worker = Process("run", DYADS_BROKER=address, DYADS_DATA_DIR=str(directory / "w"), DYADS_CODERS="1")
        try:
            if arguments.screenshots:
                produce_samples(address)
            with serving(address, directory) as (_, host, port):
                asyncio.run(watch(address, f"http://{host}:{port}", arguments))
        finally:
            worker.end()


if __name__ == "__main__":
    main()
