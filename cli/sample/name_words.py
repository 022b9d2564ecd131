"""The words made-up names (虚构姓名) are put together from, each with its reading in pinyin.

Nobody in here exists: surnames and given names are drawn independently of each other. ü is written ``yu``
as in passports (吕 Lyu, 绿 lyu).
"""

Word = tuple[str, str]


def _words(text: str) -> tuple[Word, ...]:
    """Reads ``王 Wang 李 Li …`` into pairs of Han text and reading."""
    parts = text.split()
    return tuple(zip(parts[::2], parts[1::2], strict=True))


SURNAMES = _words("""
王 Wang 李 Li 张 Zhang 刘 Liu 陈 Chen 杨 Yang 黄 Huang 赵 Zhao 吴 Wu 周 Zhou 徐 Xu 孙 Sun 马 Ma 朱 Zhu 胡 Hu
郭 Guo 何 He 林 Lin 罗 Luo 高 Gao 郑 Zheng 梁 Liang 谢 Xie 宋 Song 唐 Tang 许 Xu 韩 Han 邓 Deng 冯 Feng 曹 Cao
彭 Peng 曾 Zeng 肖 Xiao 田 Tian 董 Dong 潘 Pan 袁 Yuan 蔡 Cai 蒋 Jiang 余 Yu 于 Yu 杜 Du 叶 Ye 程 Cheng 魏 Wei
苏 Su 吕 Lyu 丁 Ding 任 Ren 卢 Lu 姚 Yao 沈 Shen 钟 Zhong 姜 Jiang 崔 Cui 谭 Tan 陆 Lu 范 Fan 汪 Wang 廖 Liao
石 Shi 金 Jin 韦 Wei 贾 Jia 夏 Xia 付 Fu 方 Fang 邹 Zou 熊 Xiong 白 Bai 孟 Meng 秦 Qin 邱 Qiu 侯 Hou 江 Jiang
尹 Yin 薛 Xue 闫 Yan 段 Duan 雷 Lei 龙 Long 黎 Li 史 Shi 陶 Tao 贺 He 毛 Mao 郝 Hao 顾 Gu 龚 Gong 邵 Shao
欧阳 Ouyang 司马 Sima 诸葛 Zhuge 上官 Shangguan 令狐 Linghu
""")

GIVEN_MALE = _words("""
伟 wei 强 qiang 磊 lei 军 jun 勇 yong 杰 jie 涛 tao 明 ming 超 chao 刚 gang 平 ping 辉 hui 鹏 peng 浩 hao 宇 yu
轩 xuan 博 bo 文 wen 子 zi 睿 rui 泽 ze 俊 jun 志 zhi 建 jian 国 guo 海 hai 天 tian 晨 chen 昊 hao 然 ran 凯 kai
恒 heng 毅 yi 峰 feng 斌 bin 林 lin 亮 liang 成 cheng 东 dong 旭 xu 嘉 jia 铭 ming 航 hang 哲 zhe 翰 han 霖 lin
思 si 远 yuan 启 qi 承 cheng 学 xue 松 song 波 bo 一 yi 鸣 ming
""")

GIVEN_FEMALE = _words("""
芳 fang 娜 na 敏 min 静 jing 丽 li 艳 yan 娟 juan 霞 xia 秀 xiu 玲 ling 燕 yan 红 hong 雪 xue 梅 mei 琳 lin
欣 xin 怡 yi 婷 ting 雅 ya 诗 shi 涵 han 梦 meng 佳 jia 思 si 语 yu 彤 tong 萱 xuan 子 zi 紫 zi 晓 xiao 月 yue
颖 ying 慧 hui 璐 lu 瑶 yao 洁 jie 倩 qian 莹 ying 悦 yue 蕾 lei 薇 wei 清 qing 若 ruo 可 ke 心 xin 宁 ning
书 shu 兰 lan 凝 ning 珊 shan 琪 qi 绿 lyu 文 wen 婉 wan 舒 shu
""")

# Characters that break software: extension A (䶮㛃㑇㴋㬚), B (𡋾𠅤𤩽𦭜) and C to F (𬭊𬀩𬱖𬍛𬭎𬬮𬸚𫖯𬤇𫍯𬜬), all in
# real use in names and all in GB 18030-2022 (民委发〔2016〕33号 asks systems to take them).
GIVEN_RARE = _words("""
䶮 yan 㛃 jie 㑇 zhou 㴋 xi 㬚 can 𡋾 ai 𠅤 yuan 𤩽 huan 𦭜 xi 𬭊 wu 𬀩 wei 𬱖 di 𬍛 wei 𬭎 hong 𬬮 bu 𬸚 yue
𫖯 fu 𬤇 shi 𫍯 shi 𬜬 wan 堃 kun 喆 zhe 犇 ben 淼 miao 翀 chong 旻 min 晟 sheng 垚 yao
""")

# Names of peoples who do not use Han surnames: own name, then the father's, with U+00B7 between them.
DOTTED_MALE = _words("""
买买提 Maimaiti 阿卜杜拉 Abudula 艾合买提 Aihemaiti 吐尔逊 Tuerxun 玉素甫 Yusufu 艾力 Aili 库尔班 Kuerban
艾尔肯 Aierken 依明 Yiming 热合曼 Reheman 叶尔兰 Yeerlan 努尔兰 Nuerlan 巴合提 Baheti 赛力克 Sailike
""")
DOTTED_FEMALE = _words("""
古丽娜尔 Gulinaer 阿依古丽 Ayiguli 热依汗 Reyihan 米热古丽 Mireguli 迪丽努尔 Dilinuer 帕提古丽 Patiguli
阿依努尔 Ayinuer 祖丽菲娅 Zulifeiya 玛依拉 Mayila 加孜拉 Jiazila 古丽米热 Gulimire 阿丽娅 Aliya
""")
DOTTED_ETHNIC_CODES = ("05", "05", "05", "17", "29", "41", "43")

# Names written in Han characters without surname; the reading is parted after the second syllable.
UNPARTED = {
    "04": _words("""
扎西顿珠 Zhaxi_Dunzhu 次仁卓玛 Ciren_Zhuoma 丹增尼玛 Danzeng_Nima 格桑曲珍 Gesang_Quzhen 洛桑平措 Luosang_Pingcuo
巴桑拉姆 Basang_Lamu 索朗旺堆 Suolang_Wangdui 白玛央金 Baima_Yangjin 旦增罗布 Danzeng_Luobu 德吉措姆 Deji_Cuomu
"""),
    "02": _words("""
乌云其木格 Wuyun_Qimuge 巴特尔 Bate_Er 额尔敦 Eer_Dun 萨仁图雅 Saren_Tuya 孟和朝鲁 Menghe_Chaolu
斯琴高娃 Siqin_Gaowa 宝音图 Baoyin_Tu 娜仁花 Naren_Hua 苏日娜 Suri_Na 呼和木仁 Huhe_Muren
"""),
}

# Peoples whose members mostly bear Han names, with the weight of each in a sample.
HAN_NAMED_ETHNIC_CODES = ("03", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "19", "22", "33")

# Foreign names as in the passport; a country, given names by sex, family names.
FOREIGN = (
    (
        "586",
        "PAK",
        "MUHAMMAD AHMED|BILAL HASSAN|USMAN ALI",
        "AYESHA NOOR|FATIMA ZAHRA|SANA BATOOL",
        "KHAN|MALIK|SIDDIQUI",
    ),
    ("410", "KOR", "MIN JUN|SEO JUN|JI HOON", "SEO YEON|JI WOO|HA EUN", "KIM|LEE|PARK|CHOI"),
    ("764", "THA", "SOMCHAI|ANAN|KITTISAK", "SIRIPORN|MALEE|KANYA", "SRISUWAN|CHAIYASIT|THONGDEE"),
    ("643", "RUS", "IVAN|DMITRII|ALEKSEI", "ANASTASIIA|MARIIA|DARIA", "IVANOV|SMIRNOV|KUZNETSOV"),
    ("398", "KAZ", "NURLAN|ARMAN|DAUREN", "AIGERIM|DANA|MADINA", "OSPANOV|AKHMETOV|SERIKOV"),
    ("566", "NGA", "CHINEDU|EMEKA|TUNDE", "NGOZI|AMARA|FOLAKE", "OKAFOR|ADEYEMI|O'BRIEN-EZE"),
    ("250", "FRA", "JEAN-PIERRE|LOUIS|ANTOINE", "CAMILLE|MARIE-CLAIRE|JULIE", "DUPONT|MARTIN|D'ARGENT"),
    ("276", "DEU", "JONAS|LUKAS|MAXIMILIAN", "HANNAH|LENA|SOPHIE", "MUELLER|VON BERG|SCHNEIDER"),
    ("840", "USA", "JOHN A.|MICHAEL|WILLIAM T.", "EMILY|SARAH J.|OLIVIA", "SMITH|JOHNSON|MCDONALD"),
    ("704", "VNM", "VAN AN|DUC MINH|QUANG HUY", "THI LAN|THU HA|NGOC ANH", "NGUYEN|TRAN|PHAM"),
)

# The same for names registered in Han characters: given · family, with the passport's spelling.
FOREIGN_IN_HAN_MALE = _words("迈克尔 MICHAEL 大卫 DAVID 安东 ANTON 卡里姆 KARIM 保罗 PAUL 伊万 IVAN")
FOREIGN_IN_HAN_FEMALE = _words("安娜 ANNA 玛丽亚 MARIA 索菲 SOPHIE 莱拉 LEILA 艾玛 EMMA 丽莎 LISA")
FOREIGN_IN_HAN_FAMILY = _words("""
约翰逊 JOHNSON 史密斯 SMITH 彼得罗夫 PETROV 施密特 SCHMIDT 费尔南德斯 FERNANDEZ 安德森 ANDERSON
""")
