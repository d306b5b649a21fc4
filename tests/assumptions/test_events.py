"""One-off events as a scenario states them, and what each strikes."""

from fractions import Fraction

import pytest

from builders import FIRST, gather
from tradebalance.answers.model import model
from tradebalance.answers.unused import unused
from tradebalance.assumptions import events
from tradebalance.assumptions.events import OneOff
from tradebalance.reading import readers
from tradebalance.words.problems import CHANGES, Refused

CRISIS = {"name": "crisis", "on": "2029Q1", "chance": 0.3, "cancels": 0.25, "of": ["aircraft"]}


def struck(*said: dict[str, object], name: str = "slipped", **changes: object):
    """The names of the events that strike each part of a scenario."""
    of = model(gather(name, changes={**changes, "events": list(said)}))
    return {part.id: [hit.name for hit in part.hits] for part in of.components if part.hits}


def test_an_event_strikes_the_categories_and_deals_it_names_and_without_names_all():
    assert set(struck(CRISIS)) == {"VJ-737-200", "VNA-737-2026", "T1-remainder: aircraft", "T3-remainder: aircraft"}
    assert set(struck(CRISIS | {"of": ["VJ-737-200", "lng"]})) == {
        "VJ-737-200", "T2-remainder: lng", "T3-remainder: lng",
    }  # fmt: skip
    assert len(struck({"name": "all", "cancels": 1})) == len(model(gather("slipped")).components)


def test_an_event_is_so_many_quarters_after_the_forecasts_start_and_an_early_one_at_once():
    said = [OneOff.model_validate(CRISIS | {"name": n, "on": on}) for n, on in (("a", "2029Q1"), ("b", "2020Q1"))]
    found = events.hits(said, "X", "aircraft", FIRST, None)
    assert [(hit.at, hit.chance, hit.cancels, hit.is_certain) for hit in found] == [
        (10, Fraction(3, 10), Fraction(1, 4), False), (0, Fraction(3, 10), Fraction(1, 4), False),
    ]  # fmt: skip
    assert events.hits([OneOff(name="c", cancels=1)], "X", "lng", FIRST, None)[0].at == 0


def test_an_event_may_hang_on_the_tariff():
    """Without a tariff the one that waits for it never happens, and the one that waits for its absence always does."""
    tied = [{"name": "if", "cancels": 1, "if": "tariff"}, {"name": "unless", "cancels": 1, "if": "no tariff"}]
    assert {tuple(names) for names in struck(*tied).values()} == {("unless",)}
    taxed = {"tariff": "in_force", "tariff_effect.takes_effect": 0.5}
    assert {tuple(names) for names in struck(*tied, **taxed).values()} == {("if", "unless")}


def test_a_file_may_say_on_and_if_without_quotes():
    text = b"events:\n  - {name: crisis, on: 2029Q1, cancels: 0.25, if: no tariff}\n"
    written = readers.yaml_document(text, "s.yaml")
    assert not written.problems
    (event,) = [OneOff.model_validate(each) for each in written.data["events"]]
    assert (str(event.on), event.condition) == ("2029Q1", "no tariff")


@pytest.mark.parametrize(
    ("event", "code", "column", "words"),
    [
        (CRISIS | {"of": ["aircrft"]}, "unknown_key", "events.of", "did you mean 'aircraft'?"),
        (CRISIS | {"of": ["VJ-737-20"]}, "unknown_key", "events.of", "did you mean 'VJ-737-200'?"),
        (CRISIS | {"cancels": 1.5}, "out_of_range", "events.0.cancels", "at most 1"),
        (CRISIS | {"cancels": 0}, "out_of_range", "events.0.cancels", "above 0"),
        (CRISIS | {"chance": 0}, "out_of_range", "events.0.chance", "above 0"),
        (CRISIS | {"on": "2029"}, "wrong_type", "events.0.on", "2027Q1"),
        (CRISIS | {"if": "tarif"}, "wrong_type", "events.0.if", "did you mean 'tariff'?"),
        ({"name": "crisis"}, "empty", "events.0.cancels", "give a value"),
        (CRISIS | {"when": "2029Q1"}, "unknown_key", "events.0.when", "use name, on"),
    ],
)
def test_a_wrong_event_is_refused_by_name(event, code, column, words):
    with pytest.raises(Refused) as caught:
        model(gather("slipped", changes={"events": [event]}))
    (problem,) = caught.value.problems
    assert (problem.code, problem.file, problem.column) == (code, CHANGES, column)
    assert words in problem.fix


def test_two_events_of_one_name_would_share_a_coin():
    with pytest.raises(Refused, match="two events are called crisis"):
        gather("slipped", changes={"events": [CRISIS, CRISIS]})


@pytest.mark.parametrize(
    ("event", "changes", "words"),
    [
        (CRISIS | {"on": "2050Q1"}, {}, "the forecast ends with 2036Q2"),
        (CRISIS | {"of": ["defence"]}, {}, "no part that counts is defence"),
        (CRISIS | {"of": ["SPA-787"]}, {}, "no part that counts is SPA-787"),
        (CRISIS | {"if": "tariff"}, {}, "the scenario has no tariff"),
        (CRISIS | {"if": "no tariff"}, {"tariff": "in_force"}, "comes about in every draw"),
    ],
)
def test_an_event_that_strikes_nothing_is_told_of(event, changes, words):
    (warning,) = unused(model(gather("slipped", changes={**changes, "events": [event]})))
    assert (warning.file, warning.column, warning.severity) == (CHANGES, "events", "warning")
    assert words in warning.reason


def test_an_event_that_strikes_is_not_told_of():
    assert unused(model(gather("slipped", changes={"events": [CRISIS]}))) == []
