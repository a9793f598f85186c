"""The checklists a community can begin with: kind, kind of site, title, items."""

from typing import NamedTuple

from grid.core.i18n import N_


class Starter(NamedTuple):
    kind: str
    site_kind: str | None
    title: str
    items: tuple[str, ...]


STARTERS = (
    Starter(
        "safety",
        None,
        N_("楼栋安全检查表"),
        (
            N_("楼道、楼梯间没有堆放杂物"),
            N_("安全出口畅通，门没有锁死"),
            N_("没有电动自行车进楼、飞线充电"),
            N_("公共照明完好"),
            N_("电表箱、弱电箱关好，没有私拉乱接"),
            N_("外墙、阳台没有松动或会掉落的东西"),
            N_("井盖、护栏、扶手完好"),
            N_("单元门和门禁能正常关闭"),
        ),
    ),
    Starter(
        "fire",
        None,
        N_("消防检查表"),
        (
            N_("灭火器在位、压力正常、没有过期"),
            N_("消防栓有水，水带、水枪齐全"),
            N_("消防通道没有停车、没有障碍物"),
            N_("应急灯和疏散指示标志完好"),
            N_("配电箱周围没有可燃物"),
            N_("值班人员会报警、会用灭火器"),
        ),
    ),
    Starter(
        "fire",
        "charger",
        N_("充电桩消防检查表"),
        (
            N_("充电棚没有堆放可燃物"),
            N_("充电插座、线路没有破损、发热"),
            N_("灭火器在位、压力正常"),
            N_("与住宅楼保持安全距离"),
        ),
    ),
    Starter(
        "hygiene",
        None,
        N_("卫生自查表"),
        (
            N_("路面、绿地没有垃圾和狗粪"),
            N_("垃圾桶加盖、日产日清，周围干净"),
            N_("楼道干净，没有小广告"),
            N_("没有积水和蚊蝇孳生地"),
            N_("除四害的药盒、毒饵站完好"),
            N_("宣传栏干净、内容没有过期"),
        ),
    ),
    Starter(
        "holiday",
        None,
        N_("节日安全检查表"),
        (
            N_("值班表已公布，值班人员在岗"),
            N_("烟花爆竹禁放宣传到位"),
            N_("人员密集场所出口畅通"),
            N_("灭火器、消防栓能用"),
            N_("独居老人等重点家庭已走访提醒"),
            N_("用电、用气、用火已提醒"),
        ),
    ),
)
