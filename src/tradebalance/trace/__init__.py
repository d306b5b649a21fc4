"""From a shown figure back to its raw rows, its assumptions and the publisher."""
