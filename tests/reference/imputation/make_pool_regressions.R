# mice::pool of regressions (mice 3.15.0, R 4.2.2) on imp_bfi600_m5.csv: five imputations of 600 rows of psych::bfi
suppressMessages({library(mice); library(jsonlite)})
d <- read.csv("imp_bfi600_m5.csv"); d <- d[d$.imp>0,]
d$high <- as.integer(d$A3 > 4); L <- split(d, d$.imp)
f <- lapply(L, function(x) glm(high ~ C1 + age + factor(gender), binomial, x))
g <- lapply(L, function(x) lm(C1 ~ A2 + A3*age, x))
h <- lapply(L, function(x) glm(A1 ~ C1 + age, poisson, x))
out <- lapply(list(logit=f, ols=g, poisson=h), function(m) as.data.frame(pool(as.mira(m))$pooled[,c("estimate","ubar","b","t","dfcom","df","riv","lambda","fmi")]))
cat(toJSON(out, digits=14), file="pool_regressions.json")
