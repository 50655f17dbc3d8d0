# Writes conditional.json: fits given the exogenous variables. Run in this folder:  Rscript conditional.R
source("fit.R")
mimic <- "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6\nvisual ~ ageyr + sex\ntextual ~ visual + sex\nx2 ~ ageyr"
path <- "x4 ~ a*x1 + x7 + ageyr\nx7 ~ b*x1 + grade\nx9 ~ c*x4 + x7\nindirect := b*c"
growth <- "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\ni + s ~ x1 + x2\nt1 ~ c1\nt2 ~ c2\nt3 ~ c3\nt4 ~ c4"
chain <- "visual =~ x1+x2+x3\nspeed =~ x7+x8+x9\nspeed ~ visual + 0.1*ageyr\nvisual ~ p*ageyr + q*sex\nx5 ~ speed + grade\nd := p - q\np > 0.5*q"
pd <- "ind60 =~ x1+x2+x3\ndem60 =~ y1+a*y2+b*y3+y4\ndem60 ~ ind60\ny5 + y6 ~ dem60 + y8\ny1 ~~ y5"
GR <- "Demo.growth.csv"
with <- function(name, model, ..., fun = "sem", data = HS, implied = NULL)
  case(name, model, data, conditional.x = TRUE, ..., fun = fun, implied = implied)
cases <- c(
  list(with("mimic_ml", mimic, implied = TRUE),
       with("path_ml", path, implied = TRUE), with("path_mlr", path, estimator = "MLR"),
       with("growth_ml", growth, fun = "growth", data = GR, implied = TRUE),
       with("growth_mlm", growth, fun = "growth", data = GR, estimator = "MLM"),
       with("chain_mlr", chain, estimator = "MLR"),
       with("pd_ml", pd, data = "PoliticalDemocracy.csv"),
       with("pd_mlmv", pd, data = "PoliticalDemocracy.csv", estimator = "MLMV"),
       with("wishart", mimic, likelihood = "wishart"),
       with("observed", mimic, information = "observed"),
       with("robust_sem", mimic, se = "robust.sem", test = "yuan.bentler"),
       with("std_lv", mimic, std.lv = TRUE, estimator = "MLMV"),
       with("group_ml", mimic, group = "school", implied = TRUE),
       with("group_scalar_mlr", mimic, group = "school", group.equal = c("loadings", "intercepts"), estimator = "MLR"),
       with("group_metric_mlm", mimic, group = "school", group.equal = "loadings", estimator = "MLM"),
       with("group_metric_mlmvs", mimic, group = "school", group.equal = c("loadings", "regressions"), estimator = "MLMVS"),
       with("group_wlsmv", mimic, group = "school", group.equal = "loadings", estimator = "WLSMV"),
       with("group_wls", path, group = "school", estimator = "WLS"),
       with("no_covariates", "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6")),
  lapply(c("MLR", "MLM", "MLMV", "MLMVS", "MLF", "ULSM", "ULSMV", "ULSMVS", "WLS", "DWLS", "WLSM", "WLSMV", "WLSMVS"),
         function(e) with(paste0("mimic_", tolower(e)), mimic, estimator = e)),
  lapply(c("ULSMV", "DWLS", "WLS", "WLSMV"), function(e) with(paste0("growth_", tolower(e)), growth, fun = "growth", data = GR, estimator = e)))
write_cases(cases, "conditional.json")
