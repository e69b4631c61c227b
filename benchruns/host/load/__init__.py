"""The load generator: when to send, what to send, what came back. It never summarises."""
