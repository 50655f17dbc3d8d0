"""A small questionnaire and populations that answer it, as files: for the rooms that simulate."""

from __future__ import annotations

from pathlib import Path

from survey_sem.instrument import Instrument
from survey_sem.simulation import Population, load_population

INSTRUMENT = """
schema: survey-sem/instrument/1
instrument: {id: small, version: "1", title: {en: Small, zh: 小问卷}}
source: {columns: name}
missing:
  - {code: -3, kind: routed}
  - {code: -2, kind: nonresponse}
scales:
  agree: {min: 1, max: 5, labels: {en: {1: no, 5: "yes"}, zh: {1: 否, 5: 是}}}
  agree7: {min: 1, max: 7}
  gender: {labels: {en: {1: male, 2: female}}}
  tier: {labels: {en: {1: large, 2: middle, 3: small}}}
  bought: {labels: {en: {1: "yes", 2: "no"}}}
  app: {labels: {en: {1: one, 2: two, 3: three, 9: none of them}}}
items:
  - {id: room, type: number, whole: true, text: room}
  - {id: a1, scale: agree, text: a1}
  - {id: a2, scale: agree, text: a2}
  - {id: a3, scale: agree, text: a3, reverse: true}
  - {id: a4, scale: agree, text: a4}
  - {id: check, scale: agree7, text: say six}
  - {id: b1, scale: agree7, text: b1}
  - {id: b2, scale: agree7, text: b2}
  - {id: b3, scale: agree7, text: b3}
  - {id: gender, scale: gender, text: gender}
  - {id: tier, scale: tier, text: tier}
  - {id: born, type: number, whole: true, min: 1940, max: 2008, text: born}
  - {id: bought, scale: bought, text: bought}
  - {id: c1, scale: agree, text: c1, relevant: bought = 1}
  - {id: spend, type: number, min: 0, max: 100000, text: spend, relevant: bought = 1}
  - {id: rooms, type: number, min: 0, max: 200, whole: true, text: rooms}
  - {id: apps, type: multi, scale: app, text: apps, exclusive: [9], min: 1, max: 2}
  - {id: order, type: rank, scale: tier, text: order}
  - {id: day, type: date, min: 2026-05-01, max: 2026-06-30, text: day, relevant: bought = 1 and apps has 2}
  - {id: comment, type: text, text: comment}
  - {id: phone, type: text, text: phone}
matrices:
  - {id: m, text: stem, items: [a1, a2, a3, a4]}
partitions:
  - id: generation
    label: generation
    of: born
    parts:
      - {id: old, label: old, to: 1979}
      - {id: young, label: young, from: 1980}
quality: {attention: [{item: check, answer: 6}], seconds_per_item: 2}
paradata:
  {id: number, started: began, submitted: sent, duration: seconds, ip: address, shortest_seconds: 5,
   longest_seconds: 20000, field_period: {from: 2026-05-01, to: 2026-05-31}}
pii: {drop: [phone], hash: [address], free_text: [comment]}
"""

MODEL = """
  F =~ .8*a1 + .7*a2 + .6*a3 + .75*a4
  G =~ .8*b1 + .7*b2 + .6*b3
  H =~ .7*c1
  G ~ .5*F
  H ~ .3*G
"""

POPULATION = f"""
schema: survey-sem/population/1
model: |{MODEL}
answers:
  agree: {{shares: [.1, .2, .3, .25, .15]}}
  agree7: {{thresholds: [-1.5, -1, -.5, 0, .6, 1.2]}}
  a2: {{shares: [.3, .3, .2, .1, .1]}}
background:
  - {{item: gender, shares: {{1: .45, 2: .55}}}}
  - item: tier
    by: gender
    shares:
      1: {{1: .2, 2: .3, 3: .5}}
      2: {{1: .6, 2: .4, 3: 0}}
  - {{item: born, classes: [{{from: 1960, to: 1979, share: .4}}, {{from: 1980, to: 1999, share: .6}}]}}
  - {{item: bought, logistic: {{share: .6, on: {{G: .8}}}}, codes: [1, 2]}}
  - {{item: spend, lognormal: {{median: 100, sd_log: .5, on: {{G: .3}}}}, round: 1}}
  - {{item: rooms, poisson: {{mean: 3, on: {{G: .2}}}}}}
  - {{item: apps, choices: {{1: .7, 2: .4, 3: .2, 9: .1}}}}
  - {{item: order, utilities: {{1: 1, 2: 0, 3: -1}}}}
  - {{item: day, dates: {{from: 2026-05-01, to: 2026-06-30}}}}
  - {{item: comment, texts: [fine, "not so good", 很好], answered: .5}}
clusters: {{item: room, n: 50, icc: {{F: .1}}}}
places: {{四川-成都: .5, 北京-北京: .5}}
"""

GROUPS = """
groups:
  of: generation
  parts:
    young: {means: {F: .4}, model: "G ~ .2*F"}
response:
  - {of: generation, rates: {old: .5, young: 1}}
  - {of: gender, rates: {1: .6, 2: .9}}
"""

FAULTS = """
faults:
  careless: {straightlining: .03, pattern: .02, random: .03, midpoint: .02, speeding: .02}
  attention_pass: {careless: .2, careful: .98}
  missing:
    - {items: [a1, b1], mcar: .02}
    - {items: [tier], mar: .1, on: born}
    - {items: [spend], mnar: .2}
  routing: .01
  duplicates: .01
  illegal_codes: .01
  out_of_range: .01
  encoding: .01
  late: .01
"""


def population_of(text: str, instrument: Instrument, folder: Path) -> Population:
    """A population from its text."""
    path = folder / "population.yaml"
    path.write_text(text, encoding="utf-8")
    return load_population(path, instrument)


def without_clusters(text: str) -> str:
    """The same population with independent respondents: rooms make no difference."""
    return text.replace("icc: {F: .1}", "icc: {}")
