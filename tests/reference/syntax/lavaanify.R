# Makes lavaanify.json again: Rscript lavaanify.R lavaanify.json > new.json
# Each case is a model text and a call of lavaan (lavaanify, cfa, sem, growth or lavaan with do.fit = FALSE on random
# rows); `rows` is the parameter table that lavaan makes of it, `names` what lavNames says of that table.
# Rows `.pX. == .pY.` between two fixed parameters, which some rotated blocks get, are left out.
suppressMessages({library(jsonlite); library(lavaan)})
cases <- fromJSON(commandArgs(TRUE)[1], simplifyVector = FALSE)
columns <- c("lhs", "op", "rhs", "user", "block", "group", "free", "ustart", "exo", "label", "level")
kinds <- c("ov", "ov.x", "ov.nox", "ov.y", "ov.ind", "ov.interaction", "ov.ord", "ov.num", "lv", "lv.x", "lv.y", "lv.nox",
           "lv.ind", "lv.interaction", "lv.regular", "lv.formative", "eqs.y", "eqs.x")
plain <- function(x) if (is.list(x) && is.null(names(x))) unlist(x) else x

random_rows <- function(call) {
  set.seed(1)
  n <- 200
  names <- unlist(call$data)
  rows <- setNames(as.data.frame(matrix(rnorm(n * length(names)), n)), names)
  for (name in names(call$cats)) rows[[name]] <- rep(seq_len(call$cats[[name]]), length.out = n)[sample(n)]
  rows$.g <- rep(paste0("g", seq_len(if (is.null(call$groups)) 1 else call$groups)), length.out = n)
  rows
}

table_of <- function(case) {
  call <- case$call
  arguments <- lapply(call$args, plain)
  if (call$fn == "lavaanify") return(as.data.frame(do.call(lavaanify, c(list(model = case$model), arguments))))
  if (!is.null(call$groups)) arguments$group <- ".g"
  fit <- do.call(call$fn, c(list(case$model, data = random_rows(call), do.fit = FALSE), arguments))
  as.data.frame(fit@ParTable)
}

again <- function(case) suppressWarnings({
  table <- table_of(case)
  found <- lapply(kinds, function(kind) as.list(lavNames(table, kind)))
  names(found) <- gsub(".", "_", kinds, fixed = TRUE)
  case$names <- Filter(length, found)
  fixed <- table$plabel[table$free == 0]
  table <- table[!(table$op == "==" & table$lhs %in% fixed & table$rhs %in% fixed), intersect(columns, names(table))]
  case$rows <- lapply(seq_len(nrow(table)), function(i) unname(as.list(table[i, ])))
  case
})
writeLines(toJSON(lapply(cases, again), auto_unbox = TRUE, na = "null", null = "null", digits = 15))
