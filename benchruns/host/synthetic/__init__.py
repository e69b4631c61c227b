"""Weights that have a real model's exact shape and say nothing: speed does not depend on them."""
