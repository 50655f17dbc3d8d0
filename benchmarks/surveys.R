# R's survey on the rows of benchmarks/surveys.py: Rscript surveys.R DATA.csv RUNS
# Reading is not timed. Prints tab-separated lines: seconds, name, processor; spread, name, sum of standard errors.
suppressMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[1])
named <- grep("^x", names(data), value = TRUE)
items <- reformulate(named)
design <- function() svydesign(id = ~psu, strata = ~stratum, weights = ~weight, data = data)
made <- design()
calls <- list(
  design = design, mean = function() svymean(items, made), `mean, deff` = function() svymean(items, made, deff = TRUE),
  total = function() svytotal(items, made), groups = function() svyby(items, ~group, made, svymean, covmat = TRUE),
  median = function() svyquantile(items, made, 0.5), `chi-square` = function() svychisq(~x0 + group, made),
  regression = function() svyglm(reformulate(named[-1], "x0"), made),
  logit = function() svyglm(reformulate(named[-1], "high"), made, family = quasibinomial()))
for (name in names(calls)) {
  for (run in seq_len(as.integer(arguments[2]))) {
    taken <- system.time(found <- calls[[name]]())
    cat("seconds", name, taken[["user.self"]] + taken[["sys.self"]], sep = "\t"); cat("\n")
  }
  if (!name %in% c("design", "chi-square")) {
    cat("spread", name, format(sum(SE(found)), digits = 17), sep = "\t"); cat("\n")
  }
}
cat("version", "survey", as.character(packageVersion("survey")), sep = "\t"); cat("\n")
