"""Made-up theses (虚构论文): titles, keywords and directions that belong to a discipline category.

The texts keep RULES F29–F31: one line, three to five different keywords joined by ；, one or two
directions of at most fifteen characters that are no major's name.
"""

from dataclasses import dataclass
from random import Random

_SUBJECTS = {
    "01": ("先秦伦理思想|德国古典哲学|科学解释模型", "价值结构|认识论基础|当代转化", "比较诠释|概念分析"),
    "02": ("县域经济|数字普惠金融|产业集群", "增长效应|区域差异|风险传导", "面板回归|博弈分析"),
    "03": ("基层治理|个人信息保护|社区矫正", "法律规制|协同机制|实践困境", "案例研究|田野调查"),
    "04": ("乡村教师|混合式教学|学习困难学生", "专业发展|效果评价|支持体系", "行动研究|纵向追踪"),
    "05": ("唐宋诗词|网络语言|跨文化新闻", "叙事策略|语义演变|传播路径", "语料库统计|文本细读"),
    "06": ("明清江南市镇|丝路文书|近代报刊", "社会变迁|制度沿革|史料价值", "口述史|计量考察"),
    "07": ("非线性偏微分方程|二维材料|湿地生态系统", "稳定性|光谱特征|演化规律", "数值模拟|蒙特卡罗抽样"),
    "08": ("城市轨道交通|锂离子电池|无人机集群", "故障诊断|结构优化|能耗控制", "深度学习|有限元计算"),
    "09": ("水稻|设施番茄|奶山羊", "抗旱性状|养分利用|疫病防控", "基因编辑|田间试验"),
    "10": ("二型糖尿病|老年骨质疏松|肺部结节", "早期筛查|预后因素|干预效果", "队列研究|影像组学"),
    "12": ("平台企业|公立医院|供应链网络", "绩效评价|信任机制|库存决策", "结构方程|仿真建模"),
    "13": ("传统年画|城市公共空间|民族器乐", "视觉语言|审美意象|活态传承", "设计实验|图像分析"),
}
_DIRECTIONS = ("理论与方法", "应用与实践", "模型与评价", "区域与发展")
_MORE_KEYWORDS = ("实证分析", "影响因素", "对策建议", "综合评价")

# Codes of thesis_source.csv without national defence (17), which a public sample has no use for.
_SOURCES = ("04", "06", "07", "09", "14", "16", "90", "90", "90")


@dataclass(frozen=True, slots=True)
class Thesis:
    """Title, keywords, direction, source code and language code of a thesis."""

    title: str
    keywords: str
    direction: str
    source: str
    language: str


def draw_thesis(rng: Random, group: str, language: str = "zh") -> Thesis:
    """A thesis of the discipline category ``group`` (两位学科门类)."""
    subjects, aspects, methods = (words.split("|") for words in _SUBJECTS[group])
    subject, aspect, method = rng.choice(subjects), rng.choice(aspects), rng.choice(methods)
    keywords = [subject, aspect, method, *rng.sample(_MORE_KEYWORDS, k=rng.randrange(3))]
    directions = [f"{aspect}{direction}" for direction in rng.sample(_DIRECTIONS, k=rng.choice((1, 1, 2)))]
    return Thesis(
        title=f"基于{method}的{subject}{aspect}研究",
        keywords="；".join(keywords),
        direction="；".join(directions),
        source=rng.choice(_SOURCES),
        language=language,
    )
