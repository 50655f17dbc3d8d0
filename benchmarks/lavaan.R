# lavaan on one workload: Rscript lavaan.R DATA.csv MODEL.txt FUNCTION RUNS
# Reading is not timed. Prints tab-separated lines: kind, name, value(s).
suppressMessages(library(lavaan))
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[1])
model <- paste(readLines(arguments[2]), collapse = "\n")
fit_with <- get(arguments[3], asNamespace("lavaan"))
runs <- as.integer(arguments[4])

say <- function(...) cat(..., sep = "\t", fill = FALSE); line <- function(...) { say(...); cat("\n") }
kilobytes <- function(name) {
  found <- grep(paste0("^", name, ":"), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", found))
}
fit <- function() fit_with(model, data = data)
measures <- function() {
  found <- fit()
  list(found, fitMeasures(found), parameterEstimates(found, standardized = TRUE), standardizedSolution(found))
}
everything <- function() {
  found <- measures()[[1]]
  list(residuals(found, type = "cor.bentler"), modindices(found), lavInspect(found, "rsquare"))
}
timed <- function(name, call) for (run in seq_len(runs)) {
  taken <- system.time(call())
  line("seconds", name, taken[["elapsed"]], taken[["user.self"]] + taken[["sys.self"]])
}

invisible(fit_with(model, data = head(data, 2000)))
if (file.exists("/proc/self/clear_refs")) {
  invisible(gc())
  before <- kilobytes("VmRSS")
  cat("5", file = "/proc/self/clear_refs")
  invisible(fit())
  line("memory", "mb", (kilobytes("VmHWM") - before) / 1024)
}
timed("fit", fit)
timed("measures", measures)
timed("everything", everything)
found <- fit()
line("version", "R", paste(R.version$major, R.version$minor, sep = "."))
line("version", "lavaan", as.character(packageVersion("lavaan")))
line("version", "BLAS of R", extSoftVersion()[["BLAS"]])
line("chisq", "chisq", format(fitMeasures(found)[["chisq"]], digits = 15))
table <- parameterEstimates(found)
for (k in which(table$se > 0)) {
  line("estimate", paste(table$lhs[k], table$op[k], table$rhs[k]), format(table$est[k], digits = 15), format(table$se[k], digits = 15))
}
