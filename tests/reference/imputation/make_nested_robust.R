# Scaled differences of pooled SEMs: semTools 0.5-6 (lavTestLRT.mi) on lavaan 0.6-14, R 4.2.2.
# Usage: Rscript make_nested_robust.R (beside imp_hs_mar_m10.csv.gz); writes nested_robust.json.
suppressMessages({library(lavaan); library(semTools); library(jsonlite)})
d <- read.csv(gzfile("imp_hs_mar_m10.csv.gz")); L <- split(d, d$.imp)
models <- list(
  free = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9",
  tied = "visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + b*x5 + b*x6\nspeed =~ x7 + x8 + x9\nvisual ~~ 0*speed")
out <- list(models = models)
for (estimator in c("MLR", "MLM")) {
  fits <- lapply(models, function(model) cfa.mi(model, data = L, estimator = estimator))
  for (test in c("D2", "D3")) {
    found <- suppressMessages(lavTestLRT.mi(fits$tied, h1 = fits$free, test = test, pool.robust = test == "D2",
                                            method = "satorra.bentler.2001"))
    out[[estimator]][[test]] <- as.list(unclass(found))
  }
}
writeLines(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "nested_robust.json")
