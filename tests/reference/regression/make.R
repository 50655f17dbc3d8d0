# Regressions of every family by R, on drawn answers. Run in this folder: Rscript make.R
library(MASS); library(nnet); library(ordinal); library(quantreg); library(sandwich); library(jsonlite)
RNGversion("4.2.0"); set.seed(7)
n <- 400
x <- rnorm(n); z <- rnorm(n); g <- sample(c("a", "b", "c"), n, TRUE)
latent <- .8 * x - .4 * z + .3 * (g == "c") + rlogis(n)
d <- data.frame(
  x = round(x, 6), z = round(z, 6), g, w = round(runif(n, .5, 3), 2), room = sample(1:25, n, TRUE),
  count = rnegbin(n, exp(.5 + .4 * x - .3 * z + .2 * (g == "b")), 1.5),
  spend = round(ifelse(runif(n) < plogis(.3 + .5 * x), rgamma(n, 2, 2 / exp(3 + .3 * z)), 0), 4),
  grade = as.integer(cut(latent, c(-Inf, -1.5, 0, 1, Inf))),
  choice = sample(c("douyin", "kuaishou", "taobao"), n, TRUE)
)
d$choice <- ifelse(runif(n) < plogis(1.2 * d$x), "taobao", d$choice)
d$any <- as.integer(d$spend > 0)
write.csv(d, "answers.csv", row.names = FALSE)
d <- read.csv("answers.csv")
ctl <- glm.control()
pick <- function(f) list(coef = unname(coef(f)), se = unname(sqrt(diag(vcov(f)))), logl = as.numeric(logLik(f)))
out <- list(software = paste("R", getRversion(), "MASS", packageVersion("MASS"), "nnet", packageVersion("nnet"),
  "ordinal", packageVersion("ordinal"), "quantreg", packageVersion("quantreg"), "sandwich", packageVersion("sandwich")))
hc <- function(f) setNames(lapply(c("HC0", "HC1", "HC2", "HC3"), function(t) unname(sqrt(diag(vcovHC(f, t))))),
  c("HC0", "HC1", "HC2", "HC3"))
for (link in c("logit", "probit", "cloglog")) {
  f <- glm(any ~ x + I(x^2) + z + g, binomial(link), d, control = ctl)
  null <- as.numeric(logLik(update(f, . ~ 1)))
  out[[link]] <- c(pick(f), list(deviance = deviance(f), null = null, hc = hc(f)))
}
f <- glm(count ~ x + z + g, poisson, d, control = ctl); out$poisson <- c(pick(f), list(deviance = deviance(f), hc = hc(f)))
f <- glm(count ~ x + z + offset(log(w)), poisson, d, control = ctl); out$exposure <- pick(f)
f <- glm.nb(count ~ x + z + g, d, control = glm.control(epsilon = 1e-15, maxit = 200)); out$negative_binomial <- c(pick(f), list(alpha = 1 / f$theta))
f <- lm(spend ~ x + z + g, d, weights = w)
out$weighted <- c(pick(f), list(r2 = summary(f)$r.squared, sigma = summary(f)$sigma, hc = hc(f)))
f <- glm(any ~ x + z, quasibinomial, d, weights = w / mean(w), control = ctl)
out$weighted_logit <- list(coef = unname(coef(f)), hc0 = unname(sqrt(diag(sandwich(f)))))
a <- glm(any ~ x + z + g, binomial, d, control = ctl)
b <- glm(spend ~ x + z + g, Gamma("log"), d[d$spend > 0, ], control = ctl)
out$two_part <- list(coef = c(unname(coef(a)), unname(coef(b))),
  se = c(unname(sqrt(diag(vcov(a)))), unname(sqrt(diag(vcov(b))))))
for (link in c("logit", "probit", "cloglog")) {
  f <- clm(factor(grade) ~ x + z + g, data = d, link = link, control = clm.control(gradTol = 1e-12, maxIter = 200))
  k <- length(f$alpha); q <- length(coef(f)); at <- c((k + 1):q, 1:k)
  out[[paste0("ordinal_", link)]] <- list(coef = unname(coef(f))[at], se = unname(sqrt(diag(vcov(f))))[at],
    logl = as.numeric(logLik(f)))
}
f <- multinom(choice ~ x + z + g, d, trace = FALSE, reltol = 1e-15, maxit = 1000, Hess = TRUE)
out$multinomial <- list(coef = c(t(coef(f))), se = unname(sqrt(diag(vcov(f)))), logl = as.numeric(logLik(f)))
for (q in c(.25, .5, .9)) {
  f <- rq(spend ~ x + z + g, q, d[d$spend > 0, ])
  out[[paste0("quantile_", q)]] <- list(coef = unname(coef(f)), se = unname(summary(f, se = "ker")$coefficients[, 2]))
}
f <- lm(spend ~ x + z + g, d)
out$clustered <- lapply(c(HC0 = "HC0", HC1 = "HC1"), function(t) unname(sqrt(diag(vcovCL(f, ~room, type = t)))))
write(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "families.json")
