"""Answers with known truth: from an instrument and a population model, with planted faults."""

from survey_sem.simulation.load import load_population
from survey_sem.simulation.model import simulate_model
from survey_sem.simulation.population import Population
from survey_sem.simulation.sheet import answer_sheet
from survey_sem.simulation.simulate import Simulation, simulate_answers
from survey_sem.simulation.write import target_of, write_simulation

__all__ = [
    "Population",
    "Simulation",
    "answer_sheet",
    "load_population",
    "simulate_answers",
    "simulate_model",
    "target_of",
    "write_simulation",
]
