# Writes score_wald.json and difference_adjusted.json. Run in this folder, after `python make_starts.py`:
#   Rscript make.R
suppressMessages({library(lavaan); library(jsonlite)})
d <- read.csv("../data/HolzingerSwineford1939.csv")
model <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"

# lavaan evaluates at estimates that are polished to a gradient of 1e-13: its own search stops at 1e-6
polished <- function(..., from) {
  at <- read.csv(from, na.strings = "NA")
  at$rhs[is.na(at$rhs)] <- ""
  suppressWarnings(cfa(..., data = d, start = at, optim.method = "none", optim.force.converged = TRUE))
}
plain <- function(x) {
  x <- as.data.frame(unclass(x))
  x[] <- lapply(x, function(v) if (is.numeric(v)) as.numeric(v) else as.character(v))
  x
}
score <- function(fit, ...) lapply(suppressWarnings(lavTestScore(fit, ...)), plain)
wald <- function(fit, text) lavTestWald(fit, text)[c("stat", "df", "p.value")]
write <- function(x, name) writeLines(toJSON(x, digits = 15, auto_unbox = TRUE, na = "null", pretty = 1), name)

out <- list(software = paste("lavaan", packageVersion("lavaan"), R.version.string))
add <- "visual =~ x9\nx7 ~~ x8"
for (est in c("ML", "MLR")) {
  fit <- polished(model, estimator = est, from = "start_scalar.csv", group = "school",
                  group.equal = c("loadings", "intercepts"))
  added <- score(fit, add = add, epc = TRUE)
  changes <- added$epc[!is.na(added$epc$epc), c("lhs", "op", "rhs", "group", "epc")]
  out[[paste0("score_", tolower(est))]] <- list(all = score(fit), two = score(fit, release = c(2, 7)),
                                                add = added[c("test", "uni")], changes = changes)
}
labelled <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + e*x8 + f*x9\nab := a*b"
for (est in c("ML", "MLM", "MLR")) {
  fit <- polished(labelled, estimator = est, from = "start_wald.csv")
  tested <- c("a == b", "a == b\nc == d", "a*b == c^2", "e == 1\nf == 1")
  out[[paste0("wald_", tolower(est))]] <- setNames(lapply(tested, function(each) wald(fit, each)), tested)
}
write(out, "score_wald.json")

steps <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
              strict = c("loadings", "intercepts", "residuals"))
out <- list(software = out$software)
for (est in c("MLMV", "MLMVS")) {
  fits <- lapply(names(steps), function(step)
    polished(model, estimator = est, group = "school", group.equal = steps[[step]], from = paste0("start_", step, ".csv")))
  found <- list()
  for (k in 2:4) {
    test <- suppressWarnings(lavTestLRT(fits[[k - 1]], fits[[k]]))
    found[[names(steps)[k]]] <- list(chisq_diff = test[2, "Chisq diff"], df_diff = test[2, "Df diff"],
                                     p_value = test[2, "Pr(>Chisq)"])
  }
  out[[est]] <- found
}
write(out, "difference_adjusted.json")
