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
    "text.little": (
        "Little's test that answers are missing completely at random: χ²({df}) = {chisq}, p {p}. With many respondents "
        "it rejects anything; its size is an RMSEA of {rmsea}. A test that does not reject does not show that answers "
        "are missing at random: only what was asked is compared.",
        "Little 完全随机缺失检验：χ²({df}) = {chisq}，p {p}。样本很大时该检验几乎总会拒绝；其效应量 RMSEA 为 {rmsea}。"
        "未拒绝并不能证明随机缺失：只比较了所测变量。",
    ),
    "text.little.none": ("Little's test was not done: {reason}.", "未作 Little 检验：{reason}。"),
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
