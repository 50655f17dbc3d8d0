# R's survey on the rows and targets of benchmarks/weighting.py: Rscript weighting.R DATA.csv TARGETS.csv RUNS OUT.csv
# Reading is not timed. Prints tab-separated lines: seconds, name, processor. Weights go to OUT.csv.
suppressMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[1])
targets <- read.csv(arguments[2])
runs <- as.integer(arguments[3])
classed <- c("sex", "age", "region", "city")
for (name in classed) data[[name]] <- factor(data[[name]])
margins <- lapply(classed, function(name) {
  own <- targets[targets$variable == name, ]
  setNames(data.frame(own$category, own$count), c(name, "Freq"))
})
formulas <- lapply(classed, function(name) as.formula(paste("~", name)))
numbers <- c(`(Intercept)` = sum(margins[[1]]$Freq))
for (margin in margins) {
  numbers <- c(numbers, setNames(margin$Freq, paste0(names(margin)[1], margin[[1]]))[-1])
}
spend <- targets$count[targets$variable == "spend"]
design <- svydesign(ids = ~1, weights = ~base, data = data)
tight <- list(maxit = 500, epsilon = 1e-10)
calls <- list(
  rake = function() rake(design, formulas, margins, control = tight),
  poststratify = function() postStratify(design, ~region, margins[[3]]),
  linear = function() calibrate(design, ~ sex + age + region + city + spend, c(numbers, spend = spend)),
  bounded = function() calibrate(design, ~ sex + age + region + city, numbers, calfun = "raking", bounds = c(0.4, 2.5), maxit = 500, epsilon = 1e-10),
  trim = function() trimWeights(raked, upper = 3 * mean(weights(raked)), strict = TRUE))
raked <- calls$rake()
found <- list()
for (name in names(calls)) for (run in seq_len(runs)) {
  taken <- system.time(result <- calls[[name]]())
  cat("seconds", name, taken[["user.self"]] + taken[["sys.self"]], sep = "\t"); cat("\n")
  found[[name]] <- as.vector(weights(result))
}
cat("version", "survey", as.character(packageVersion("survey")), sep = "\t"); cat("\n")
write.csv(as.data.frame(found), arguments[4], row.names = FALSE)
