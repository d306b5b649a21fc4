"""`python -m tradebalance`."""

from .cli import main

main()
