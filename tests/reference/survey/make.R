# Statistics of designed samples by R's survey. Run in tests/reference: Rscript survey/make.R
suppressMessages({library(survey); library(jsonlite)})
options(survey.lonely.psu = "fail", warn = 1)
read <- function(name) read.csv(file.path("data", paste0(name, ".csv")), stringsAsFactors = TRUE)
strat <- read("apistrat"); clus1 <- read("apiclus1"); clus2 <- read("apiclus2"); nhanes <- read("survey_nhanes")
scd <- read("survey_scd")
scd$alive <- as.numeric(scd$alive); scd$arrests <- as.numeric(scd$arrests)

numbers <- function(x) list(estimate = unname(coef(x)), vcov = unname(as.matrix(vcov(x))))
with_deff <- function(x) c(numbers(x), list(deff = as.vector(deff(x))))

means <- function(d, x, by, f) {
  fx <- reformulate(x); fby <- reformulate(by); ff <- reformulate(f)
  list(
    mean = with_deff(svymean(fx, d, na.rm = TRUE, deff = TRUE)), mean_replace = with_deff(svymean(fx, d, na.rm = TRUE, deff = "replace")),
    total = with_deff(svytotal(fx, d, na.rm = TRUE, deff = TRUE)),
    share = with_deff(svymean(ff, d, deff = TRUE)), count = numbers(svytotal(ff, d)),
    variance = numbers(svyvar(reformulate(x[1]), d)),
    ratio = {r <- svyratio(reformulate(x[1]), reformulate(x[2]), d, na.rm = TRUE); list(estimate = unname(coef(r)), vcov = unname(as.matrix(vcov(r))))},
    by = {b <- svyby(reformulate(x[1]), fby, d, svymean, covmat = TRUE, deff = TRUE); list(groups = b[, by, drop = FALSE],
      estimate = unname(coef(b)), vcov = unname(vcov(b)), deff = unname(deff(b)))},
    by_total = {b <- svyby(reformulate(x[1]), fby, d, svytotal, covmat = TRUE); list(estimate = unname(coef(b)), vcov = unname(vcov(b)))},
    degf = degf(d))
}
designs <- list(
  strat = svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  strat_nofpc = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = strat),
  strat_cluster = svydesign(id = ~dnum, strata = ~stype, weights = ~pw, data = strat, nest = TRUE),
  clus1 = svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1),
  clus1_nofpc = svydesign(id = ~dnum, weights = ~pw, data = clus1),
  clus2 = svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = clus2),
  clus2_wr = svydesign(id = ~dnum + snum, weights = ~pw, data = clus2))
out <- list(software = paste("survey", packageVersion("survey"), R.version.string))
out$means <- list()
for (name in names(designs)) {
  d <- designs[[name]]
  out$means[[name]] <- means(d, c("api00", "enroll"), c("stype", "sch.wide"), "stype")
  out$means[[paste0(name, "_subset")]] <- means(subset(d, comp.imp == "Yes" & api99 > 550), c("api00", "ell"), c("stype"), "awards")
}
h <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nhanes)
h <- subset(h, !is.na(HI_CHOL))
out$means$nhanes <- means(update(h, race = factor(race), two = HI_CHOL * RIAGENDR), c("HI_CHOL", "RIAGENDR"), c("race", "agecat"), "race")
out$lonely <- list()
one <- rbind(strat[strat$stype != "H", ], strat[strat$stype == "H", ][1, ])
two <- clus2[-(2:3), ]
for (policy in c("certainty", "remove", "adjust", "average")) {
  options(survey.lonely.psu = policy)
  d <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = one)
  out$lonely[[policy]] <- list(mean = numbers(svymean(~api00 + enroll, d)), total = numbers(svytotal(~api00 + enroll, d)))
}
options(survey.lonely.psu = "fail")
write_json(out, "survey/means.json", digits = NA, auto_unbox = FALSE, pretty = FALSE)

out <- list(software = paste("survey", packageVersion("survey"), R.version.string))
pairs <- strat[order(strat$stype, strat$dnum), ]
pairs <- do.call(rbind, lapply(split(pairs, pairs$stype), function(x) x[1:14, ]))
pairs$pair <- rep(1:7, each = 2, times = 3); pairs$cell <- sprintf("%02d", as.integer(factor(paste(pairs$stype, pairs$pair)))); pairs$unit <- seq_len(nrow(pairs))
rownames(pairs) <- NULL
brr <- svydesign(id = ~unit, strata = ~cell, weights = ~pw, data = pairs[pairs$cell <= "18", ])
replicated <- list(
  JK1 = as.svrepdesign(designs$clus1_nofpc, type = "JK1"), JK1_fpc = as.svrepdesign(designs$clus1, type = "JK1"),
  JKn = as.svrepdesign(designs$strat_nofpc, type = "JKn"), JKn_fpc = as.svrepdesign(designs$strat, type = "JKn"),
  JKn_mse = as.svrepdesign(designs$strat_cluster, type = "JKn", mse = TRUE), JK1_clus2 = suppressWarnings(as.svrepdesign(designs$clus2)),
  BRR = as.svrepdesign(brr, type = "BRR"), Fay = as.svrepdesign(brr, type = "Fay", fay.rho = 0.3))
out$pairs <- pairs[pairs$cell <= "18", c("cds", "cell", "unit")]
for (name in names(replicated)) {
  r <- replicated[[name]]
  out$replicates[[name]] <- list(scale = r$scale, rscales = unique(r$rscales), n = ncol(weights(r, "replication")),
    mean = with_deff(svymean(~api00 + ell, r, deff = TRUE)), total = numbers(svytotal(~api00 + stype, r)), share = numbers(svymean(~stype, r)),
    ratio = {x <- svyratio(~api00, ~api99, r); list(estimate = unname(coef(x)), vcov = unname(as.matrix(vcov(x))))},
    variance = numbers(svyvar(~api00, r)),
    by = {b <- svyby(~api00, ~stype, r, svymean, covmat = TRUE); list(estimate = unname(coef(b)), vcov = unname(vcov(b)))},
    subset = {s <- subset(r, comp.imp == "Yes"); numbers(svymean(~api00, s))})
}
factors <- matrix(c(2, 2, 0, 0, 0, 0, 2, 2, 2, 0, 2, 0, 0, 2, 0, 2, 2, 0, 0, 2, 0, 2, 2, 0), 6, byrow = TRUE)
given <- list(BRR = list(type = "BRR"), Fay = list(type = "Fay", rho = 0.3), bootstrap = list(type = "bootstrap"), JKn = list(type = "JKn", scale = 1, rscales = c(.5, .7, .9, 1)),
  ACS = list(type = "ACS"), difference = list(type = "successive-difference", mse = TRUE), other = list(type = "other", scale = 0.3, rscales = 1))
for (name in names(given)) {
  r <- do.call(svrepdesign, c(list(data = scd, repweights = factors * 1:6, weights = 1:6, combined.weights = TRUE), given[[name]]))
  x <- svyratio(~alive, ~arrests, r)
  out$given[[name]] <- list(ratio = list(estimate = unname(coef(x)), vcov = unname(as.matrix(vcov(x)))), mean = numbers(svymean(~alive + arrests, r)), degf = degf(r))
}
out$factors <- factors
write_json(out, "survey/replicates.json", digits = NA)

out <- list(software = paste("survey", packageVersion("survey"), R.version.string))
rules <- c("math", "school", "shahvaish", paste0("hf", 1:9))
shares <- c(0.05, 0.25, 0.4, 0.5, 0.75, 0.9)
for (name in c("strat", "strat_cluster", "clus1", "clus2")) {
  d <- designs[[name]]
  for (rule in rules) out$quantile[[name]][[rule]] <- unname(coef(svyquantile(~api00, d, shares, qrule = rule, ci = FALSE)))
  out$by[[name]] <- unname(as.vector(t(as.matrix(coef(svyby(~api00, ~stype, d, svyquantile, quantiles = c(.25, .5), ci = TRUE, keep.var = TRUE))))))
  for (type in c("mean", "beta", "xlogit", "asin")) {
    x <- svyquantile(~api00, d, c(0.25, 0.5, 0.75), interval.type = type, qrule = if (type == "mean") "hf7" else "math")
    out$interval[[name]][[type]] <- list(estimate = unname(coef(x)), limits = unname(confint(x)), se = unname(as.vector(SE(x))))
  }
  for (method in c("logit", "xlogit", "likelihood", "asin", "beta", "mean")) {
    x <- svyciprop(~I(api00 > 650), d, method = method)
    out$proportion[[name]][[method]] <- unname(as.vector(attr(x, "ci")))
  }
}
r <- replicated$JK1_fpc
for (type in c("mean", "quantile")) {
  x <- svyquantile(~api00, r, c(0.25, 0.5, 0.75), interval.type = type, qrule = "hf7")
  out$replicated[[type]] <- list(estimate = unname(coef(x)), limits = unname(confint(x)), se = unname(as.vector(SE(x))))
}
write_json(out, "survey/quantiles.json", digits = NA)

out <- list(software = paste("survey", packageVersion("survey"), R.version.string))
for (name in c("strat", "strat_cluster", "clus1", "clus1_nofpc", "clus2", "clus2_wr")) {
  for (domain in c("", "_subset")) {
    d <- designs[[name]]
    if (domain != "") d <- subset(d, api99 > 500)
    for (statistic in c("F", "Chisq", "Wald", "adjWald")) {
      x <- svychisq(~comp.imp + stype, d, statistic = statistic)
      out$chisq[[paste0(name, domain)]][[statistic]] <- list(statistic = unname(x$statistic), parameter = unname(x$parameter), p = unname(as.vector(x$p.value)))
    }
  }
}
x <- svychisq(~comp.imp + stype, replicated$JK1_fpc)
out$replicated <- list(statistic = unname(x$statistic), parameter = unname(x$parameter), p = unname(as.vector(x$p.value)))
out$table <- numbers(svymean(~interaction(stype, comp.imp), designs$clus1)); out$by <- numbers(svyby(~comp.imp, ~stype, designs$clus1, svymean, covmat = TRUE))
write_json(out, "survey/tables.json", digits = NA)
