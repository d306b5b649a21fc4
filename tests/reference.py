"""The deterministic path a second time, from the design's equations alone: no import of the package.

D[t] = V goods landed price C R[t] w[t - slip], R[t] = exp(-hazard t/4), all deals together at most the capacity of
a quarter, the rest waiting for the next;  B[t] = capture val D[t - lag];  dM[t] = A B[t];
gap[t] = X0[t] - M0[t] - dM[t].
"""

import math


def additional_imports(deals: list[dict[str, object]], quarters: int, capacity: float | None = None) -> list[float]:
    """dM over the horizon for deals given as dicts of numbers; `w` maps quarter numbers (0 = first) to shares."""
    signed = [deal["V"] * deal["goods"] * deal["landed"] * deal["price"] * deal["C"] for deal in deals]
    waiting = [0.0] * len(deals)
    arrives = [[0.0] * quarters for _ in deals]
    for t in range(quarters):
        alive = [math.exp(-deal["hazard"] * t / 4) for deal in deals]
        for d, deal in enumerate(deals):
            waiting[d] += signed[d] * deal["w"].get(t - int(deal["slip"]), 0.0)
        wanted = sum(amount * share for amount, share in zip(waiting, alive, strict=True))
        served = 1.0 if capacity is None or wanted <= capacity else capacity / wanted
        for d in range(len(deals)):
            arrives[d][t] = waiting[d] * served * alive[d]
            waiting[d] *= 1 - served
    total = [0.0] * quarters
    for d, deal in enumerate(deals):
        for t in range(deal["lag"], quarters):
            total[t] += deal["A"] * deal["capture"] * deal["val"] * arrives[d][t - deal["lag"]]
    return total
