"""Fits the constants of the speed model on published measurements, and says how far off it is.

`rigguide calibrate` is its command line; `docs/adr/0014` says what was chosen and why.
"""
