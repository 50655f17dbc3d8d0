# Pooled SEMs: semTools 0.5-6 (runMI) on lavaan 0.6-14, R 4.2.2.
# Usage: Rscript make_runmi.R imp_hs_mar_m10.csv (ten imputations of hs_mar by mice); writes runmi.json.
suppressMessages({library(semTools); library(jsonlite)})
all <- read.csv(commandArgs(TRUE)[1]); L <- split(all, all$.imp); L <- L[names(L) != "0"]
cfa3 <- "visual =~ x1 + x2 + x3\n textual =~ x4 + x5 + x6\n speed =~ x7 + x8 + x9"
path <- "x9 ~ b*x5 + x2\n x5 ~ a*x2 + ageyr\n ab := a*b"
tight <- list()
grab <- function(fit, tests = c("D3", "D2")) {
  out <- list(npar = length(coef(fit)))
  e <- suppressWarnings(summary(fit, output = "data.frame", scale.W = FALSE, ci = TRUE, fmi = TRUE))
  out$estimates <- e[, intersect(c("lhs", "op", "rhs", "group", "est", "se", "df", "riv", "fmi", "ci.lower", "ci.upper"), names(e))]
  for (t in tests) { f <- suppressMessages(suppressWarnings(fitMeasures(fit, test = t))); out[[t]] <- as.list(unclass(f)) }
  out
}
cases <- list(
  means = list(fun = "cfa", model = cfa3, args = list(meanstructure = TRUE)),
  groups = list(fun = "cfa", model = cfa3, args = list(group = "school", group.equal = c("loadings", "intercepts"))),
  fixed_x = list(fun = "sem", model = path, args = list(fixed.x = TRUE)),
  random_x = list(fun = "sem", model = path, args = list(fixed.x = FALSE, meanstructure = TRUE)),
  mlm = list(fun = "cfa", model = cfa3, args = list(estimator = "MLM")),
  mlmv = list(fun = "cfa", model = cfa3, args = list(estimator = "MLMV")),
  equal = list(fun = "cfa", model = "f =~ a*x1 + b*x2 + b*x3 + x4\n x4 ~~ x1", args = list())
)
out <- list()
for (k in names(cases)) {
  one <- cases[[k]]
  fit <- suppressWarnings(do.call(runMI, c(list(model = one$model, data = L, fun = one$fun), one$args, tight)))
  out[[k]] <- c(list(fun = one$fun, model = one$model, args = one$args), tryCatch(grab(fit), error = function(e) list(error = conditionMessage(e))))
}
cat(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null"), file = "runmi.json")
