# Little's test from the saturated model's full information moments: lavaan 0.6-14, R 4.2.2, own arithmetic after
# Little (1988). Usage: Rscript make_little.R; writes little.json. Data: datasets::airquality, lavaan's
# HolzingerSwineford1939 and a factor model with holes made here (written to little_<case>.csv).
suppressMessages({library(lavaan); library(jsonlite)})
little <- function(d) {
  d <- d[rowSums(!is.na(d)) > 0, , drop = FALSE]
  fit <- lavCor(d, missing = "ml", output = "fit", se = "none")
  mu <- lavInspect(fit, "implied")$mean; S <- lavInspect(fit, "implied")$cov
  opt <- optim_em(d, as.numeric(mu), matrix(S, ncol(d)))
  mu <- opt$mu; S <- opt$S
  key <- apply(!is.na(d), 1, paste, collapse = ""); total <- 0; df <- -ncol(d)
  for (k in unique(key)) {
    rows <- as.matrix(d[key == k, , drop = FALSE]); on <- which(!is.na(rows[1, ]))
    e <- colMeans(rows[, on, drop = FALSE]) - mu[on]
    total <- total + nrow(rows) * sum(e * solve(S[on, on, drop = FALSE], e)); df <- df + length(on)
  }
  list(chisq = total, df = df, p = pchisq(total, df, lower.tail = FALSE), patterns = length(unique(key)))
}
optim_em <- function(d, mu, S) {  # plain EM to the end: lavaan's own stops at 1e-5
  x <- as.matrix(d); n <- nrow(x)
  for (it in 1:20000) {
    sx <- 0; sxx <- 0
    for (i in 1:n) {
      o <- which(!is.na(x[i, ])); m <- which(is.na(x[i, ])); y <- x[i, ]; C <- matrix(0, ncol(x), ncol(x))
      if (length(m)) {
        B <- S[m, o, drop = FALSE] %*% solve(S[o, o, drop = FALSE])
        y[m] <- mu[m] + B %*% (y[o] - mu[o]); C[m, m] <- S[m, m] - B %*% S[o, m, drop = FALSE]
      }
      sx <- sx + y; sxx <- sxx + tcrossprod(y) + C
    }
    new <- sx / n; newS <- sxx / n - tcrossprod(new)
    done <- max(abs(new - mu), abs(newS - S)) < 1e-11; mu <- new; S <- newS
    if (done) break
  }
  list(mu = mu, S = S)
}
set.seed(11)
cases <- list(airquality = airquality[, 1:4])
f <- rnorm(150); x <- sapply(1:5, function(j) round(4 + 1.2 * (0.7 * f + rnorm(150)))); colnames(x) <- paste0("y", 1:5)
x[runif(150) < plogis(-2 + f), 2] <- NA; x[runif(150) < 0.15, 3] <- NA; x[runif(150) < plogis(-2 - f), 5] <- NA
x[7, ] <- NA
cases$factor <- as.data.frame(x)
h <- HolzingerSwineford1939[, paste0("x", 1:4)]; h$x1[h$x4 > 3.5] <- NA; h$x2[h$x4 > 3.5 & seq_len(301) %% 2] <- NA
cases$monotone <- h
out <- lapply(names(cases), function(k) { write.csv(cases[[k]], paste0("little_", k, ".csv"), row.names = FALSE); little(cases[[k]]) })
names(out) <- names(cases)
cat(toJSON(out, digits = 14, auto_unbox = TRUE), file = "little.json"); print(out)
