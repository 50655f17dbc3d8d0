# Standard errors of a path model under designs of R's survey (4.1-1), estimates from lavaan (0.6-14), R 4.2.2.
# Linearised: the inverse information times the design covariance of the total of the weighted casewise scores
# (survey's svytotal) times the inverse information. Replicates: lavaan's estimates under every replicate's weights.
suppressMessages({library(survey); library(lavaan); library(jsonlite)})
data(api)
set.seed(11)
mk <- function(d) { d <- d[complete.cases(d[,c("api00","meals","ell","mobility")]),]; d$api00<-d$api00/100; d$meals<-d$meals/10; d$ell<-d$ell/10; d$mobility<-d$mobility/10; d }
m <- "api00 ~ a*meals + b*ell + mobility
meals ~ c*mobility
ell ~ mobility
ind := a*c"
keep <- function(d, more=character(0)) d[, intersect(c("stype", "dnum", "snum", "pw", "fpc", "fpc1", "fpc2", "api00",
  "meals", "ell", "mobility", more), names(d))]
strat <- mk(apistrat); clus1 <- mk(apiclus1); clus2 <- mk(apiclus2)
write.csv(keep(strat),"apistrat.csv",row.names=FALSE,quote=FALSE); write.csv(keep(clus1),"apiclus1.csv",row.names=FALSE,quote=FALSE); write.csv(keep(clus2),"apiclus2.csv",row.names=FALSE,quote=FALSE)
des <- list(strat=svydesign(~1,strata=~stype,weights=~pw,fpc=~fpc,data=strat), clus1=svydesign(~dnum,weights=~pw,fpc=~fpc,data=clus1), clus2=svydesign(~dnum+snum,fpc=~fpc1+fpc2,weights=~pw,data=clus2))
dat <- list(strat=strat,clus1=clus1,clus2=clus2)
out <- list()
for (k in names(des)) {
  f <- sem(m, dat[[k]], sampling.weights="pw", estimator="MLR", fixed.x=FALSE, meanstructure=TRUE)
  sc <- lavScores(f)            # casewise (are weights in?)
  w <- dat[[k]]$pw/mean(dat[[k]]$pw)
  # check whether scores contain weights: weighted sum must be zero
  s1 <- max(abs(colSums(sc))); s2 <- max(abs(colSums(sc*w)))
  if (s2 < s1) sc <- sc*w
  A <- lavInspect(f,"information.observed")*nobs(f)
  V <- vcov(svytotal(sc/ (w) * (w/weights(des[[k]])), des[[k]]))  # total of w*z with weights pw
  se <- sqrt(diag(solve(A)%*%V%*%solve(A)))
  out[[k]] <- list(est=coef(f), names=names(coef(f)), se=se, s=c(s1,s2), chisq=fitMeasures(f,"chisq"))
}
# replicate weights
rep <- list(JK1=as.svrepdesign(svydesign(~dnum,weights=~pw,data=clus1),type="JK1"), boot=as.svrepdesign(des$clus1,type="subbootstrap",replicates=40))
for (k in names(rep)) {
  r <- rep[[k]]; W <- weights(r,"analysis"); d <- r$variables
  est <- t(sapply(1:ncol(W), function(j) { d$wj <- W[,j]; dd <- d[d$wj>0,]; coef(suppressWarnings(sem(m, dd, sampling.weights="wj", estimator="MLR", fixed.x=FALSE, meanstructure=TRUE, se="none"))) }))
  d$w0 <- weights(r,"sampling"); f <- sem(m, d, sampling.weights="w0", estimator="MLR", fixed.x=FALSE, meanstructure=TRUE)
  V <- survey:::svrVar(est, r$scale, r$rscales, mse=FALSE, coef=coef(f))
  colnames(W) <- paste0("r",1:ncol(W)); write.csv(cbind(keep(d,"w0"),W), paste0("api",k,".csv"), row.names=FALSE,quote=FALSE)
  out[[k]] <- list(est=coef(f), names=names(coef(f)), se=sqrt(diag(as.matrix(V))), scale=r$scale, rscales=r$rscales)
}
write(toJSON(out,digits=NA,auto_unbox=TRUE),"se.json")
