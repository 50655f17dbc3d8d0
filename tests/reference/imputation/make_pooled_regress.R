# Regressions and design statistics over five imputations of 600 rows of psych::bfi (imp_bfi600_m5.csv.gz), pooled by
# mice and mitools, with strata, clusters and weights made from the row numbers. Run in this folder.
suppressMessages({library(mice); library(mitools); library(survey); library(MASS); library(nnet); library(jsonlite)})
d <- read.csv("imp_bfi600_m5.csv.gz"); d <- d[d$.imp > 0, ]
d$row <- ave(d$.imp, d$.imp, FUN = seq_along) - 1
d$high <- as.integer(d$A3 > 4); d$psu <- d$row %/% 15; d$w <- 1 + (d$row * 7) %% 5 / 2
d$stratum <- d$psu %% 4
L <- split(d, d$.imp)
pooled <- function(fits) as.data.frame(pool(as.mira(fits))$pooled[, c("estimate", "t", "df", "riv", "lambda", "fmi")])
out <- list(software = paste(R.version.string, "mice", packageVersion("mice"), "mitools", packageVersion("mitools"),
  "survey", packageVersion("survey")))
ols <- lapply(L, function(x) lm(C1 ~ A2 + factor(gender) + age, x))
out$ols <- pooled(ols)
out$r2 <- pool.r.squared(as.mira(ols)); out$adjusted <- pool.r.squared(as.mira(ols), adjusted = TRUE)
small <- lapply(L, function(x) lm(C1 ~ age, x))
out$d1 <- D1(as.mira(ols), as.mira(small))$result
out$logit <- pooled(lapply(L, function(x) glm(high ~ C1 + age, binomial, x)))
designs <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = imputationList(L))
combined <- function(x, df) { found <- MIcombine(x, df.complete = df); list(est = unname(coef(found)), se = unname(sqrt(diag(vcov(found))))) }
one <- designs$designs[[1]]; out$degf <- degf(one)
out$svyglm <- combined(with(designs, svyglm(C1 ~ A2 + age)), degf(one) - 2)
out$svylogit <- combined(with(designs, svyglm(high ~ C1 + age, family = quasibinomial)), degf(one) - 2)
out$svymean <- combined(with(designs, svymean(~A2 + C1)), degf(one))
out$svytotal <- combined(with(designs, svytotal(~A2)), degf(one))
by <- lapply(designs$designs, function(x) svyby(~C1, ~gender, x, svymean, covmat = TRUE)); class(by) <- "list"
out$svyby <- combined(by, degf(one))
replicated <- lapply(designs$designs, as.svrepdesign, type = "JKn")
out$jkn <- combined(lapply(replicated, function(x) svyglm(C1 ~ A2 + age, design = x)), degf(one) - 2)
coef.h <- function(object, ...) object$c; vcov.h <- function(object, ...) object$v
hand <- function(f) { b <- sapply(f, coef); u <- rowMeans(sapply(f, function(x) diag(vcov(x)))); list(est = unname(rowMeans(b)), se = unname(sqrt(u + 1.2 * apply(b, 1, var)))) }
out$cluster <- hand(lapply(L, function(x) structure(list(c = coef(lm(C1 ~ A2 + age, x)), v = sandwich::vcovCL(lm(C1 ~ A2 + age, x), ~psu, type = "HC1")), class = "h")))
write(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "pooled_regress.json")
