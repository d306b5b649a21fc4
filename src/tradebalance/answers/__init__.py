"""The equations, the draws, and what an answer hangs on."""
