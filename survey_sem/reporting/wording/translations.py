"""Chinese for sentences that the computing rooms write in English: evidence, reasons, warnings, flow.

A sentence that is not known here is shown as it is. Numbers and names in a sentence are carried over.
"""

from __future__ import annotations

import re

_SATURATED = "自由度为 0：饱和模型"

SENTENCES: dict[str, str] = {
    # why a measure does not apply
    "df = 0: the model is saturated": _SATURATED,
    "the baseline model has no degrees of freedom": "基线模型没有自由度",
    "least squares has no likelihood": "最小二乘法没有似然函数",
    "given for maximum likelihood only": "仅在最大似然法下给出",
    "not defined for mean and variance adjusted tests": "均值与方差校正检验下无定义",
    "is the item worded the other way round? Turn it (`reverse: true`), or leave it unturned if it was turned": (
        "该题项是否为反向表述？请反向计分（`reverse: true`）；若已反向计分，请核对是否不该反向"
    ),
    "its formula divides by zero here": "此处公式的分母为零",
    'test="none"': '未要求检验（test="none"）',
    "the search did not converge": "迭代未收敛",
    # flow of respondents
    "not returned": "未回收",
    "not opened": "未打开",
    "broken off": "中途退出",
    "not in the export": "不在导出文件中",
    # missing answers
    "no modelled item was asked of everybody": "没有一个模型题项是向所有受访者提出的",
    # the questionnaire
    "own wording": "自编",
    # evidence of the findings
    "the Jacobian has full column rank and the information matrix an inverse": "雅可比矩阵列满秩，信息矩阵可逆",
    "all variances positive, covariances proper": "方差均为正，协方差矩阵正常",
    # warnings and hints
    "modification indices are not pooled over imputations": "修正指数不在多重插补间合并",
    "more imputations (imputations=100) make it, and the pooled test, more certain": (
        "增加插补次数（imputations=100）可使其与合并检验更可靠"
    ),
    "results hold for the rows that remain; they are biased unless values are missing completely "
    "at random": "结果仅适用于保留的个案；除非缺失与所有测量内容均无关（完全随机缺失），否则有偏",
    "estimates are where the search stopped; standard errors and fit measures are withheld": (
        "估计值为迭代停止处的值；不给出标准误与拟合指数"
    ),
    "standard errors are withheld; a factor's indicators or its covariances may be near zero": (
        "不给出标准误；可能有因子的指标载荷或协方差接近零"
    ),
    "too few indicators, too small a sample, or a model that does not fit; see also outliers": (
        "指标过少、样本过小或模型与数据不符；也请检查异常值"
    ),
    "merge these factors, drop a path or an indicator, or fit a model without the distinction and compare": (
        "合并这些因子、删去一条路径或一个指标，或拟合不作区分的模型并比较"
    ),
    "the residual covariance matrix is not positive definite": "残差协方差矩阵非正定",
    "free fewer residual covariances": "减少自由估计的残差协方差",
    "per degree of freedom the model fits worse than the model without any relation": (
        "按每个自由度计，模型的拟合劣于无任何关系的模型"
    ),
    "RFI is 1 here by convention; do not read it, nor TLI, as fit": (
        "按惯例此处 RFI 记为 1；RFI 与 TLI 均不应解读为拟合"
    ),
    "chi-square tests and normal intervals do not hold exactly there; standard errors take active constraints as "
    "equalities and ignore bounds": "此处 χ² 检验与正态区间并不严格成立；标准误把起作用的约束视为等式，并忽略边界",
    "rescale one of them, e.g. divide by a power of ten": "改变其一的量纲，例如除以 10 的幂",
    "alpha and omega are for the plain sum of the items: reverse-key what is worded the other way round": (
        "α 与 ω 针对题项的简单总分：反向表述的题项应先反向计分"
    ),
    "leave those formulas out to keep the sample moments fixed, or set fixed_x=False": (
        "删去这些公式以固定样本矩，或设 fixed_x=False"
    ),
    "add NA* to free a first indicator; look for an equal label or group_equal otherwise": (
        "用 NA* 释放第一个指标；否则检查相同的标签或 group_equal"
    ),
    "its estimates are not maximum likelihood estimates; use the native engine": (
        "其估计值并非极大似然估计；请使用内置引擎"
    ),
    "the model fits badly or the sample is small; look at the estimates before trusting them": (
        "模型拟合不佳或样本过小；采信之前请检查估计值"
    ),
    "look at its divisions, logarithms and square roots": "请检查其中的除法、对数与平方根",
    "the sum of the items has no variance": "题项总分没有方差",
    "the search for the optimum did not converge": "迭代未收敛",
    "see .findings and .warnings": "见检查结论与警告",
    "see .findings": "见检查结论",
    # the bootstrap
    "leaving them out would bias standard errors and intervals; fit.bootstrap.admissible names them": (
        "剔除它们会使标准误与置信区间有偏；fit.bootstrap.admissible 指明是哪些"
    ),
    "so many failures make the others a selection: the sample is small for this model": (
        "失败过多使其余抽样成为有选择的部分：样本对该模型而言过小"
    ),
    "draw more": "增加抽样次数",
    # why there are no expected values
    "the exact moments are not known": "精确矩未知",
    "the model fitted to the exact moments does not converge": "以精确矩拟合的模型未收敛",
}

_TREATED = {
    "text where a number or code was asked for": "应为数值或编码处为文本",
    "a code that the questionnaire does not offer": "编码不在问卷选项之内",
    "an answer out of range": "答案超出范围",
    "a number that is not whole": "应为整数",
    "a date that cannot be read": "日期无法识别",
    "characters destroyed by a wrong encoding": "文字编码损坏",
    "an exclusive option chosen together with others": "互斥选项与其他选项同选",
    "more options than allowed": "所选项数过多",
    "fewer options than required": "所选项数过少",
    "ranks repeated or left out": "排序重复或遗漏",
    "an answer to a question that was not to be asked": "回答了不应被问到的题目",
    "an impossible duration": "作答用时不合理",
    "no answer to a required question": "必答题未作答",
    "no id": "缺少答卷编号",
    "answered outside the field period": "作答时间不在调查期内",
    "beyond the quota": "超出配额",
    "failed an attention check": "未通过注意力检测",
    "the same answer sheet again": "重复答卷",
}
"""Reasons of the sample's treatment of broken answers; the rule follows in parentheses."""

SENTENCES |= _TREATED

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"{re.escape(reason)} \(([a-z-]+)\)"), chinese) for reason, chinese in _TREATED.items()
) + tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"indicators that load against the others of their factor: (.+)", r"与同一因子其他指标方向相反的指标：\1"),
        (
            r"a higher-order factor: its indicators are factors \((.+)\), not items",
            r"高阶因子：其指标为因子（\1），而非题项",
        ),
        (
            r"an answer to a modelled item is missing \(listwise; (?:measurement) model\)",
            "模型题项有缺失（列删法；测量模型）",
        ),
        (
            r"an answer to a modelled item is missing \(listwise; (?:structural) model\)",
            "模型题项有缺失（列删法；结构模型）",
        ),
        (
            r"no answer to a modelled item, or none to one whose distribution is not modelled "
            r"\((?:measurement) model\)",
            "模型题项全无回答，或外生题项无回答（测量模型）",
        ),
        (
            r"no answer to a modelled item, or none to one whose distribution is not modelled "
            r"\((?:structural) model\)",
            "模型题项全无回答，或外生题项无回答（结构模型）",
        ),
        (r"(\S+) of (\S+) fits converged", r"\2 个插补数据集的拟合中有 \1 个收敛"),
        (
            r"the least certain standard error has (\S+) degrees of freedom",
            r"最不可靠的标准误的自由度仅为 \1",
        ),
        (r"listwise deletion dropped (\S+) of (\S+) rows \((\S+)\)", r"列删法剔除了 \2 行中的 \1 行（\3）"),
        (r"no value of '(.+)', which the sampling design needs", r"抽样设计所需的“\1”缺失"),
        (r"no value of '(.+)', which the weighting needs", r"加权所需的“\1”缺失"),
        (r"the exact moments are not known of (.+)", r"\1 的精确矩未知"),
        (
            r"(\S+) of (\S+) bootstrap draws are improper solutions; they are kept",
            r"\2 次 bootstrap 抽样中有 \1 次的解不可接受；予以保留",
        ),
        (
            r"(\S+) of (\S+) (bootstrap|Bollen-Stine) draws did not converge; they are left out",
            r"\2 次 \3 抽样中有 \1 次未收敛；予以剔除",
        ),
        (
            r"(\S+) draws are too few for some (\S+) intervals: an end is the smallest or largest draw",
            r"\1 次抽样对部分 \2 区间而言过少：区间端点为最小或最大的抽样值",
        ),
        (r"the model cannot be fitted to the exact moments: (.+)", r"模型无法以精确矩拟合：\1"),
        (r"gradient zero to rounding; largest gradient (\S+)", r"梯度在舍入误差内为零；最大梯度 \1"),
        (r"the search for the optimum did not converge: ([^;]+)", r"迭代未收敛：\1"),
        (
            r"these data do not determine all parameters \(empirical underidentification\): ([^;]+)",
            r"数据不足以确定全部参数（经验性不可识别）：\1",
        ),
        (
            r"other starting values lead to another optimum: chi-square (\S+), here (\S+)",
            r"其他初始值得到另一个最优解：χ² 为 \1，此处为 \2",
        ),
        (r"no finite value at the estimates: ([^;]+)", r"在估计值处没有有限值：\1"),
        (r"the solution lies on a boundary: ([^;]+)", r"解位于边界上：\1"),
        (r"([^;:]+): (.+) loads? against the other indicators", r"\1：\2 的载荷方向与其他指标相反"),
        (
            r"formulas for the variance, covariance or intercept of (.+) make (?:it|them) random, with free parameters",
            r"因模型中写有 \1 的方差、协方差或截距，它们被视为随机变量并含自由参数",
        ),
        (
            r"semopy stopped (\S+) standard errors before an optimum",
            r"semopy 在距最优解 \1 个标准误处停止",
        ),
        (r"the information matrix has no inverse; undetermined: ([^;]+)", r"信息矩阵不可逆；无法确定：\1"),
        (r"negative residual variance: ([^;]+)", r"残差方差为负：\1"),
        (r"negative latent variance: ([^;]+)", r"潜变量方差为负：\1"),
        (
            r"the covariance matrix of the latent variables is not positive definite; "
            r"factors that cannot be told apart: (.+); the combination without variance involves (.+)",
            r"潜变量协方差矩阵非正定；无法区分的因子：\1；方差为零的组合涉及 \2",
        ),
        (r"the residual covariance matrix is not positive definite: ([^;]+)", r"残差协方差矩阵非正定：\1"),
        (
            r"the variance of (\S+) \((\S+)\) is more than 1,000 times that of (\S+) \((\S+)\)",
            r"\1 的方差（\2）是 \3（\4）的 1000 倍以上",
        ),
        (
            r"the constraint '(.+)' follows from the others and adds no degree of freedom",
            r"约束“\1”可由其他约束推出，不增加自由度",
        ),
    )
)


def translated(text: str, language: str) -> str:
    """An English sentence in `language`, as far as it is known; of joined sentences each by itself."""
    if language == "en":
        return text
    parts = text.split("; ")
    found: list[str] = []
    at = 0
    while at < len(parts):
        end = next((end for end in range(len(parts), at, -1) if _whole("; ".join(parts[at:end]))), at + 1)
        found.append(_whole("; ".join(parts[at:end])) or parts[at])
        at = end
    is_known = any(part not in parts for part in found)
    return "；".join(found) if is_known else text


def _whole(text: str) -> str | None:
    if text in SENTENCES:
        return SENTENCES[text]
    for pattern, chinese in PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            return found.expand(chinese)
    return None
