"""What was asked: an :class:`Instrument` from strict YAML, every error with file, line and key."""

from survey_sem.instrument.load import load_instrument
from survey_sem.instrument.model import Construct, Instrument, Item, MissingCode, Scale
from survey_sem.instrument.section import Texts, in_language

__all__ = ["Construct", "Instrument", "Item", "MissingCode", "Scale", "Texts", "in_language", "load_instrument"]
