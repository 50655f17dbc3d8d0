# Pooled tests of two nested regressions: mitml 0.4-4, mice 3.15.0, R 4.2.2
suppressMessages({library(mice); library(mitml); library(jsonlite)})
d <- read.csv(commandArgs(TRUE)[1])  # imp_bfi600_m5.csv: five imputations of 600 rows of psych::bfi by mice
d$agree <- rowMeans(d[,c("A2","A3","A4","A5")]); d$consc <- rowMeans(d[,c("C1","C2","C3")])
L <- split(d, d$.imp); L <- L[names(L)!="0"]; L <- as.mitml.list(unname(L))
f1 <- with(L, lm(agree~consc+age+gender+education)); f0 <- with(L, lm(agree~consc+gender))
out <- list()
for (dfc in c(595, 40, 15)) {
 out[[paste0("D1_",dfc)]] <- testModels(f1,f0,method="D1",df.com=dfc)$test
}
out$D1 <- testModels(f1,f0,method="D1")$test
out$D2 <- testModels(f1,f0,method="D2",use="likelihood")$test
out$D2w <- testModels(f1,f0,method="D2",use="wald")$test
out$D3 <- testModels(f1,f0,method="D3")$test
out$D4 <- testModels(f1,f0,method="D4")$test
out$D4r <- testModels(f1,f0,method="D4",ariv="robust")$test
out$each <- lapply(seq_along(f1), function(i) list(b1=coef(f1[[i]]), v1=vcov(f1[[i]]), l1=as.numeric(logLik(f1[[i]])), l0=as.numeric(logLik(f0[[i]]))))
S <- do.call(rbind, L); out$stack <- c(as.numeric(logLik(lm(agree~consc+age+gender+education,S))), as.numeric(logLik(lm(agree~consc+gender,S))))
out$miceD1 <- D1(as.mira(f1), as.mira(f0))$result; out$miceD1b <- tryCatch(D1(as.mira(f1), as.mira(f0), dfcom=40)$result, error=function(e) conditionMessage(e))
out$miceD2 <- D2(as.mira(f1), as.mira(f0))$result
cat(toJSON(out, digits=16, auto_unbox=TRUE), file="pool_tests.json")
