# Writes bounds.json: bounded fits of models that are improper without bounds. Run in this folder:  Rscript bounds.R
# The bounds themselves are kept for every case, also of models that run into none of them
source("fit.R")
one_plain <- one
one <- function(case) {
  found <- one_plain(case)
  options <- case$options
  fit <- suppressWarnings(do.call(case$`function`, c(list(case$model, data = read.csv(file.path("../data", case$data))), options)))
  table <- as.data.frame(parTable(fit))
  table <- table[table$free > 0 & table$op %in% c("=~", "~~"), c("lhs", "op", "rhs", "group", "lower", "upper")]
  table$lower[!is.finite(table$lower)] <- NA
  table$upper[!is.finite(table$upper)] <- NA
  c(found, list(bounds = table))
}
three <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
improper <- list(  # rows, model
  marker = list("edge_heywood_hs_group.csv", "f =~ x3 + x7 + x4\ng =~ x5 + x6 + x9"),
  single = list("edge_heywood_hs_group.csv", "f =~ x7 + x2 + x3 + x5"),
  latent = list("edge_heywood_hs_group.csv", "f =~ x1 + x4 + x8\ng =~ x3 + x2 + x6"),
  four = list("edge_heywood_hs_group.csv", "f =~ x3 + x5 + x9 + x8"),
  tied = list("edge_heywood_hs_group.csv", "f =~ x3 + a*x5 + a*x9 + x8"),
  alike = list("PoliticalDemocracy.csv", "f =~ y6 + x1 + y1\ng =~ y8 + y7 + y2"),
  alike2 = list("PoliticalDemocracy.csv", "f =~ y3 + y8 + y4\ng =~ y1 + x1 + y7"))
cases <- list()
add <- function(name, model, ...) cases[[length(cases) + 1]] <<- case(name, model, ..., usual = TRUE)
for (b in c("standard", "wide", "pos.var")) for (each in names(improper))
  add(paste0(each, "_", b), improper[[each]][[2]], improper[[each]][[1]], bounds = b)
for (b in c("standard", "wide")) for (each in c("alike", "alike2"))
  add(paste0(each, "_std_lv_", b), improper[[each]][[2]], improper[[each]][[1]], bounds = b, std.lv = TRUE, estimator = "MLR")
for (b in c("standard", "wide")) {
  add(paste0("plain_", b), paste0(three, "\nspeed ~ visual + ageyr\nx1 ~~ x4\ntextual =~ x9"), bounds = b)
  add(paste0("second_", b), paste0(three, "\ng =~ visual + textual + speed"), bounds = b)
  add(paste0("std_lv_", b), three, bounds = b, std.lv = TRUE)
  add(paste0("path_", b), "x1 ~ x2 + x3\nx4 ~ x2", bounds = b, fixed.x = FALSE)
  add(paste0("gls_", b), three, bounds = b, estimator = "GLS")
  add(paste0("fiml_", b), three, "hs_mar.csv", bounds = b, missing = "ml")
  add(paste0("half_", b), "visual =~ .5*x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~ textual", bounds = b)
}
write_cases(cases, "bounds.json")
