"""How much of Vietnam's goods surplus with the United States the announced purchases would close.

Facts (`flows`, `commitments`) -> assumptions (`baseline`, `delivery`, `scenario`) ->
answers (`gap`, `simulation`) -> shown (`tables`, `figures`, `sentences`), with the disk
(`readers`, `store`, `batch`, `pages`, `cli`) around them. Money is USD million, nominal.
"""

from importlib.metadata import version

__version__ = version("tradebalance")
