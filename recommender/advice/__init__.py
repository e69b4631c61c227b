"""Which machine to get: the smallest of the catalogue that meet the need, and why smaller ones do
not. Pure, and beside the decision: `recommend()` neither calls it nor waits for it."""
