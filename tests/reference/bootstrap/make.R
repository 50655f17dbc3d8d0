# Draws of known rows, fitted one by one with lavaan 0.6-14, and lavaan's intervals from its own draws.
# Rscript make.R FOLDER-WITH-HolzingerSwineford1939.csv   (writes beside itself)
suppressMessages(library(lavaan))
H <- read.csv(file.path(commandArgs(TRUE)[1], "HolzingerSwineford1939.csv"))
tight <- list(iter.max = 5000, eval.max = 5000, rel.tol = 1e-14)
write <- function(x, name) write.csv(format(as.data.frame(x, check.names = FALSE), digits = 15), name, row.names = FALSE, quote = FALSE)
rows <- function(x, name) write.table(x, name, sep = ",", row.names = FALSE, col.names = FALSE)

model <- "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6\nspeed =~ x7+x8+x9\nspeed ~ a*visual + b*textual + sex\nvisual ~ sex\nab := a*b"
set.seed(7)
drawn <- t(replicate(12, sample.int(nrow(H), nrow(H), TRUE)))
rows(drawn, "rows.csv")
for (estimator in c("ML", "GLS", "ULS")) {
  write(t(apply(drawn, 1, function(i) coef(sem(model, H[i, ], estimator = estimator, control = tight)))), paste0("draws_", estimator, ".csv"))
}
factors <- "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6"
labels <- c("Pasteur", "Grant-White")
drawn <- t(replicate(12, unlist(lapply(labels, function(l) sample(which(H$school == l), replace = TRUE)))))
rows(drawn, "rows_group.csv")
fitted <- t(apply(drawn, 1, function(i) coef(cfa(factors, H[i, ], group = "school", group.label = labels,
  group.equal = c("loadings", "intercepts"), control = tight))))
colnames(fitted) <- paste0("p", seq_len(ncol(fitted)))
write(fitted, "draws_group.csv")

set.seed(1)
own <- sem("visual =~ x1+x2+x3\nspeed =~ x7+x8+x9\nspeed ~ a*visual", H, se = "bootstrap", bootstrap = 199)
draws <- own@boot$coef
colnames(draws) <- names(coef(own))
write(draws, "own_draws.csv")
kinds <- c(percentile = "perc", bc = "bca.simple", normal = "norm")
found <- do.call(rbind, lapply(names(kinds), function(k) {
  p <- parameterEstimates(own, boot.ci.type = kinds[[k]])
  p <- p[own@ParTable$free > 0, ]
  data.frame(kind = k, name = names(coef(own)), est = p$est, se = p$se, lower = p$ci.lower, upper = p$ci.upper)
}))
write(found, "own_intervals.csv")
