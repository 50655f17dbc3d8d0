# Groups, intervals, replicates and stages by R's survey. Run in tests/reference: Rscript survey/groups.R
suppressMessages({library(survey); library(jsonlite)})
options(survey.lonely.psu = "fail", warn = 1)
read <- function(name) read.csv(file.path("data", paste0(name, ".csv")), stringsAsFactors = TRUE)
numbers <- function(x) list(estimate = unname(coef(x)), vcov = unname(as.matrix(vcov(x))))
strat <- read("apistrat"); clus1 <- read("apiclus1")
strat$high <- as.numeric(strat$api00 > 650); clus1$high <- as.numeric(clus1$api00 > 650)
out <- list(software = paste("survey", packageVersion("survey"), R.version.string))

groups <- function(d, by) {
  f <- reformulate(by)
  quantile <- svyby(~meals, f, d, svyquantile, quantiles = c(0.4, 0.7), qrule = "hf7", ci = TRUE, keep.var = TRUE)
  found <- list(quantile = list(estimate = unname(coef(quantile)), se = unname(unlist(SE(quantile)))))
  for (method in c("logit", "xlogit", "beta", "mean")) {
    x <- svyby(~high, f, d, svyciprop, method = method, vartype = c("se", "ci"))
    found[[method]] <- unname(as.matrix(x[, c("ci_l", "ci_u")]))
  }
  x <- svyby(~api00, f, d, svymean, covmat = TRUE)
  w <- setNames(c(1, -0.5, -0.5)[seq_len(nrow(x))], x[[by]])
  contrast <- svycontrast(x, list(a = w))
  found$contrast <- c(unname(coef(contrast)), unname(as.vector(SE(contrast))))
  found
}
jk1 <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1)
jkn <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat)
out$groups <- list(strat = groups(jkn, "stype"), clus1 = groups(jk1, "comp.imp"),
  strat_nofpc_jkn = groups(as.svrepdesign(svydesign(id = ~1, strata = ~stype, weights = ~pw, data = strat), type = "JKn"), "stype"))

# the interval of the share leaves 0 to 1: no limit
few <- svydesign(id = ~1, weights = ~pw, data = clus1[1:12, ])
x <- svyquantile(~api00, few, c(0.05, 0.5, 0.95), qrule = "hf7")
out$open <- list(estimate = unname(coef(x)), limits = unname(confint(x)), se = unname(as.vector(SE(x))))

# pairs of units in 10 and 21 strata, and strata of four and six units, which are split
halves <- function(sizes, kind) {
  d <- do.call(rbind, lapply(seq_along(sizes), function(h) data.frame(stratum = sprintf("s%02d", h),
    unit = 10 * h + rep((seq_len(sizes[h]) * 3) %% 7, each = 2), w = 1 + h %% 4)))
  d$y <- round(sin(seq_len(nrow(d)) * 1.7) * 3 + 10, 3); d$z <- round(abs(cos(seq_len(nrow(d)) * 2.3)) + 0.2, 3)
  design <- svydesign(id = ~unit, strata = ~stratum, weights = ~w, data = d)
  r <- if (kind == "BRR") as.svrepdesign(design, type = "BRR") else as.svrepdesign(design, type = "Fay", fay.rho = 0.4)
  list(rows = as.list(d), sizes = sizes, kind = kind, n = ncol(weights(r, "replication")),
    ratio = unname(as.vector(SE(svyratio(~y, ~z, r)))), variance = unname(as.vector(SE(svyvar(~y, r)))), mean = numbers(svymean(~y + z, r)))
}
out$halves <- list(halves(rep(2, 10), "BRR"), halves(rep(2, 21), "BRR"), halves(rep(2, 44), "Fay"), halves(c(2, 4, 2, 6, 2, 2), "Fay"))

# three stages; strata at the second, two of them lonely; rows of weight 0; a domain
set.seed(8)
d <- do.call(rbind, lapply(1:2, function(h) do.call(rbind, lapply(1:(2 + h), function(a) do.call(rbind, lapply(1:3, function(b)
  data.frame(s1 = h, N1 = 5 + h, u1 = 10 * h + a, s2 = b > 2, N2 = c(4, 2)[1 + (b > 2)], u2 = b, N3 = 6 + b, u3 = 1:2)))))))
d$s2 <- ifelse(d$s2, "b", "a")
n <- nrow(d); d$w <- round(runif(n, 1, 9), 2) * (runif(n) > 0.1); d$y <- round(rnorm(n, 10, 3), 1); d$z <- rpois(n, 6)
d$g <- sample(c("p", "q", "r"), n, TRUE, c(0.5, 0.4, 0.1)); d$inside <- as.numeric(runif(n) < 0.7)
out$stages <- list(rows = as.list(d))
for (policy in c("certainty", "adjust")) {
  options(survey.lonely.psu = policy)
  x <- svydesign(id = ~u1 + u2 + u3, strata = ~s1 + s2, weights = ~w, fpc = ~N1 + N2 + N3, data = d)
  x <- subset(x, inside == 1)
  by <- svyby(~y, ~g, x, svytotal, covmat = TRUE)
  out$stages$policies[[policy]] <- list(degf = degf(x), mean = numbers(svymean(~y + z + g, x)), total = numbers(svytotal(~y + g, x)),
    ratio = list(estimate = unname(coef(svyratio(~y + z, ~z + y, x))), se = unname(as.vector(SE(svyratio(~y + z, ~z + y, x))))),
    by = numbers(by))
}
write_json(out, "survey/groups.json", digits = NA)
