"""模板: what common visits are written down as, with gaps to fill in."""

from typing import NamedTuple

from grid.core.i18n import N_


class Template(NamedTuple):
    code: str
    label: str
    kind: str
    topics: tuple[str, ...]
    content: str


TEMPLATES: dict[str, Template] = {
    made.code: made
    for made in (
        Template(
            "daily",
            N_("日常走访"),
            "visit",
            ("details",),
            N_("常住＿＿人，信息有无变化：＿＿。邻里关系：＿＿。反映的问题：＿＿。"),
        ),
        Template(
            "safety",
            N_("安全检查"),
            "check",
            ("safety",),
            N_("用电：＿＿。燃气：＿＿。楼道杂物：＿＿。电动车停放充电：＿＿。灭火器材：＿＿。已提醒：＿＿。"),
        ),
        Template(
            "elderly",
            N_("高龄探望"),
            "visit",
            ("help", "details"),
            N_("身体：＿＿。吃饭、用药：＿＿。睡眠和精神：＿＿。子女联系：＿＿。家中安全：＿＿。"),
        ),
        Template(
            "festival",
            N_("节日慰问"),
            "comfort",
            ("help",),
            N_("＿＿节慰问。身体和生活：＿＿。还缺什么：＿＿。"),
        ),
        Template(
            "call",
            N_("电话回访"),
            "phone",
            (),
            N_("回访的事：＿＿。办得怎样：＿＿。住户是否满意：＿＿。"),
        ),
        # Named after the talk, not after a list somebody may be on: more people read a visit than such a tag.
        Template(
            "talk",
            N_("谈心谈话"),
            "talk",
            ("help",),
            N_("谈话对象：＿＿。近来生活和工作：＿＿。困难和打算：＿＿。约定：＿＿。"),
        ),
    )
}
