# Writes infinity.json: a marker that hardly correlates with the other indicators of its factor, whose loadings go through
# infinity on the way to the optimum. lavaan's usual limits, beyond which it loses it. Run here:  Rscript infinity.R
source("fit.R")
write_cases(list(case("infinity", "f =~ x1 + x2 + x3 + x9", "edge_small_n_25.csv", fun = "cfa", usual = TRUE)), "infinity.json")
