"""Words of weighted and of missing answers (English, Chinese)."""

ANSWERS: dict[str, tuple[str, str]] = {
    "section.missing": ("Missing answers", "缺失数据"),
    "table.weighted_items": ("Weighted means of the items", "题项加权均值"),
    "column.mean_unweighted": ("M unweighted", "未加权均值"),
    "column.mean_weighted": ("M weighted", "加权均值"),
    "column.deff": ("Design effect", "设计效应"),
    "column.deff.help": (
        "variance of the weighted mean over that of a simple random sample of the same size",
        "加权均值的方差与同样本量简单随机抽样方差之比",
    ),
    "note.weighted": (
        "Standard errors and intervals from the sampling design, t with {df} degrees of freedom.",
        "标准误与区间基于抽样设计，t 分布自由度为 {df}。",
    ),
    "figure.weighted_answers": ("Weighted answers by category", "加权作答分布"),
    "text.missing_rate": (
        "{rate} of the answers to modelled items are missing among those that were asked for; {complete} of {n} "
        "respondents gave all of them. Treatment: {treated}.",
        "模型题项中，应答而未答的比例为 {rate}；{n} 名受访者中有 {complete} 名完整作答。处理方式：{treated}。",
    ),
    "text.imputation": (
        "The data were imputed once for all models and regressions: {m} completed data sets by chained equations "
        "({cycles} cycles, predictive mean matching with {donors} donors, seed {seed}), {cells} answers in each. "
        "Estimates are pooled by Rubin's rules.",
        "全部模型与回归共用一次插补：以链式方程法生成 {m} 个完整数据集（{cycles} 轮，预测均值匹配，{donors} 个供体，"
        "随机种子 {seed}），每个数据集插补 {cells} 个应答。估计值按 Rubin 法则合并。",
    ),
    "text.imputation.auxiliary": ("Complete variables that predict: {names}.", "作为预测变量的完整变量：{names}。"),
    "text.imputation.design": (
        "The design predicts, too, so that answers of different strata and clusters are not made more alike than they "
        "are: {names}.",
        "抽样设计亦进入插补模型，以免各层、各群的应答被插补得过于相似：{names}。",
    ),
    "text.imputation.by": ("The groups of {by} were imputed apart from each other.", "按 {by} 分组分别插补。"),
    "imputation.log_weight": ("log weight", "权数的对数"),
    "imputation.strata": ("strata", "层"),
    "imputation.unit": ("mean answers of the sampling units", "初级抽样单元的平均应答"),
    "imputation.stratum": ("mean answers of the strata", "各层的平均应答"),
    "table.imputation": ("Imputed answers", "插补的应答"),
    "note.imputation": (
        "Imputed: mean over all completed data sets. It may well differ from the mean of those who answered: that is "
        "what the imputation corrects. Counts below {smallest} are withheld, with their means.",
        "插补均值为全部完整数据集的平均；它与应答者均值不同属正常，正是插补所要校正的。"
        "少于 {smallest} 的计数及其均值不予显示。",
    ),
    "column.imputed": ("Imputed\nanswers", "插补数"),
    "column.mean_observed": ("Mean,\nobserved", "应答均值"),
    "column.mean_imputed": ("Mean,\nimputed", "插补均值"),
    "text.little": (
        "Little's test that answers are missing completely at random: χ²({df}) = {chisq}, p {p}. With many respondents "
        "it rejects anything; its size is an RMSEA of {rmsea}. A test that does not reject does not show that answers "
        "are missing at random: only what was asked is compared.",
        "Little 完全随机缺失检验：χ²({df}) = {chisq}，p {p}。样本很大时该检验几乎总会拒绝；其效应量 RMSEA 为 {rmsea}。"
        "未拒绝并不能证明随机缺失：只比较了所测变量。",
    ),
    "text.little.none": ("Little's test was not done: {reason}.", "未作 Little 检验：{reason}。"),
    "figure.imputation": (
        "Traces of the imputation, a line for each chain: they should mix and show no trend",
        "插补过程的轨迹（每条链一条线）：各链应相互交错且无趋势",
    ),
    "table.missing_items": ("Items with missing answers", "有缺失的题项"),
    "column.asked": ("Asked", "被问人数"),
    "column.lacking_answers": ("Missing: n (%)", "缺失：n（%）"),
    "column.not_asked": ("Not asked", "未被问到"),
    "note.missing_items": (
        "{shown} of {total} modelled items to which {smallest} or more gave no answer. Unweighted, in percent of those "
        "who were asked.",
        "模型题项中缺失达 {smallest} 人及以上者共 {total} 个，此处列出 {shown} 个。未加权，百分比以被问人数为分母。",
    ),
    "table.missing_patterns": ("Most frequent patterns of missing answers", "最常见的缺失模式"),
    "column.lacking": ("Missing", "缺失题项"),
    "column.share_of_rows": ("%", "百分比"),
    "cell.nothing_missing": ("none", "无"),
    "note.patterns": (
        "{shown} of {total} patterns, {n} respondents; patterns of fewer than ten are not told.",
        "共 {total} 种模式，此处列出 {shown} 种（{n} 人）；不足十人的模式不予显示。",
    ),
    "table.missing_differences": (
        "Where those who lack an answer differ most from those who gave it",
        "缺失者与作答者差异最大之处",
    ),
    "column.lacked": ("Answer missing to", "缺失题项"),
    "column.differs_in": ("Differs in", "差异所在"),
    "column.difference_sd": ("Difference (SD)", "差值（标准差）"),
    "column.n_lacking": ("n missing", "缺失人数"),
    "column.n_giving": ("n given", "作答人数"),
    "note.missing_differences": (
        "Mean of those without the answer less mean of those with it, in standard deviations; groups of ten or more.",
        "缺失者均值减作答者均值，以标准差为单位；仅列十人及以上。",
    ),
}
