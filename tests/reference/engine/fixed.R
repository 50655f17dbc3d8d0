# Writes fixed.json: robust fits with fixed exogenous variables. Run in this folder:  Rscript fixed.R
source("fit.R")
mimic <- "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6\nvisual ~ ageyr + sex\ntextual ~ visual + sex\nx2 ~ ageyr"
path <- "x4 ~ x1 + x7 + ageyr\nx7 ~ x1 + grade\nx9 ~ x4 + x7"
growth <- "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\ni + s ~ x1 + x2\nt1 ~ c1\nt2 ~ c2"
GR <- "Demo.growth.csv"
cases <- c(
  lapply(c("MLM", "MLMV", "MLMVS", "MLR"), function(e) case(paste0("mimic_", tolower(e)), mimic, estimator = e)),
  lapply(c("MLM", "MLMVS"), function(e) case(paste0("means_", tolower(e)), mimic, estimator = e, meanstructure = TRUE)),
  lapply(c("MLM", "MLMV"), function(e) case(paste0("growth_", tolower(e)), growth, GR, fun = "growth", estimator = e)),
  lapply(c("MLM", "MLMV"), function(e) case(paste0("path_", tolower(e)), path, estimator = e)),
  lapply(c("MLM", "MLMV"), function(e) case(paste0("group_", tolower(e)), mimic, estimator = e, group = "school",
                                            group.equal = c("loadings", "regressions"))),
  list(case("yuan_bentler", mimic, se = "robust.sem", test = "yuan.bentler"),
       case("shifted_observed", mimic, test = "scaled.shifted", information = "observed"),
       case("robust_wishart", mimic, estimator = "MLM", likelihood = "wishart"),
       case("free_x", mimic, estimator = "MLMV", fixed.x = FALSE)))
write_cases(cases, "fixed.json")
