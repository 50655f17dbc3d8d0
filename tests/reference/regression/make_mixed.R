# Formulas, offsets, missing rows, designs, marginal effects, importance and equivalence by R, on drawn answers.
# Run in this folder: Rscript make_mixed.R; writes mixed.csv and mixed.json.
suppressMessages({library(splines); library(sandwich); library(survey); library(quantreg); library(car); library(jsonlite)})
RNGversion("4.2.0"); set.seed(20261); n <- 160
x <- round(rnorm(n, 3, 1.4), 4); z <- round(rexp(n), 4); u <- round(.6 * x + rnorm(n), 4)
g <- sample(c("lo", "mid", "up"), n, TRUE, c(.2, .5, .3)); h <- sample(c("m", "f"), n, TRUE)
st <- sample(1:3, n, TRUE); psu <- st * 100 + sample(1:6, n, TRUE); eta <- -.6 + .4 * x - .3 * z + .5 * (g == "up")
d <- data.frame(x, z, u, g, h, st, psu, w = round(exp(rnorm(n, 0, .6)), 3), ex = round(runif(n, .5, 4), 3),
  y = round(2 + eta + rnorm(n), 4), b = as.integer(runif(n) < plogis(eta)))
d$lex <- round(log(d$ex), 6); d$cnt <- rpois(n, exp(d$lex + .2 * eta)); d$xm <- replace(d$x, sample(n, 25), NA)
write.csv(d, "mixed.csv", row.names = FALSE, na = ""); d <- read.csv("mixed.csv")
pick <- function(f, v = vcov(f)) list(coef = unname(coef(f)), se = unname(sqrt(diag(v))))
up <- function(x) relevel(factor(x), "up"); out <- list(software = paste(R.version.string, "survey", packageVersion("survey")))
f <- lm(y ~ x * g + poly(z, 2) + h, d); out$products <- pick(f, vcovHC(f, "HC3")); out$vif <- unname(vif(lm(y ~ x + z + u + g, d))[, 1])
f <- lm(y ~ bs(x, df = 5) + up(g), d); out$splines <- pick(f)
f <- lm(y ~ x + offset(ex), d); out$offset <- c(pick(f), r2 = summary(f)$r.squared)
f <- glm(b ~ xm * h + up(g), binomial("cloglog"), d); out$cloglog <- pick(f, vcovCL(f, d$psu[!is.na(d$xm)], type = "HC1"))
f <- glm(cnt ~ x + bs(z, df = 4) + offset(lex), poisson, d); out$counts <- pick(f, vcovHC(f, "HC2"))
out$vif_logit <- unname(vif(glm(b ~ x + z + u + g, binomial, d))[, 1])
f <- rq(y ~ x * h + z, .7, d); out$quantile <- list(coef = unname(coef(f)), se = unname(summary(f, se = "ker")$coefficients[, 2]))
ds <- svydesign(~psu, strata = ~st, weights = ~w, data = d); sv <- function(f) { s <- summary(f)$coefficients
  list(coef = unname(s[, 1]), se = unname(s[, 2]), p = unname(s[, 4])) }
out$domain <- sv(svyglm(b ~ x + h + offset(ex), subset(ds, u > 1.2), family = quasibinomial))
out$listwise <- sv(svyglm(y ~ xm + g, subset(ds, !is.na(xm))))
out$rate <- sv(svyglm(cnt ~ x + z + offset(lex), ds, family = quasipoisson))
f <- svyolr(factor(pmin(cnt, 3)) ~ x + h, ds, control = list(reltol = 1e-16, maxit = 1000)); out$ordered <- list(coef = unname(coef(f)), se = unname(sqrt(diag(vcov(f)))))
f <- glm(b ~ x * h + I(x^2) + z + g, binomial, d); p <- function(b, e) plogis(c(model.matrix(delete.response(terms(f)), e, xlev = f$xlevels) %*% b))
effect <- function(b, v, levels) if (is.null(levels)) { k <- 1e-4; a <- d; a[[v]] <- d[[v]] + k; c <- d; c[[v]] <- d[[v]] - k; mean(p(b, a) - p(b, c)) / (2 * k)
  } else { a <- d; a[[v]] <- levels[2]; c <- d; c[[v]] <- levels[1]; mean(p(b, a) - p(b, c)) }
margin <- function(v, levels = NULL) { b <- coef(f); s <- sapply(seq_along(b), function(k) { e <- replace(0 * b, k, 1e-4); (effect(b + e, v, levels) - effect(b - e, v, levels)) / 2e-4 })
  c(effect(b, v, levels), sqrt(c(s %*% vcov(f) %*% s))) }
out$margins <- list(margin("x"), margin("h", c("f", "m")), margin("z"), margin("g", c("lo", "mid")), margin("g", c("lo", "up")))
S <- c("x", "z", "u", "g"); r2 <- function(s) if (length(s)) summary(lm(reformulate(s, "y"), d))$r.squared else 0
out$dominance <- t(sapply(S, function(s) sapply(0:3, function(k) { o <- setdiff(S, s)
  mean(sapply(if (k) combn(o, k, simplify = FALSE) else list(character(0)), function(c) r2(c(c, s)) - r2(c))) })))
f <- lm(y ~ x + z + h, d); s <- summary(f)$coefficients[-1, ]
out$equivalence <- unname(pmax(pt((s[, 1] + .3) / s[, 2], f$df.residual, lower = FALSE), pt((s[, 1] - .3) / s[, 2], f$df.residual)))
f <- lm(y ~ x * g + z, d); t <- linearHypothesis(f, c("x:gmid=0", "x:gup=0"), vcov. = vcovHC(f, "HC3")); out$joint <- c(t$F[2], t[["Pr(>F)"]][2])
write(toJSON(out, digits = NA, auto_unbox = TRUE), "mixed.json")
