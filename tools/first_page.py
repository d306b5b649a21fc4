"""Write what the README shows of the answer: its sentence, docs/headline.json and docs/headline.svg.

`make first-page` runs it; a test fails when the three no longer say what the answer says.
"""

import json
import re
from pathlib import Path

from tradebalance import display, figures, inputs, sentences, writing
from tradebalance.answer import Answer, solve
from tradebalance.records import as_json

ROOT = Path(__file__).resolve().parents[1]
SENTENCE = re.compile(r"(?<=<!-- answer -->\n).*?(?=\n<!-- /answer -->)", re.DOTALL)
KEYS = ["scenario", "reporter", "as_of", "known", "additional_usd_mn", "gap_last_four_quarters_usd_mn", "closure"]


def answers() -> tuple[Answer, Answer]:
    """The two answers that the first page holds against each other."""
    return solve(inputs.gather("even")), solve(inputs.gather("as_announced"))


def headline(result: Answer) -> str:
    """The figures that the sentence and the picture show, as JSON text."""
    whole = as_json(result)
    return json.dumps({key: whole[key] for key in KEYS}, indent=1) + "\n"


def picture(result: Answer, data: str) -> str:
    """The picture as SVG, which carries the checksum of the figures it was drawn from."""
    drawing = display.svg(figures.yearly_gap(result), transparent=False)
    return drawing.replace("<svg ", f"<!-- drawn from {writing.sha256_of_text(data)} -->\n<svg ", 1)


if __name__ == "__main__":
    even, as_announced = answers()
    writing.write_text(ROOT / "docs" / "headline.json", headline(even))
    writing.write_text(ROOT / "docs" / "headline.svg", picture(even, headline(even)))
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    sentence = sentences.first_page(even, as_announced)
    writing.write_text(ROOT / "README.md", SENTENCE.sub(lambda _: f"**{sentence}**", page))
