"""Levenberg and Marquardt's method on the logarithms, with priors and a robust loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.calibrate.config import Settings
from recommender.calibrate.model import Array, Design, Rows, foretold

NUDGE = 1e-4  # for the slopes
ENOUGH = 1e-4  # of the objective: no step gains more


@dataclass(frozen=True)
class Problem:
    """What is fitted to what. `weights` of rows that are left out are 0."""

    design: Design
    rows: Rows
    weights: Array
    settings: Settings

    def residuals(self, parameters: Array) -> Array:
        """Logarithm of foretold over published."""
        estimate = foretold(self.rows, self.design.constants(parameters))
        return np.log(estimate) - np.log(self.rows.published)

    def objective(self, parameters: Array, residuals: Array) -> float:
        far = np.abs(residuals) / self.settings.residual_sd
        turn = self.settings.turn
        loss = np.where(far < turn, far * far / 2, turn * (far - turn / 2))
        pulled = (parameters - self.design.prior) / self.design.sd
        return float((self.weights * loss).sum() + 0.5 * (pulled**2).sum())

    def slopes(self, parameters: Array, residuals: Array) -> Array:
        """[rows, parameters], by finite differences."""
        columns = []
        for index in range(len(parameters)):
            nudged = parameters.copy()
            nudged[index] += NUDGE
            columns.append((self.residuals(nudged) - residuals) / NUDGE)
        return np.array(columns).T


def weights(groups: Sequence[str], used: NDArray[np.bool_], settings: Settings) -> Array:
    """Many rows of one source say less than as many of many."""
    names = np.array(groups)
    counts = {name: int((used & (names == name)).sum()) for name in set(groups)}
    each = [settings.weight * max(1, counts[n]) ** -settings.source_exponent for n in groups]
    return np.array(each) * used


def fit(problem: Problem) -> Array:
    """Parameters at the least objective; the same for the same input."""
    parameters = problem.design.prior.copy()
    residuals = problem.residuals(parameters)
    objective, damping = problem.objective(parameters, residuals), 1e-2
    for _ in range(problem.settings.steps):
        normal, gradient = _normal(problem, parameters, residuals)
        for _ in range(10):
            scaled = normal + damping * np.diag(np.diag(normal))
            tried = parameters - np.linalg.solve(scaled, gradient)
            after = problem.residuals(tried)
            reached = problem.objective(tried, after)
            if reached < objective:
                break
            damping *= 5
        else:
            return parameters
        gained, objective = objective - reached, reached
        parameters, residuals, damping = tried, after, max(damping / 5, 1e-6)
        if gained < ENOUGH * max(1.0, objective):
            break
    return parameters


def _normal(problem: Problem, parameters: Array, residuals: Array) -> tuple[Array, Array]:
    """Gauss and Newton's matrix and gradient, rows weighed down beyond the loss's turn."""
    settings, design = problem.settings, problem.design
    far = np.maximum(np.abs(residuals) / settings.residual_sd, 1e-9)
    weigh = problem.weights * np.minimum(1.0, settings.turn / far) / settings.residual_sd**2
    slopes = problem.slopes(parameters, residuals)
    normal = slopes.T @ (weigh[:, None] * slopes) + np.diag(1 / design.sd**2)
    gradient = slopes.T @ (weigh * residuals)
    return normal, gradient + (parameters - design.prior) / design.sd**2
