# Group comparisons in R: Rscript make.R FOLDER_OF_DATA > groups.json (packages jsonlite, survey, MASS)
library(jsonlite); suppressMessages(library(survey))
folder <- commandArgs(TRUE)[1]
welch <- function(y, g) { w <- oneway.test(y ~ g); list(statistic = unname(w$statistic), df = unname(w$parameter), p = w$p.value) }
levene <- function(y, g) {
  d <- abs(y - ave(y, g, FUN = median)); a <- anova(lm(d ~ g))
  list(statistic = a[1, "F value"], p = a[1, "Pr(>F)"])
}
shares <- function(y, g) {
  a <- anova(lm(y ~ g)); ss <- a[["Sum Sq"]]; ms <- a[["Mean Sq"]][2]
  list(eta2 = ss[1] / sum(ss), omega2 = (ss[1] - a$Df[1] * ms) / (sum(ss) + ms))
}
games.howell <- function(y, g) {
  n <- tapply(y, g, length); m <- tapply(y, g, mean); v <- tapply(y, g, var) / n; k <- nlevels(g)
  p <- t(combn(k, 2)); out <- NULL
  for (i in seq_len(nrow(p))) {
    a <- p[i, 1]; b <- p[i, 2]; d <- m[[a]] - m[[b]]; se <- sqrt(v[[a]] + v[[b]])
    df <- (v[[a]] + v[[b]])^2 / (v[[a]]^2 / (n[[a]] - 1) + v[[b]]^2 / (n[[b]] - 1))
    q <- qtukey(.95, k, df) / sqrt(2)
    out <- rbind(out, c(d, se, df, ptukey(abs(d) / se * sqrt(2), k, df, lower.tail = FALSE), d - q * se, d + q * se))
  }
  out
}
case <- function(y, g) {
  keep <- !is.na(y) & !is.na(g); y <- y[keep]; g <- factor(g[keep])
  a <- anova(lm(y ~ g)); k <- kruskal.test(y, g); tk <- TukeyHSD(aov(y ~ g))$g
  list(n = as.vector(table(g)), mean = as.vector(tapply(y, g, mean)), sd = as.vector(tapply(y, g, sd)),
       ci = do.call(rbind, lapply(split(y, g), function(v) as.vector(t.test(v)$conf.int))),
       welch = welch(y, g), classical = list(statistic = a[1, "F value"], df = a$Df, p = a[1, "Pr(>F)"]),
       kruskal = list(statistic = unname(k$statistic), df = unname(k$parameter), p = k$p.value),
       levene = levene(y, g), shares = shares(y, g), games_howell = games.howell(y, g),
       tukey = unname(-tk[, c("diff", "upr", "lwr"), drop = FALSE]), tukey_p = unname(tk[, "p adj"]))
}
bfi <- read.csv(file.path(folder, "bfi.csv"))
bfi$agree <- rowMeans(bfi[, c("A2", "A3", "A4", "A5")], na.rm = TRUE)
bfi$neuro <- rowMeans(bfi[, c("N1", "N2", "N3", "N4", "N5")])
hs <- read.csv(file.path(folder, "HolzingerSwineford1939.csv"))
two <- function(y, g) {
  t <- t.test(y ~ g); p <- t.test(y ~ g, var.equal = TRUE)
  one <- function(x) list(statistic = unname(x$statistic), df = unname(x$parameter), p = x$p.value, ci = as.vector(x$conf.int))
  n <- table(g); s <- sqrt(((n[[1]] - 1) * var(y[g == names(n)[1]]) + (n[[2]] - 1) * var(y[g == names(n)[2]])) / (sum(n) - 2))
  d <- (mean(y[g == names(n)[1]]) - mean(y[g == names(n)[2]])) / s; N <- sum(n)
  gg <- d * (1 - 3 / (4 * N - 9)); se <- sqrt(N / prod(n) + gg^2 / (2 * N))
  list(welch = one(t), pooled = one(p), g = c(gg, gg + c(-1, 1) * qt(.975, N - 2) * se))
}
data(api)
st <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc)
cl <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
designed <- function(d, y, g) {
  m <- svyby(as.formula(paste0("~", y)), as.formula(paste0("~", g)), d, svymean, covmat = TRUE)
  fit <- svyglm(as.formula(paste0(y, "~factor(", g, ")")), d)
  w <- regTermTest(fit, as.formula(paste0("~factor(", g, ")")), df = degf(d) + 1 - length(coef(fit)))
  k <- length(coef(m)); p <- t(combn(k, 2)); V <- vcov(m)
  se <- apply(p, 1, function(i) sqrt(V[i[1], i[1]] + V[i[2], i[2]] - 2 * V[i[1], i[2]]))
  diff <- coef(m)[p[, 1]] - coef(m)[p[, 2]]
  list(mean = unname(coef(m)), se = unname(SE(m)), f = as.vector(w$Ftest), df = c(w$df, w$ddf), p = as.vector(w$p),
       difference = unname(diff), pair_se = se, pair_p = unname(p.adjust(2 * pt(-abs(diff / se), degf(d)), "holm")))
}
cat(toJSON(list(
  versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))),
  bfi_education = case(bfi$agree, bfi$education), bfi_neuro = case(bfi$neuro, bfi$education),
  hs_grade = case(hs$x9, paste(hs$school, hs$sex)), hs_age = case(hs$x4, hs$ageyr %/% 2),
  bfi_gender = two(bfi$agree, bfi$gender), hs_school = two(hs$x5, hs$school),
  strat = designed(st, "api00", "stype"), clus = designed(cl, "api99", "stype")
), digits = 15, auto_unbox = TRUE))
