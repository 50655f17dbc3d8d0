# Multiple imputation by predictive mean matching with mice 3.15.0 (R 4.2.2), for comparison within Monte Carlo error.
# Usage: Rscript make_mice.R <folder with mice_input.csv>; writes mice.json beside it.
suppressMessages({library(mice); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
d <- read.csv(file.path(folder, "mice_input.csv"))
m <- 200
made <- mice(d, m = m, maxit = 10, method = "pmm", seed = 20261123, printFlag = FALSE)
all <- lapply(1:m, function(i) complete(made, i))
pooled <- function(est, var) {  # est, var: m x k
  list(estimate = colMeans(est), within = colMeans(var), between = apply(est, 2, var_))
}
var_ <- function(x) stats::var(x)
means <- t(sapply(all, colMeans)); mean_vars <- t(sapply(all, function(x) sapply(x, stats::var) / nrow(x)))
low <- lower.tri(diag(ncol(d)))
cors <- t(sapply(all, function(x) atanh(cor(x)[low]))); cor_vars <- matrix(1 / (nrow(d) - 3), m, sum(low))
sds <- t(sapply(all, function(x) log(sapply(x, sd)))); sd_vars <- matrix(1 / (2 * (nrow(d) - 1)), m, ncol(d))
fits <- lapply(all, function(x) lm(q1 ~ ., x))
coefs <- t(sapply(fits, coef)); coef_vars <- t(sapply(fits, function(f) diag(vcov(f))))
out <- list(software = "mice 3.15.0, R 4.2.2", m = m, maxit = 10, mean = pooled(means, mean_vars), fisher_z = pooled(cors, cor_vars),
            log_sd = pooled(sds, sd_vars), regression = pooled(coefs, coef_vars))
cat(toJSON(out, digits = 12, auto_unbox = TRUE), file = file.path(folder, "mice.json"))
