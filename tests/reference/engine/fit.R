# Fits a list of cases with lavaan and writes what it prints as JSON; sourced by the scripts beside it.
suppressMessages({library(lavaan); library(jsonlite)})
HS <- "HolzingerSwineford1939.csv"
# lavaan's own search stops at a gradient of 1e-6; these limits take it to what rounding allows. With them it loses
# linear constraints across groups (the estimates do not meet them): such cases keep its usual limits
TIGHT <- list(rel.tol = 1e-14, abs.tol = 0, x.tol = 1e-10, iter.max = 3000, eval.max = 3000)

LEFT_OUT <- "close|ci.level|rmr_|mplus|crmr_nomean|bentler|cn_01|^nnfi|^rni|^pnfi|^mfi|^ecvi"  # follow from the others

plain <- function(x) {
  if (is.null(x)) return(NULL)
  if (is.matrix(x)) return(list(rows = rownames(x), cols = colnames(x), values = unclass(x)))
  as.list(x)
}

one <- function(case) {
  data <- read.csv(file.path("../data", case$data))
  options <- case$options
  fit <- try(suppressWarnings(do.call(case$`function`, c(list(case$model, data = data, control = if (isTRUE(case$usual)) list() else TIGHT,
                                                 optim.force.converged = TRUE), options))),
             silent = TRUE)
  if (inherits(fit, "try-error")) return(c(case, list(error = conditionMessage(attr(fit, "condition")))))
  found <- suppressWarnings(parameterEstimates(fit, standardized = TRUE, remove.system.eq = TRUE))
  keep <- intersect(c("lhs", "op", "rhs", "group", "est", "se", "std.all", "std.nox"), names(found))
  measures <- try(suppressWarnings(fitMeasures(fit)), silent = TRUE)
  out <- c(case, list(converged = lavInspect(fit, "converged"),
                      gradient = max(abs(lavInspect(fit, "optim.gradient"))),
                      estimates = as.data.frame(found)[!(found$op %in% c("==", "<", ">")), keep],
                      fit = if (inherits(measures, "try-error")) list()
                            else as.list(unclass(measures)[!grepl(LEFT_OUT, names(measures))])))
  if (!is.null(case$implied)) {
    groups <- if (lavInspect(fit, "ngroups") == 1) list(lavInspect(fit, "implied")) else lavInspect(fit, "implied")
    out$implied <- lapply(unname(groups), function(g) lapply(unclass(g), plain))
    kept <- lavInspect(fit, "resid")
    if (lavInspect(fit, "ngroups") == 1) kept <- list(kept)
    out$residuals <- lapply(unname(kept), function(g) lapply(unclass(g)[names(g) != "type"], plain))
  }
  out$r2 <- if (isTRUE(case$r2)) {
    r2 <- lavInspect(fit, "rsquare")
    lapply(if (is.list(r2)) unname(r2) else list(r2), function(g) as.list(unclass(g)))
  }
  out
}

write_cases <- function(cases, name) {
  found <- lapply(cases, one)
  for (each in found) cat(each$name, each$converged, each$gradient, each$error, each$fit$chisq, each$fit$df, "\n")
  out <- list(software = paste("lavaan", packageVersion("lavaan"), R.version.string), cases = found)
  writeLines(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null", dataframe = "rows"), name)
}

case <- function(name, model, data = HS, ..., fun = "sem", implied = NULL, r2 = NULL, usual = NULL)
  list(name = name, `function` = fun, model = model, data = data, options = list(...), implied = implied, r2 = r2, usual = usual)
