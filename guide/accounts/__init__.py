"""Accounts: who may make one, what signing in looks like, and that visitors pay nothing for it."""
