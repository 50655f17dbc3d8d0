"""Sentences that a report makes of numbers (English, Chinese)."""

FINDINGS: dict[str, tuple[str, str]] = {
    # the three findings about a solution
    "finding.converged": ("Converged", "收敛"),
    "finding.identified": ("Identified", "可识别"),
    "finding.admissible": ("Admissible", "解可接受"),
    "finding.yes": ("yes", "是"),
    "finding.no": ("no", "否"),
    # key findings
    "key.sample": (
        "{n} respondents were analysed (estimator: {estimator}; missing answers: {missing}).",
        "共分析 {n} 名受访者（估计方法：{estimator}；缺失值处理：{missing}）。",
    ),
    "key.weighted": (
        "Estimates are weighted, standard errors follow from the sampling design (effective number of respondents: "
        "{n_eff}).",
        "估计值经过加权，标准误基于抽样设计（有效样本量：{n_eff}）。",
    ),
    "key.design": (
        "Standard errors follow from the sampling design.",
        "标准误基于抽样设计。",
    ),
    "key.fit": (
        "Fit of the {model}: χ²({df}) = {chisq}, p {p}; CFI = {cfi}, TLI = {tli}, RMSEA = {rmsea}, {level} CI "
        "{rmsea_ci}, SRMR = {srmr}.",
        "{model}拟合：χ²({df}) = {chisq}，p {p}；CFI = {cfi}，TLI = {tli}，RMSEA = {rmsea}，{level} CI {rmsea_ci}，"
        "SRMR = {srmr}。",
    ),
    "key.fit.adjusted": (
        "With the test adjusted for the distribution of the answers ({test}): χ²({df}) = {chisq}, p {p}; robust CFI = "
        "{cfi}, TLI = {tli}, RMSEA = {rmsea}.",
        "按答案的实际分布校正检验（{test}）：χ²({df}) = {chisq}，p {p}；稳健 CFI = {cfi}，TLI = {tli}，"
        "RMSEA = {rmsea}。",
    ),
    "test.satorra.bentler": ("Satorra-Bentler", "Satorra-Bentler"),
    "test.yuan.bentler": ("Yuan-Bentler", "Yuan-Bentler"),
    "test.yuan.bentler.mplus": ("Yuan-Bentler, as in Mplus", "Yuan-Bentler，同 Mplus"),
    "test.mean.var.adjusted": ("mean and variance adjusted", "均值与方差校正"),
    "test.scaled.shifted": ("scaled and shifted", "缩放与平移校正"),
    "key.fit.model": ("model", "模型"),
    "key.fit.measurement": ("measurement model", "测量模型"),
    "key.fit.structural": ("structural model", "结构模型"),
    "key.saturated": (
        "The model is saturated (df = 0): it reproduces the data exactly, and its fit cannot be tested.",
        "模型为饱和模型（自由度为 0）：完全再现数据，无法检验拟合。",
    ),
    "key.no_fit": ("There are no fit measures: {reason}.", "未给出拟合指数：{reason}。"),
    "key.paths": (
        "Relations, largest first. β says by how many standard deviations the outcome differs with one standard "
        "deviation of the predictor, the other predictors held constant.",
        "各路径按效应大小排列。β 表示在控制其他预测变量后，预测变量变化一个标准差时因变量变化的标准差数。",
    ),
    "key.path": (
        "{predictor} → {outcome}: β = {beta}, {level} CI {ci}",
        "{predictor} → {outcome}：β = {beta}，{level} CI {ci}",
    ),
    "key.path.unclear": (
        "{predictor} → {outcome}: β = {beta}, {level} CI {ci}; the interval includes zero",
        "{predictor} → {outcome}：β = {beta}，{level} CI {ci}，区间包含 0",
    ),
    "key.path.bare": ("{predictor} → {outcome}: β = {beta}", "{predictor} → {outcome}：β = {beta}"),
    "key.more": ("{n} more: see the tables below", "其余 {n} 项见后文表格"),
    "key.effects": ("Effects that the study asked for:", "研究所关注的效应："),
    "key.effect": (
        "{effect}: {est}, {level} CI {ci} (standardised {std}, {std_ci})",
        "{effect}：{est}，{level} CI {ci}（标准化 {std}，{std_ci}）",
    ),
    "key.effect.unclear": (
        "{effect}: {est}, {level} CI {ci} (standardised {std}, {std_ci}); the interval includes zero",
        "{effect}：{est}，{level} CI {ci}（标准化 {std}，{std_ci}），区间包含 0",
    ),
    "key.effect.bare": ("{effect}: {est} (standardised {std})", "{effect}：{est}（标准化 {std}）"),
    "key.explained": ("Explained variance: {parts}.", "解释方差：{parts}。"),
    "key.explained.part": ("{outcome} R² = {share}", "{outcome} R² = {share}"),
    "key.correlations": ("Correlations of the factors, largest first:", "因子相关，按大小排列："),
    "key.correlation": (
        "{first} ↔ {second}: r = {r}, {level} CI {ci}",
        "{first} ↔ {second}：r = {r}，{level} CI {ci}",
    ),
    "key.correlation.unclear": (
        "{first} ↔ {second}: r = {r}, {level} CI {ci}; the interval includes zero",
        "{first} ↔ {second}：r = {r}，{level} CI {ci}，区间包含 0",
    ),
    "key.correlation.bare": ("{first} ↔ {second}: r = {r}", "{first} ↔ {second}：r = {r}"),
    "key.reliability": (
        "Measurement: composite reliability from {cr_low} to {cr_high}, average variance extracted from {ave_low} to "
        "{ave_high}, standardised loadings from {load_low} to {load_high}.",
        "测量质量：组合信度 CR 为 {cr_low} 至 {cr_high}，平均方差抽取量 AVE 为 {ave_low} 至 {ave_high}，"
        "标准化载荷为 {load_low} 至 {load_high}。",
    ),
    "key.caveat": (
        "The arrows are assumptions of the model: an analysis of observational data estimates them, it does not show "
        "that they are causes.",
        "箭头方向是模型的假设：对观察性数据的分析只能在该假设下估计其大小，并不能证明因果关系。",
    ),
    "key.not_converged": (
        "The search for the estimates did not converge. Nothing in this report is a result.",
        "迭代未收敛。本报告中的数值均不能作为结果。",
    ),
    "key.not_identified": (
        "The data do not determine all parameters. Standard errors and tests are withheld.",
        "数据不足以确定全部参数。不给出标准误与检验。",
    ),
    "key.not_admissible": (
        "The solution is not admissible: it holds impossible values, as named below. Read its numbers with care.",
        "所得解不可接受：含有不可能的取值（见下）。解读数值时须注意。",
    ),
    "estimator.other": ("{name}", "{name}"),
    "estimator.ML": ("maximum likelihood", "极大似然法（ML）"),
    "missing.listwise": ("listwise deletion", "列删法"),
    "missing.fiml": ("full information maximum likelihood", "全信息极大似然估计"),
    "missing.mi": ("multiple imputation", "多重插补"),
    "missing.complete": ("none were missing", "无缺失"),
}
