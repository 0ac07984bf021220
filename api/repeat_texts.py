"""What the commands about suspected repeats say, in English and Chinese."""

from gis_core.texts import Text

REPEATS: dict[str, Text] = {
    "help_repeats": (
        "Suspected repeats of issues: found, listed, merged, parted, rejected.",
        "疑似重复问题：查找、列出、合并、拆分、排除。",
    ),
    "help_repeats_find": (
        "Look through stored issues and note which may be of one problem.",
        "检查已入库问题，记录可能属同一问题的问题对。",
    ),
    "help_repeats_list": ("List noted pairs, newest first.", "列出已记录的问题对，最新在前。"),
    "help_repeats_merge": ("Say that the issues of pair NUMBER are one problem.", "认定编号 NUMBER 的两件为同一问题。"),
    "help_repeats_reject": (
        "Say that the issues of pair NUMBER are two problems.",
        "认定编号 NUMBER 的两件不是同一问题。",
    ),
    "help_repeats_part": ("Take issue CODE out of its group.", "将问题 CODE 从所在组中拆出。"),
    "opt_repeats_since": (
        "Only pairs whose later issue was reported from this day on.",
        "仅限后一问题自该日起上报的问题对。",
    ),
    "opt_repeats_state": ("What a person made of them.", "人工认定的状态。"),
    "opt_repeats_limit": ("So many at most.", "最多列出的条数。"),
    "repeats_looking": ("looking for repeats", "正在查找重复"),
    "repeats_found": (
        "{looked} reports looked at; {noted} new suspected pairs noted",
        "已检查 {looked} 条上报；新记录疑似重复 {noted} 对",
    ),
    "repeats_line": (
        "{number}  {later} may repeat {earlier}  {score:.0%}  {reasons}",
        "{number}  {later} 疑似重复 {earlier}  {score:.0%}  {reasons}",
    ),
    "repeats_line_returned": (
        "{number}  {later} may be {earlier} returned  {score:.0%}  {reasons}",
        "{number}  {later} 疑似 {earlier} 回潮  {score:.0%}  {reasons}",
    ),
    "repeats_counts": (
        "last 30 days: {reports} reports, {problems} problems, {returned} of them returned; {suspected} undecided",
        "近 30 天：上报 {reports} 条，问题 {problems} 件，其中回潮 {returned} 件；待认定 {suspected} 条",
    ),
    "repeats_merged": ("{master} is repeated by {repeats}", "{master} 的重复上报：{repeats}"),
    "repeats_decided": ("done", "已处理"),
}  # fmt: skip
