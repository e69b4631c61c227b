"""The claims ledger: what five articles say in numbers, and what stands against or for it."""
