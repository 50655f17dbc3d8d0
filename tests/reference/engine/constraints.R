# Writes constraints.json: constraints under every estimator. Run in this folder:  Rscript constraints.R
source("fit.R")
base <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + e*x8 + f*x9\nvisual ~~ u*textual\nvisual ~~ v*speed\ntextual ~~ w*speed\n"
texts <- list(
  linear = "a == b\nc + d == 2\nsum := a + c",
  nonlinear = "a*b == c^2\nexp(u) == 1 + 2*v\nratio := a/b",
  active = "a > b\nf < 0.9\nsum := e + f",
  inactive = "e > 0.2\nc < 5\na + b > 0.1")
estimators <- c("ML", "MLM", "MLMV", "MLMVS", "MLR", "MLF", "GLS", "ULSM", "ULSMV", "ULSMVS", "WLS", "DWLS", "WLSM", "WLSMV", "WLSMVS")
keep <- function(kind, e) !(kind %in% c("inactive") && !(e %in% c("ML", "MLM", "WLSMV"))) &&
  !(kind == "active" && e %in% c("MLMVS", "ULSMVS", "WLSMVS", "ULSM", "WLSM", "WLS"))
cases <- list()
for (kind in names(texts)) for (e in estimators) if (keep(kind, e))
  cases[[length(cases) + 1]] <- case(paste0(kind, "_", tolower(e)), paste0(base, texts[[kind]]), estimator = e, fun = "cfa")
for (kind in c("linear", "nonlinear", "active")) for (e in c("ML", "MLR", "MLF"))
  cases[[length(cases) + 1]] <- case(paste0("fiml_", kind, "_", tolower(e)), paste0(base, texts[[kind]]), "hs_mar.csv",
                                     estimator = e, missing = "ml", fun = "cfa")
group <- "visual =~ x1 + c(a1, a2)*x2 + c(b1, b2)*x3\nspeed =~ x7 + c(e1, e2)*x8 + c(f1, f2)*x9\nvisual ~~ c(u1, u2)*speed\n"
across <- list(linear = "a1 == a2\nb1 + b2 == 1.6\ngap := u1 - u2", nonlinear = "a1*b2 == a2*b1\ne1^2 == e2\ngap := u1 - u2",
               active = "a1 > a2\nf1 < f2\ngap := u1 - u2")
for (kind in names(across)) for (e in c("ML", "MLM", "MLR", "GLS", "ULSMV", "WLSMV", "WLS"))
  cases[[length(cases) + 1]] <- case(paste0("group_", kind, "_", tolower(e)), paste0(group, across[[kind]]), estimator = e,
                                     group = "school", fun = "cfa", usual = kind == "linear")
write_cases(cases, "constraints.json")
