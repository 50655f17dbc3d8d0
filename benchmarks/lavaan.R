# lavaan on one task: Rscript lavaan.R TASK.txt
# The task is a text of lines "name<TAB>value": file, kind, columns (separated by blanks), n_rows, model (a file),
# function, arguments (R), runs, patience, stages (separated by blanks). Reading is not timed.
# Prints tab-separated lines as it goes: kind, name, value(s).
suppressMessages(library(lavaan))
lines <- strsplit(readLines(commandArgs(trailingOnly = TRUE)[1]), "\t", fixed = TRUE)
task <- setNames(lapply(lines, function(part) if (length(part) > 1) part[2] else ""), vapply(lines, `[`, "", 1))
columns <- strsplit(task$columns, " ", fixed = TRUE)[[1]]
n_rows <- as.integer(task$n_rows)
values <- if (task$kind == "int8") {
  readBin(task$file, "integer", n_rows * length(columns), size = 1, signed = TRUE)
} else {
  readBin(task$file, "double", n_rows * length(columns))
}
values[values == -128] <- NA
data <- as.data.frame(matrix(values, n_rows, length(columns), dimnames = list(NULL, columns)))
rm(values)
model <- paste(readLines(task$model), collapse = "\n")
arguments <- eval(parse(text = paste0("list(", task$arguments, ")")))
runs <- as.integer(task$runs)
patience <- as.numeric(task$patience)

line <- function(...) { cat(..., sep = "\t"); cat("\n"); flush(stdout()) }
kilobytes <- function(name) {
  found <- grep(paste0("^", name, ":"), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", found))
}
# a call that names the data: one that holds them would be copied with the result
written <- function(rows, named) as.call(c(as.name(task$`function`), quote(model), list(data = rows), named))
fit <- function() eval(written(quote(data), arguments))
# a fit that takes longer than one has patience for is not made again: what follows from it is added to its time
fitted <- NULL
measures <- function() {
  found <- if (is.null(fitted)) fit() else fitted
  list(found, fitMeasures(found), parameterEstimates(found, standardized = TRUE), standardizedSolution(found))
}
everything <- function() {
  found <- measures()[[1]]
  list(residuals(found, type = "cor.bentler"), modindices(found), lavInspect(found, "rsquare"))
}
calls <- list(fit = fit, measures = measures, everything = everything)
timed <- function(call) {
  taken <- system.time(last <<- call())
  c(taken[["elapsed"]], taken[["user.self"]] + taken[["sys.self"]])
}
last <- NULL
line("version", "R", paste(R.version$major, R.version$minor, sep = "."))
line("version", "lavaan", as.character(packageVersion("lavaan")))
line("version", "BLAS of R", extSoftVersion()[["BLAS"]])
first <- head(data, 1000)
invisible(eval(written(quote(first), arguments[setdiff(names(arguments), c("se", "bootstrap"))])))
for (stage in strsplit(task$stages, " ", fixed = TRUE)[[1]]) {
  last <- NULL
  invisible(gc())
  counts <- file.exists("/proc/self/clear_refs")
  if (counts) {
    if (is.null(fitted)) before <- kilobytes("VmRSS")
    cat("5", file = "/proc/self/clear_refs")
  }
  taken <- list(timed(calls[[stage]]))
  if (!is.null(fitted)) taken[[1]] <- taken[[1]] + of_fit
  if (counts) line("memory", stage, max(kilobytes("VmHWM") - before, 0) / 1024)
  if (taken[[1]][1] < patience) {
    taken <- list()
    while (length(taken) < runs && sum(vapply(taken, `[`, 0, 1)) < patience) {
      taken <- c(taken, list(timed(calls[[stage]])))
    }
  }
  for (one in taken) line("seconds", stage, one[1], one[2])
  if (stage == "fit" && taken[[1]][1] >= patience) {
    fitted <- last
    of_fit <- taken[[1]]
  }
  if (stage == "fit") {
    tests <- lavInspect(last, "test")
    line("chisq", "chisq", format(tests[[1]]$stat, digits = 15))
    if (length(tests) > 1) line("chisq", "chisq_scaled", format(tests[[2]]$stat, digits = 15))
    table <- parTable(last)
    for (k in which(table$se > 0)) {
      named <- paste(table$lhs[k], table$op[k], table$rhs[k], table$group[k])
      line("estimate", named, format(table$est[k], digits = 15), format(table$se[k], digits = 15))
    }
  }
}
