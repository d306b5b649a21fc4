"""The deterministic path a second time, from the design's equations alone: no import of the package.

A share C of a deal becomes binding at once and then, every eight quarters, a share L of what is not; each part k waits
for it, and a share a of the first came before the forecast; f of it is firm, x of the options are exercised:

D[k,t] = V goods landed price (f + (1 - f) x) (1 + e)^(year(t) - year(V)) share[k] (1 - a) R[k,t] w[t - slip - 8 k],
R[k,t] = exp(-hazard (t - 8 k)/4) times 1 - cancels of each event by t, all deals together at most the capacity of a
quarter at prices of the first year, the rest waiting for the next;  B[t] = capture val D[t - lag];  dM[t] = A B[t];
gap[t] = X0[t] - M0[t] - dM[t].
"""

import math

SPELL = 8


def additional_imports(
    deals: list[dict[str, object]], quarters: int, capacity: float | None = None, first: tuple[int, int] = (2026, 3)
) -> list[float]:
    """dM over the horizon for deals given as dicts of numbers; `w` maps quarter numbers (0 = first) to shares."""
    years = [first[0] + (first[1] - 1 + t) // 4 for t in range(quarters)]
    parts = []
    for deal in deals:
        left, chance = 1.0, deal["C"]
        for wait in range(0, quarters, SPELL):
            parts.append((deal, wait, left * chance))
            left, chance = left * (1 - chance), deal["L"]
    waiting = [0.0] * len(parts)
    arrives = [[0.0] * quarters for _ in parts]
    for t in range(quarters):
        alive = [
            math.exp(-deal["hazard"] * max(0, t - wait) / 4) * math.prod(1 - c for at, c in deal["events"] if at <= t)
            for deal, wait, _ in parts
        ]
        for n, (deal, wait, share) in enumerate(parts):
            today = deal["V"] * (1 + deal["e"]) ** ((first[0] - deal["year"]) if deal["year"] else 0)
            ordered = (deal["f"] + (1 - deal["f"]) * deal["x"]) * (1.0 if wait else 1 - deal["a"])
            signed = today * deal["goods"] * deal["landed"] * deal["price"] * ordered * share
            waiting[n] += signed * deal["w"].get(t - int(deal["slip"]) - wait, 0.0)
        wanted = sum(amount * share for amount, share in zip(waiting, alive, strict=True))
        served = 1.0 if capacity is None or wanted <= capacity else capacity / wanted
        for n, (deal, *_) in enumerate(parts):
            arrives[n][t] = waiting[n] * served * alive[n] * (1 + deal["e"]) ** (years[t] - first[0])
            waiting[n] *= 1 - served
    total = [0.0] * quarters
    for n, (deal, *_) in enumerate(parts):
        for t in range(deal["lag"], quarters):
            total[t] += deal["A"] * deal["capture"] * deal["val"] * arrives[n][t - deal["lag"]]
    return total
