"""The deterministic path a second time, from the design's equations alone: no import of the package.

D[t] = V goods landed price C R[t] w[t], R[t] = exp(-hazard t/4);  B[t] = capture val D[t - lag];
dM[t] = A B[t];  gap[t] = X0[t] - M0[t] - dM[t].
"""

import math


def additional_imports(deals: list[dict[str, object]], quarters: int) -> list[float]:
    """dM over the horizon for deals given as dicts of numbers; `w` maps quarter numbers (0 = first) to shares."""
    total = [0.0] * quarters
    for deal in deals:
        signed = deal["V"] * deal["goods"] * deal["landed"] * deal["price"] * deal["C"]
        arrives = [signed * math.exp(-deal["hazard"] * t / 4) * deal["w"].get(t, 0.0) for t in range(quarters)]
        for t in range(deal["lag"], quarters):
            total[t] += deal["A"] * deal["capture"] * deal["val"] * arrives[t - deal["lag"]]
    return total
