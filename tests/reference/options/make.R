# Standard errors and tests of lavaan under the options that decide them: writes options.json.
suppressMessages({library(lavaan); library(jsonlite)})
models <- list(
  mimic = list("visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual + textual ~ sex + ageyr", "HolzingerSwineford1939.csv"),
  path = list("x1 ~ x4 + x5\nx7 ~ x1", "HolzingerSwineford1939.csv"),
  equal = list("visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + x5 + x6", "HolzingerSwineford1939.csv"),
  missing = list("visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6", "hs_mar.csv"))
O <- function(model, ...) list(model = model, options = list(...))
calls <- list(
  O("mimic", estimator = "MLM"), O("mimic", estimator = "MLMV", meanstructure = TRUE), O("mimic", estimator = "MLMVS"),
  O("path", estimator = "MLM", meanstructure = TRUE), O("path", estimator = "MLMV"),
  O("mimic", estimator = "MLR", test = "standard"), O("equal", estimator = "MLR", test = "satorra.bentler"),
  O("equal", estimator = "MLM", test = "scaled.shifted"), O("equal", estimator = "MLR", se = "standard"),
  O("mimic", se = "robust.sem", information = "observed", test = "satorra.bentler"),
  O("mimic", se = "robust.sem", information = "observed", observed.information = "hessian", test = "scaled.shifted"),
  O("equal", se = "robust.huber.white", h1.information = "unstructured", observed.information = "hessian",
    test = "yuan.bentler.mplus"),
  O("mimic", se = "robust.sem", h1.information = "unstructured", test = "mean.var.adjusted"),
  O("mimic", information = "observed", h1.information = "unstructured", observed.information = "h1",
    se = "robust.huber.white", test = "yuan.bentler"),
  O("equal", information = "observed", h1.information = "unstructured", observed.information = "hessian",
    test = "scaled.shifted"),
  O("equal", se = "first.order", information = "expected"), O("mimic", estimator = "MLF", information = "expected"),
  O("mimic", estimator = "MLF", h1.information = "unstructured"),
  O("missing", missing = "ml", test = "yuan.bentler", observed.information = "hessian"),
  O("missing", missing = "ml", estimator = "MLR", test = "yuan.bentler"),
  O("missing", missing = "ml", se = "first.order", h1.information = "unstructured"),
  O("missing", missing = "ml", se = "robust.huber.white", h1.information = "unstructured", observed.information = "hessian",
    test = "yuan.bentler.mplus"))
out <- lapply(calls, function(call) {
  data <- read.csv(file.path("../data", models[[call$model]][[2]]))
  f <- suppressWarnings(do.call("sem", c(list(model = models[[call$model]][[1]], data = data,
    control = list(rel.tol = 1e-12)), call$options)))
  f <- if (lavInspect(f, "converged")) f else suppressWarnings(do.call("sem",
    c(list(model = models[[call$model]][[1]], data = data), call$options)))
  measures <- suppressWarnings(fitMeasures(f))
  measures <- measures[grep("^(chisq|df|cfi|tli|rmsea|baseline.chisq|scaling)[a-z.]*(scaled|factor|robust|h0|h1)$", names(measures))]
  measures <- measures[!grepl("ci|pvalue|close", names(measures)) & is.finite(measures)]
  rows <- parameterEstimates(f, remove.nonfree = FALSE)
  rows <- rows[rows$op != "==", ]
  list(model = models[[call$model]][[1]], data = models[[call$model]][[2]], options = call$options,
    names = paste(rows$lhs, rows$op, rows$rhs), se = rows$se, fit = as.list(unclass(measures)))
})
write(toJSON(list(software = paste("lavaan", packageVersion("lavaan"), "on", R.version.string), cases = out),
  digits = 10, auto_unbox = TRUE, pretty = FALSE), "options.json")
