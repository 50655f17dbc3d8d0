# Writes composites.json: composites formed by <~. Run in this folder:  Rscript composites.R
source("fit.R")
MOBI <- "seminr_mobi.csv"
two <- "CUSA =~ CUSA1+CUSA2+CUSA3\nCUSL =~ CUSL1+CUSL2+CUSL3\nIMG <~ IMAG1+IMAG2+IMAG3+IMAG4+IMAG5\nCUSA ~ IMG\nCUSL ~ IMG + CUSA"
marked <- "CUSA =~ CUSA1+CUSA2+CUSA3\nCUSL =~ CUSL1+CUSL2+CUSL3\nIMG <~ 1*IMAG1+IMAG2+IMAG3\nCUSA ~ IMG\nCUSL ~ IMG + CUSA"
start <- "CUSA =~ CUSA1+CUSA2+CUSA3\nCUSL =~ CUSL1+CUSL2+CUSL3\nIMG <~ NA*IMAG1+IMAG2+IMAG3\nCUSA ~ 1*IMG\nCUSL ~ IMG + CUSA"
of <- "CUSA =~ CUSA1+CUSA2+CUSA3\nCUSL =~ CUSL1+CUSL2+CUSL3\nIMG <~ 1*IMAG1+IMAG2+IMAG3\nEXP <~ 1*CUEX1+CUEX2+CUEX3\nALL <~ 1*IMG+EXP\nCUSA ~ ALL\nCUSL ~ ALL"
cov <- "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6\nback <~ 1*ageyr + sex + grade\nvisual ~ back\ntextual ~ back + visual"
mod <- "visual =~ x1+x2+x3\nback <~ 1*ageyr + sex + x9\nvisual ~ b*back\nx5 ~ c*back + grade\nx6 ~ x5 + visual\nratio := b/c"
dep <- "CUSA =~ CUSA1+CUSA2+CUSA3\nCUSL =~ CUSL1+CUSL2+CUSL3\nIMG <~ 1*IMAG1+IMAG2+IMAG3\nIMG ~ CUEX1\nCUSA ~ IMG\nCUSL ~ IMG"
obs <- "idx <~ 1*x1+x2+x3\nx7 ~ idx\nx8 ~ idx\nx9 ~ idx"
of_factors <- "v =~ x1+x2+x3\nt =~ x4+x5+x6\nidx <~ 1*v + t\nx7 ~ idx\nx8 ~ idx\nx9 ~ idx"
disturbed <- paste0(obs, "\nidx ~~ idx")
std <- "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6\nback <~ ageyr + sex + grade\nvisual ~ back\ntextual ~ back + visual\nback ~~ 1*back"
HSN <- "HolzingerSwineford1939.csv"
cases <- c(list(
  case("two_default", two, MOBI, r2 = TRUE), case("two_marked", marked, MOBI, r2 = TRUE), case("two_path_fixed", start, MOBI, r2 = TRUE),
  case("composite_of_composites", of, MOBI, r2 = TRUE), case("covariates", cov, r2 = TRUE), case("observed_outcomes", obs, r2 = TRUE),
  case("defined", mod), case("composite_outcome", dep, MOBI, r2 = TRUE), case("of_factors", of_factors, r2 = TRUE),
  case("disturbed", disturbed, r2 = TRUE),
  case("std_lv", cov, std.lv = TRUE), case("free_x", marked, MOBI, fixed.x = FALSE), case("meanstructure", cov, meanstructure = TRUE),
  case("one_outcome", "visual =~ x1+x2+x3\nback <~ 1*ageyr + sex\nvisual ~ back"),
  case("no_outcome", "back <~ 1*ageyr + sex\nvisual =~ x1+x2+x3"),
  case("cfa", "back <~ 1*x7 + x8 + x9\nvisual =~ x1+x2+x3\ntextual =~ x4+x5+x6\nvisual ~ back\ntextual ~ back", fun = "cfa"),
  case("group", cov, group = "school"), case("group_equal", cov, group = "school", group.equal = c("loadings", "composite.loadings", "regressions")),
  case("group_mlr", cov, group = "school", group.equal = "loadings", estimator = "MLR"),
  case("fiml", cov, data = "hs_mar.csv", missing = "ml"), case("fiml_mlr", cov, data = "hs_mar.csv", missing = "ml", estimator = "MLR"),
  case("conditional", cov, conditional.x = TRUE)),
  lapply(c("MLM", "MLMV", "MLR", "MLF", "GLS", "ULSMV", "WLS", "DWLS", "WLSMV"),
         function(e) case(paste0("marked_", tolower(e)), marked, MOBI, estimator = e)))
write_cases(cases, "composites.json")
