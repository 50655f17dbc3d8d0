# Weights by R's survey, and variances under them. Run in tests/reference: Rscript survey/weights.R
suppressMessages({library(survey); library(jsonlite)})
options(warn = 1)
read <- function(name) read.csv(file.path("data", paste0(name, ".csv")), stringsAsFactors = TRUE)
strat <- read("apistrat"); clus1 <- read("apiclus1"); clus2 <- read("apiclus2")
# the school population's counts, as data(api) has them
N <- 6194; API99 <- 3914069
margins <- list(
  stype = data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018)),
  sch.wide = data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122)),
  comp.imp = data.frame(comp.imp = c("No", "Yes"), Freq = c(1811, 4383)))
designs <- list(
  clus1 = svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1),
  strat = svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  clus2 = svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = clus2))
designs$clus1_jk1 <- as.svrepdesign(designs$clus1)
designs$strat_jkn <- as.svrepdesign(designs$strat)
told <- function(d) {
  m <- svymean(~api00 + meals, d); t <- svytotal(~meals, d)
  domain <- tryCatch(unname(as.matrix(vcov(svymean(~api00 + meals, subset(d, meals > 30))))), error = function(e) NULL)
  list(weights = as.vector(weights(d, "sampling")), mean = unname(coef(m)), mean_vcov = unname(as.matrix(vcov(m))),
    total = unname(coef(t)), total_vcov = unname(as.matrix(vcov(t))),
    domain_vcov = domain, ratio_vcov = unname(as.matrix(vcov(svyratio(~api00, ~meals, d)))))
}
tight <- list(maxit = 1000, epsilon = 1e-10)
named <- function(d, f) { mm <- colnames(model.matrix(f, d$variables)); pop <- c(`(Intercept)` = N, stypeH = 755, stypeM = 1018,
  sch.wideYes = 5122, comp.impYes = 4383, api99 = API99); pop[mm] }
cal <- function(d, f, ...) calibrate(d, f, named(d, f), maxit = 1000, epsilon = 1e-11, ...)
steps <- list(
  rake2 = function(d) rake(d, list(~stype, ~sch.wide), margins[1:2], control = tight),
  rake3 = function(d) rake(d, list(~comp.imp, ~stype, ~sch.wide), margins[c(3, 1, 2)], control = tight),
  post = function(d) postStratify(d, ~stype, margins$stype),
  linear = function(d) cal(d, ~stype + api99),
  raking = function(d) cal(d, ~stype + sch.wide + api99, calfun = "raking"),
  logit = function(d) cal(d, ~stype + api99, calfun = "logit", bounds = c(0.4, 2.5)),
  linear_bounds = function(d) cal(d, ~stype + api99, bounds = c(0.6, 1.7)),
  raking_bounds = function(d) cal(d, ~stype + sch.wide, calfun = "raking", bounds = c(0.85, 1.9)),
  no_margin = function(d) cal(d, ~api99, calfun = "raking"),
  rake_trim = function(d) trimWeights(rake(d, list(~stype, ~sch.wide), margins[1:2], control = tight), lower = 25, upper = 55),
  post_trim_strict = function(d) trimWeights(postStratify(d, ~comp.imp, margins$comp.imp), lower = 20, upper = 45, strict = TRUE),
  linear_post = function(d) postStratify(cal(d, ~stype + api99), ~sch.wide, margins$sch.wide))
out <- list()
# with replicates, trimming fails in this version and bounds are out of reach in some replicates
replicated <- c("rake2", "rake3", "post", "linear", "raking", "no_margin", "linear_post")
for (name in names(designs)) for (step in if (grepl("_jk", name)) replicated else names(steps)) {
  d <- try(steps[[step]](designs[[name]]), silent = TRUE)
  if (inherits(d, "try-error")) { message(name, " ", step, ": ", conditionMessage(attr(d, "condition"))); next }
  out[[name]][[step]] <- told(d)
}
d <- calibrate(designs$clus1, ~stype, named(designs$clus1, ~stype), bounds = c(20, 70), bounds.const = TRUE, maxit = 1000, epsilon = 1e-11)
out$clus1$linear_constant_bounds <- told(d)
write_json(list(software = paste("survey", packageVersion("survey"), R.version.string), cases = out),
  "survey/weights.json", digits = NA, auto_unbox = FALSE)
