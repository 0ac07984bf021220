"""Reports with planted repeats: who says what of which problem. Shares no code with what finds them."""

from dataclasses import dataclass

import numpy as np

SUBJECTS = {
    "litter": ["垃圾", "生活垃圾", "垃圾堆", "杂物", "纸屑"],
    "bicycles": ["电动车", "共享单车", "自行车", "摩托车"],
    "stalls": ["水果摊", "烧烤摊", "早餐车", "店外经营", "流动摊贩"],
    "manholes": ["井盖", "雨水井盖", "电信井盖"],
    "posters": ["小广告", "野广告", "喷涂广告"],
}
STATES = {
    "litter": ["未清理", "堆放", "散落", "没人清", "成堆", "异味大"],
    "bicycles": ["乱停放", "占用盲道", "堵住出入口", "停在人行道上", "摆放混乱"],
    "stalls": ["占道", "占用人行道", "影响通行", "摆到马路上"],
    "manholes": ["破损", "松动", "缺失", "异响"],
    "posters": ["张贴在墙上", "贴满电线杆", "未清除"],
}
KINDS, SHARES = list(SUBJECTS), [0.35, 0.3, 0.2, 0.05, 0.1]
NAMES = ["建设", "人民", "解放", "中山", "新华", "文化", "和平", "胜利", "长江", "黄河"]
STREETS = [f"{name}{part}{end}" for name in NAMES for part in ("", "东", "西", "南") for end in ("路", "街")]
SIDE_M, DAYS, ERROR_M = 12_000.0, 90, 8.0


@dataclass(frozen=True, eq=False)
class Told:
    """Reports, and of each the number of the problem it is of."""

    reports: list[dict]
    problem: np.ndarray


def told(count: int, seed: int, repeated: float = 0.15, side_m: float = SIDE_M, days: float = DAYS) -> Told:
    """Reports of problems, three tenths round hot corners; errors of 8 m, hours late, some words and kinds wrong."""
    random = np.random.default_rng(seed)
    problems = round(count * (1 - repeated))
    xy, hot = random.random((problems, 2)) * side_m, random.random(problems) < 0.3
    corners = random.random((max(round(300 * problems / 170_000), 1), 2)) * side_m
    xy[hot] = corners[random.integers(0, len(corners), hot.sum())] + random.normal(0, 60, (hot.sum(), 2))
    when, kind = random.random(problems) * days * 24, random.choice(5, problems, p=SHARES)
    # Neighbours are on one street, with house numbers that rise along it.
    street, words = (xy[:, 1] // 80).astype(int) % len(STREETS), random.integers(0, 100, (problems, 2))
    house = (xy[:, 0] // 10).astype(int) + 1
    problem = np.concatenate([np.arange(problems), random.integers(0, problems, count - problems)])
    again = np.arange(count) >= problems
    place = xy[problem] + random.normal(0, ERROR_M, (count, 2))
    at = when[problem] + again * random.exponential(10, count)
    by = random.integers(0, 20_000, problems)[problem]  # one in ten repeats is by who reported first
    other = again & (random.random(count) < 0.9)
    by[other] = random.integers(0, 20_000, other.sum())
    reports = []
    for number, of in enumerate(problem):
        own = KINDS[kind[of]]
        said = KINDS[random.integers(5)] if random.random() < 0.04 else own
        seen = STREETS[street[of]] if random.random() < 0.9 else None
        reports.append(
            {
                "x": place[number, 0], "y": place[number, 1], "t_h": at[number], "kind": said,
                "words": _words(own, *words[of], STREETS[street[of]], house[of], random),
                "reporter": f"r{by[number]}", "street": seen,
                "side": "left" if (house[of] % 2 == 0) == (random.random() < 0.9) else "right",
            }
        )  # fmt: skip
    return Told(reports, problem)


def _words(kind: str, subject: int, state: int, street: str, number: int, random: np.random.Generator) -> str:
    subjects, states = SUBJECTS[kind], STATES[kind]
    what, how = subjects[subject % len(subjects)], states[state % len(states)]
    if random.random() < 0.25:
        what = subjects[random.integers(len(subjects))]
    if random.random() < 0.35:
        how = states[random.integers(len(states))]
    if random.random() >= 0.85:
        return what + how
    house = f"{number}号" if random.random() < 0.6 else ""
    before = ["", "有", "发现", "请处理", "门口", "附近"][random.integers(6)]
    return street + house + before + what + how + ["", "。", "，请尽快处理", "，影响市容"][random.integers(4)]
