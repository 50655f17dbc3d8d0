"""Words of screening and of response rates (English, Chinese)."""

SCREENING: dict[str, tuple[str, str]] = {
    "screening.long_string": ("Longest string (items)", "最长连续相同作答（题）"),
    "screening.pattern": ("Longest pattern (items)", "最长重复模式（题）"),
    "screening.flat_pages": ("Pages of one answer (share)", "整页同一答案（比例）"),
    "screening.zigzag_pages": ("Pages in zigzag (share)", "整页锯齿形作答（比例）"),
    "screening.irv": ("Spread within the person (SD)", "个体内作答变异（标准差）"),
    "screening.mahalanobis": ("Mahalanobis D²", "马氏距离 D²"),
    "screening.person_total": ("Person-total correlation", "个体与总体相关"),
    "screening.synonyms": ("Synonyms (correlation)", "同义题对（个体内相关）"),
    "screening.antonyms": ("Antonyms (correlation)", "反义题对（个体内相关）"),
    "screening.even_odd": ("Even-odd consistency", "奇偶一致性"),
    "screening.seconds_per_item": ("Seconds per item", "平均每题秒数"),
    "screening.relative_time": ("Time (median = 1)", "相对用时（中位数 = 1）"),
    "screening.attention": ("Attention checks failed", "未通过的注意力检测题"),
    "screening.duplicate_id": ("Others with the same id", "编号相同的其他答卷"),
    "screening.same_ip": ("Others from the address", "同一 IP 的其他答卷"),
    "screening.same_device": ("Others from the device", "同一设备的其他答卷"),
    "screening.near_duplicate": ("Nearest other sheet (share equal)", "与最相近答卷的相同比例"),
    "screening.burst": ("Sheets in one burst", "短时间内同源答卷数"),
    "screening.text_repeated": ("Others with the same text", "文本相同的其他答卷"),
    "screening.text_gibberish": ("Texts without sense", "无意义文本"),
    "screening.kept": ("within the cut-off", "未超过界值"),
    "screening.flagged": ("beyond the cut-off", "超过界值"),
    "screening.rows": ("Answer sheets (height: square root of the number)", "答卷数（柱高为数量的平方根）"),
    # report
    "section.screening": ("Careless answers", "不认真作答筛查"),
    "text.screening": (
        "{n} answer sheets were screened on {items} items by rules that were declared beforehand. A flag is a sign, no "
        "proof: no index finds every kind of carelessness, and careful people break one now and then.",
        "按事先声明的规则对 {n} 份答卷的 {items} 个题项进行了筛查。触发规则只是迹象而非证据："
        "没有任何单一指标能发现所有类型的不认真作答，"
        "认真作答者偶尔也会触发。",
    ),
    "text.screening.at_least": (
        "Answer sheets with {flags} or more flags were excluded.",
        "触发 {flags} 条及以上规则的答卷被排除。",
    ),
    "text.screening.or": (
        "Answer sheets with {flags} or more flags were excluded, and those that break a rule which is enough alone.",
        "触发 {flags} 条及以上规则，或触发任一单独即可排除的规则的答卷被排除。",
    ),
    "text.screening.alone": (
        "Answer sheets that break a rule which is enough alone were excluded.",
        "触发任一单独即可排除的规则的答卷被排除。",
    ),
    "text.screening.nobody": ("Nobody was excluded for a flag.", "未因触发规则而排除任何答卷。"),
    "text.screening.excluded": ("{n} were excluded.", "共排除 {n} 份。"),
    "text.screening.few": (
        "The number is withheld here: it, or that of the others, is below {smallest}.",
        "排除或保留的份数少于 {smallest}，此处不予显示。",
    ),
    "table.screening": ("Signs of careless answers", "不认真作答迹象"),
    "table.screening_numbers": ("Answer sheets by number of flags", "按触发规则数统计的答卷"),
    "table.screening_overlap": ("Answer sheets with both of two flags", "同时触发两条规则的答卷"),
    "table.response_rates": ("Response", "回收情况"),
    "figure.screening": (
        "Distributions of the indices with their cut-offs; values far out are in the outermost bar, bars of fewer than "
        "ten answer sheets are not drawn.",
        "各指标的分布与界值；极端值并入最外侧的柱，不足 10 份的柱不绘出。",
    ),
    "note.screening": (
        "Only this: flagged by no other rule. Not known: the answers do not allow the index, which flags nobody. "
        "Counts below {smallest} are withheld.",
        "仅此：未触发其他规则。无法计算：作答不足以计算该指标，视为未触发。少于 {smallest} 的计数不予显示。",
    ),
    "note.rates.probability": (
        "AAPOR Standard Definitions. RR1 counts all who were sent a questionnaire as eligible, RR5 only those who "
        "opened theirs; partial questionnaires are not told apart, so that RR2 to RR4 and RR6 cannot be given.",
        "按 AAPOR 标准定义。RR1 将所有发放对象视为合格，RR5 仅计打开问卷者；"
        "因未区分部分完成的问卷，不给出 RR2 至 RR4 与 RR6。",
    ),
    "note.rates.other": (
        "Not a probability sample: nobody's chance to be asked is known, and a response rate would have no meaning.",
        "非概率样本：被访概率未知，应答率没有意义，故报告参与率与完成率。",
    ),
    "column.sign": ("Sign", "指标"),
    "column.cut_off": ("Flagged if", "触发条件"),
    "column.flagged": ("Flagged", "触发"),
    "column.flagged_only": ("Only this", "仅此"),
    "column.unknown": ("Not known", "无法计算"),
    "column.excludes": ("Alone", "单独"),
    "column.flags": ("Flags", "触发数"),
    "column.sheets": ("Answer sheets", "答卷"),
    "column.rule_number": ("{number}", "{number}"),
    "column.rate": ("Rate", "比率"),
    "column.rate_value": ("%", "百分比"),
    "column.counted": ("Counted", "计数"),
    "column.counted_of": ("Of", "基数"),
    "screening.above": ("above {value}", "高于 {value}"),
    "screening.below": ("below {value}", "低于 {value}"),
    "screening.at_least": ("{value} or more", "不低于 {value}"),
    "screening.at_most": ("{value} or less", "不高于 {value}"),
    "screening.p": ("p below {value}", "p 小于 {value}"),
    "screening.failed": ("{value} or more", "{value} 道及以上"),
    "screening.alone": ("enough", "即排除"),
    "screening.numbered": ("{number} {name}", "{number} {name}"),
    "rate.RR1": ("Response rate RR1", "应答率 RR1"),
    "rate.RR5": ("Response rate RR5", "应答率 RR5"),
    "rate.COOP1": ("Cooperation rate COOP1", "合作率 COOP1"),
    "rate.participation": ("Participation rate", "参与率"),
    "rate.completion": ("Completion rate", "完成率"),
    "rate.valid": ("Usable among those received", "有效率"),
    "stage.opened": ("Opened", "打开"),
    "stage.completed": ("Completed", "完成"),
    "stage.screened": ("Without careless answers", "剔除不认真作答后"),
}
