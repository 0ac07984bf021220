"""Texts about assigning many files, here or on a cluster."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "address": (
        "{value!r} is no address of a file or folder: {fault}",
        "{value!r} 不是有效的文件或文件夹地址：{fault}",
    ),
    "out_is_a_file": (
        "several files, patterns, remote files and a cluster need a folder: give --out a folder, not {value!r}",
        "多个文件、通配符、远程文件或集群计算须写入文件夹，而 {value!r} 以 .csv 结尾；请为 --out 指定文件夹",
    ),
    "stem_twice": (
        "{first} and {second} would both be written to {value}; assign them into different folders",
        "{first} 与 {second} 都会写入 {value}；请分别输出到不同文件夹",
    ),
    "out_over_file": (
        "the answers would be written over the file {value} they are read from; give --out another folder",
        "结果会覆盖输入文件 {value}；请为 --out 指定其他文件夹",
    ),
    "distributed_missing": (
        "--scheduler needs Dask, which is not installed; it comes with: pip install 'gridwarden[distributed]'",
        "--scheduler 需要 Dask，但尚未安装；请安装：pip install 'gridwarden[distributed]'",
    ),
    "scheduler_unreachable": (
        "there is no Dask scheduler at {value} that can be reached ({fault})",
        "无法连接 {value} 处的 Dask 调度器（{fault}）",
    ),
    "workers_refuse": (
        "the workers of {value} cannot take the territory ({fault}); they need this version of GridWarden installed",
        "{value} 的工作节点无法接收辖区数据（{fault}）；请在各节点安装同一版本的 GridWarden",
    ),
    "partition_gave_up": (
        "gave up on {value}: {fault}",
        "{value} 处理失败，已放弃：{fault}",
    ),
}
