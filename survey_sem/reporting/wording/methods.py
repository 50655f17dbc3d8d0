"""Sentences of methods that can stand in a paper (English, Chinese)."""

METHODS: dict[str, tuple[str, str]] = {
    "section.methods": ("Methods, ready to paste", "方法说明（可直接引用）"),
    "text.methods": (
        "What was done, in sentences for the methods section of a paper; check them against your study.",
        "以下语句可用于论文的方法部分，引用前请结合研究实际核对。",
    ),
    "methods.received": (
        "Of {received} answer sheets received, {n} were analysed.",
        "共回收答卷 {received} 份，纳入分析 {n} 份。",
    ),
    "methods.rules": (
        "Careless answers were screened by rules declared beforehand: {rules}.",
        "不认真作答按事先声明的规则筛查：{rules}。",
    ),
    "methods.excluded": (
        "Answer sheets with {flags} or more of these signs were excluded.",
        "触发其中 {flags} 条及以上的答卷被排除。",
    ),
    "methods.excluded.or": (
        "Answer sheets with {flags} or more of these signs were excluded, and those with one of these: {alone}.",
        "触发其中 {flags} 条及以上，或触发以下任一条的答卷被排除：{alone}。",
    ),
    "methods.excluded.alone": (
        "Answer sheets with one of the following were excluded: {alone}.",
        "触发以下任一条的答卷被排除：{alone}。",
    ),
    "methods.n_excluded": ("This excluded {n}.", "据此排除 {n} 份。"),
    "methods.weights": (
        "Weights ({methods}) lie between {low} and {high}.",
        "权数（{methods}）取值在 {low} 与 {high} 之间。",
    ),
    "methods.weights.base": ("base weights", "基础权数"),
    "methods.weights.rake": ("raking", "迭代加权 raking"),
    "methods.weights.poststratify": ("post-stratification", "事后分层"),
    "methods.weights.linear": ("linear calibration", "线性校准"),
    "methods.weights.raking": ("raking calibration", "指数校准"),
    "methods.weights.logit": ("logit calibration", "Logit 校准"),
    "methods.weights.trim": ("trimming", "截尾"),
    "methods.weights.nonresponse-cells": ("non-response adjustment by cells", "按单元的无回答调整"),
    "methods.weights.nonresponse-propensity": ("non-response adjustment by propensity", "按应答倾向的无回答调整"),
    "methods.margins": (
        "The population margins are those of {variables} (source: {sources}).",
        "总体边际分布：{variables}（来源：{sources}）。",
    ),
    "methods.margins.bare": ("The population margins are those of {variables}.", "总体边际分布：{variables}。"),
    "methods.deff": (
        "The design effect of unequal weights is {deff} (Kish), the effective sample size {n_eff}.",
        "不等权数的设计效应（Kish）为 {deff}，有效样本量为 {n_eff}。",
    ),
    "methods.design": (
        "Variances come from Taylor linearisation over {n_units} sampling units ({units}) in {n_strata} strata, with "
        "{df} degrees of freedom.",
        "方差估计采用 Taylor 线性化：{n_units} 个抽样单元（{units}），{n_strata} 层，自由度为 {df}。",
    ),
    "methods.design.unstratified": (
        "Variances come from Taylor linearisation over {n_units} sampling units ({units}), with {df} degrees of "
        "freedom.",
        "方差估计采用 Taylor 线性化：{n_units} 个抽样单元（{units}），自由度为 {df}。",
    ),
    "methods.rows": (
        "Variances come from Taylor linearisation with respondents as sampling units, with {df} degrees of freedom.",
        "方差估计采用 Taylor 线性化，以受访者为抽样单元，自由度为 {df}。",
    ),
    "methods.replicates": (
        "Variances come from replicate weights, with {df} degrees of freedom.",
        "方差估计采用复制权数，自由度为 {df}。",
    ),
    "methods.no_design": (
        "Respondents were taken as independent and equally weighted.",
        "视受访者为相互独立且权数相等。",
    ),
    "methods.missing": (
        "Of the answers to modelled items that were asked for, {rate} were missing; treatment: {treated}.",
        "模型题项中应答而未答的比例为 {rate}；模型中的处理方式：{treated}。",
    ),
    "methods.imputed": (
        "Answers were imputed {m} times (chained equations, {cycles} cycles, predictive mean matching with {donors} "
        "donors, seed {seed}); results are pooled by Rubin's rules.",
        "多重插补 {m} 次（链式方程 {cycles} 轮，预测均值匹配，供体 {donors} 个，随机种子 {seed}），"
        "结果按 Rubin 规则合并。",
    ),
    "methods.models": (
        "Structural equation models were estimated by {estimator}; intervals have a level of {level}.",
        "结构方程模型采用{estimator}估计，置信水平为 {level}。",
    ),
    "methods.test": (
        "Beside the standard test statistic the adjusted one is given ({test}).",
        "除标准检验统计量外，另给出校正统计量（{test}）。",
    ),
    "methods.bootstrap": (
        "Bootstrap: {n} draws, seed {seed}.",
        "Bootstrap 抽样 {n} 次，随机种子 {seed}。",
    ),
    "methods.invariance": (
        "Measurement invariance over {of} was tested at these levels: {levels}.",
        "按{of}检验测量不变性，层级为：{levels}。",
    ),
    "methods.regressions": (
        "Regressions take constructs as the mean of their items, and leave out rows with missing values.",
        "回归分析以构念的题项均值为变量，剔除含缺失值的行。",
    ),
    "methods.regressions.imputed": (
        "Regressions take constructs as the mean of their items, of imputed data, pooled by Rubin's rules.",
        "回归分析以构念的题项均值为变量，基于插补数据并按 Rubin 规则合并。",
    ),
    "methods.comparisons": (
        "Means by {by}: {test}; pairs: {pairs}.",
        "按{by}比较均值：{test}；两两比较：{pairs}。",
    ),
    "methods.robustness": (
        "The main model was fitted again under other choices: {variants}.",
        "主模型在其他分析选择下重新拟合：{variants}。",
    ),
    "methods.software": (
        "Computed with survey_sem {version} ({packages}).",
        "由 survey_sem {version} 计算（{packages}）。",
    ),
}
