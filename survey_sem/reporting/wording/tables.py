"""Titles, notes, rows and cells of tables (English, Chinese)."""

TABLES: dict[str, tuple[str, str]] = {
    # titles
    "table.flow": ("Respondents from distribution to analysis", "从发放到分析的样本流程"),
    "table.items": ("Descriptive statistics of the items", "题项描述统计"),
    "table.categories": ("Answers by category: n (%)", "各选项的作答频数：n (%)"),
    "table.categories_other": ("Answers to the other items", "其余题项的作答频数"),
    "table.correlations": (
        "Means, standard deviations and correlations of the analysed variables",
        "分析变量的均值、标准差与相关矩阵",
    ),
    "table.loadings": ("Factor loadings", "因子载荷"),
    "table.reliability": ("Reliability and convergent validity", "信度与聚合效度"),
    "table.factor_correlations": ("Correlations of the factors", "因子相关"),
    "table.latent_means": ("Means and variances of the latent variables", "潜变量的均值与方差"),
    "table.paths": ("Path coefficients", "路径系数"),
    "table.covariances": ("Covariances and residual covariances", "协方差与残差协方差"),
    "table.r_squared": ("Explained variance", "解释方差"),
    "table.effects": ("Defined effects", "间接效应与其他定义的效应"),
    "table.fit": ("Model fit", "模型拟合指数"),
    "table.residuals": ("Largest residual correlations", "最大的残差相关"),
    "table.modifications": ("Largest modification indices", "最大的修正指数"),
    "table.parameters": ("All parameters", "全部参数"),
    "table.covariance_matrix": ("Covariance matrix at full precision", "协方差矩阵（全精度）"),
    # notes
    "note.items": (
        "Answers of the prepared sample; reversed items ({reversed}) are already turned round. "
        "Skewness and excess kurtosis are adjusted for sample size, as in SPSS.",
        "基于整理后的样本；反向题（{reversed}）已反向计分。偏度与超额峰度经样本量校正，与 SPSS 相同。",
    ),
    "note.items.none_reversed": (
        "Answers of the prepared sample. Skewness and excess kurtosis are adjusted for sample size, as in SPSS.",
        "基于整理后的样本。偏度与超额峰度经样本量校正，与 SPSS 相同。",
    ),
    "note.categories": ("Percentages of the given answers.", "百分比以有效作答为分母。"),
    "note.categories.withheld": (
        "Percentages of the given answers. Counts below {smallest} are withheld to protect respondents, and further "
        "counts of the item with them, so that none can be found by subtraction.",
        "百分比以有效作答为分母。为保护受访者，低于 {smallest} 的频数不予显示；"
        "同一题项中另有频数一并隐去，以防由总数反推。",
    ),
    "note.correlations": (
        "Pearson correlations of the {n} analysed respondents; SD with divisor N − 1.",
        "{n} 名纳入分析者的 Pearson 相关；标准差除数为 N − 1。",
    ),
    "note.loadings": (
        "Estimator: {estimator}.",
        "估计方法：{estimator}。",
    ),
    "note.reliability": (
        "By convention CR ≥ {cr} and AVE ≥ {ave} are asked for (Fornell & Larcker, 1981); these are habits, not tests.",
        "惯例要求 CR ≥ {cr}、AVE ≥ {ave}（Fornell & Larcker, 1981）；这是经验惯例，并非检验。",
    ),
    "note.factor_correlations": (
        "Largest first.",
        "按绝对值降序。",
    ),
    "note.latent_means": (
        "Intercepts and residual variances where the model explains the variable.",
        "若该变量在模型中被解释，则为其截距与残差方差。",
    ),
    "note.paths": (
        "Estimator: {estimator}.",
        "估计方法：{estimator}。",
    ),
    "note.covariances": (
        "r: correlation, of the residuals where the variables are explained by the model.",
        "对于模型中被解释的变量，为其残差之间的相关。",
    ),
    "note.effects": (
        "Delta-method standard errors and normal {level} intervals. Products of coefficients are skewed in small "
        "samples: a bootstrap interval is then the better one.",
        "标准误由 delta 法得到，{level} 置信区间基于正态近似。小样本下系数乘积的分布偏斜，宜采用 bootstrap 置信区间。",
    ),
    "note.fit": (
        "Conventional cut-offs come from simulations of particular models with normal data; they are habits of the "
        "field and no test of this model (Marsh, Hau & Wen, 2004; McNeish & Wolf, 2021).",
        "惯例标准来自对特定模型与正态数据的模拟，属于领域习惯，并非对本模型的检验"
        "（Marsh, Hau & Wen, 2004; McNeish & Wolf, 2021）。",
    ),
    "note.residuals": (
        "Largest first; above {limit} in absolute value they are commonly looked into.",
        "按绝对值降序；通常关注绝对值大于 {limit} 者。",
    ),
    "note.modifications": (
        "What freeing one parameter would gain. A model changed after looking at these values needs new data to be "
        "believed.",
        "释放单个参数的预期收益。据此修改后的模型需以新数据验证。",
    ),
    "note.parameters": (
        "Every parameter, free, fixed and defined, in the notation of the model text.",
        "全部自由、固定与定义的参数，记号与模型文本一致。",
    ),
    "note.covariance_matrix": (
        "{n} respondents, divisor {divisor}. With the model text this is enough to fit the model again.",
        "{n} 名受访者，除数为 {divisor}。配合模型文本即可重新拟合。",
    ),
    # rows and cells
    "stage.distributed": ("Distributed", "发放"),
    "stage.received": ("Received", "回收"),
    "stage.kept": ("Kept", "保留"),
    "stage.analysed": ("Analysed", "纳入分析"),
    "kind.loading": ("Loading", "因子载荷"),
    "kind.path": ("Path", "路径"),
    "kind.covariance": ("Covariance", "协方差"),
    "kind.intercept": ("Intercept", "截距"),
    "kind.other": ("Other", "其他"),
    "measure.n_obs": ("Respondents (n)", "样本量 n"),
    "measure.npar": ("Free parameters", "自由参数个数"),
    "measure.chisq": ("χ²", "χ²"),
    "measure.df": ("df", "自由度 df"),
    "measure.pvalue": ("p (exact fit)", "p（精确拟合）"),
    "measure.ratio": ("χ²/df", "χ²/df"),
    "measure.cfi": ("CFI", "CFI"),
    "measure.tli": ("TLI", "TLI"),
    "measure.rmsea": ("RMSEA", "RMSEA"),
    "measure.rmsea_ci": ("RMSEA, {level} CI", "RMSEA 的 {level} CI"),
    "measure.rmsea_pvalue": ("p (RMSEA ≤ {limit})", "p（RMSEA ≤ {limit}）"),
    "measure.srmr": ("SRMR", "SRMR"),
    "measure.aic": ("AIC", "AIC"),
    "measure.bic": ("BIC", "BIC"),
    "measure.bic2": ("BIC, sample-size adjusted", "样本量校正的 BIC"),
    "measure.logl": ("Log-likelihood", "对数似然值"),
    "cutoff.comparative": (
        "≥ {strict} (Hu & Bentler, 1999); ≥ {mild} (Bentler & Bonett, 1980)",
        "≥ {strict}（Hu & Bentler, 1999）；≥ {mild}（Bentler & Bonett, 1980）",
    ),
    "cutoff.rmsea": (
        "≤ {strict} (Hu & Bentler, 1999); ≤ {mild} (Browne & Cudeck, 1993)",
        "≤ {strict}（Hu & Bentler, 1999）；≤ {mild}（Browne & Cudeck, 1993）",
    ),
    "cutoff.srmr": ("≤ {strict} (Hu & Bentler, 1999)", "≤ {strict}（Hu & Bentler, 1999）"),
    "cutoff.ratio": ("≤ 3 (a rule of thumb; grows with n)", "≤ 3（经验法则；随样本量增大）"),
    "cutoff.smaller": ("smaller is better, between models of the same data", "同一数据的模型间比较，越小越好"),
    "fit.measurement": ("Measurement model", "测量模型"),
    "fit.structural": ("Structural model", "结构模型"),
    "cell.lower": ("lower", "下限"),
    "cell.upper": ("upper", "上限"),
    "cell.lower_of": ("{name}, lower", "{name} 下限"),
    "cell.upper_of": ("{name}, upper", "{name} 上限"),
    "cell.withheld": ("withheld", "不显示"),
    # why a value is absent
    "absent.fixed": ("fixed by the model", "由模型固定"),
    "absent.no_errors": (
        "standard errors are withheld: see the findings about the solution",
        "未给出标准误：见关于解的检查结论",
    ),
    "absent.constant": ("all answers are equal", "全部作答相同"),
    "absent.nominal": ("an unordered item", "无序题项"),
    "absent.standardised": ("there is no standardised value", "无标准化值"),
    "absent.not_computed": ("not computed for this fit", "本次拟合未计算"),
    "absent.no_mean": ("the means are not known", "均值未知"),
}
