# Writes second_order.json: a factor of factors where intercepts are equal over groups. Run here: Rscript second_order.R
# With its mean pinned the model is identified. lavaan's default leaves it free beside those of its factors: the same
# chi-square with a parameter too many ("default_ml"), whose numbers are not compared
source("fit.R")
base <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\ng =~ visual + textual + speed"
pinned <- paste0(base, "\ng ~ 0*1")
scalar <- c("loadings", "intercepts")
second <- function(name, model = pinned, ..., equal = scalar, data = HS)
  case(name, model, data, group = "school", group.equal = equal, ..., fun = "cfa", usual = TRUE)
cases <- list(
  second("default_ml", base),
  second("effects_ml", base, effect.coding = TRUE),
  second("lower_pinned_ml", paste0(base, "\nvisual ~ 0*1\ntextual ~ 0*1\nspeed ~ 0*1")),
  second("one_pinned_ml", paste0(base, "\nvisual ~ 0*1")),
  second("observed_ml", paste0(base, " + x1")),
  second("scalar_ml"),
  second("scalar_std_lv", std.lv = TRUE),
  second("intercepts_mlm", equal = "intercepts", estimator = "MLM"),
  second("strict_mlr", equal = c(scalar, "residuals"), estimator = "MLR"),
  second("scalar_wlsmv", estimator = "WLSMV"),
  second("scalar_fiml", data = "hs_mar.csv", missing = "ml", estimator = "MLR"))
write_cases(cases, "second_order.json")
