# mice on the rows of benchmarks/imputation.py: Rscript imputation.R DATA.csv RUNS. Reading is not timed.
# Prints tab-separated lines: seconds, cycles, processor; mean and correlation of the completed data.
suppressMessages(library(mice))
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[1])
for (run in seq_len(as.integer(arguments[2]))) for (cycles in c(1, 3)) {
  taken <- system.time(made <- mice(data, m = 1, maxit = cycles, method = "pmm", seed = run, printFlag = FALSE))
  cat("seconds", cycles, taken[["user.self"]] + taken[["sys.self"]], sep = "\t"); cat("\n")
}
whole <- as.matrix(complete(made))
correlations <- cor(whole)
cat("result", mean(whole), mean(correlations[lower.tri(correlations)]), sep = "\t"); cat("\n")
cat("version", "mice", as.character(packageVersion("mice")), sep = "\t"); cat("\n")
