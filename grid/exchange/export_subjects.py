"""What can be exported: every list there is, all of its columns offered, and every ledger."""

from dataclasses import replace

from grid.accounts.models import Scope
from grid.core.i18n import N_
from grid.core.refusals import Missing
from grid.exchange.export_narrowings import NARROWINGS
from grid.ledgers.ledger_queries import ledger_or_404
from grid.ledgers.shipped import OFFERED, Ledger
from grid.ledgers.workload_table import WORKLOAD

# A ledger's subject is this and its key.
LEDGER = "ledger:"


def _list(key: str, title: str, about: str) -> Ledger:
    """All that its page can be narrowed to can be asked of it."""
    source = replace(OFFERED[key], narrowings=NARROWINGS.get(key, ()))
    return Ledger(key, title, about, source, source.columns)


# Worked out for a period: nothing that a committee makes ledgers from.
_WORKLOAD = Ledger(
    "workload", N_("工作量"), N_("每个人一段时间里做了多少，一人一行。"), WORKLOAD, WORKLOAD.columns, period="month"
)

LISTS: dict[str, Ledger] = {
    ledger.key: ledger
    for ledger in (
        _list("residents", N_("现住人员"), N_("现在住在每扇门后的人，一人一行。")),
        _list("households", N_("住户和房屋"), N_("每一户的房屋、联系人和建档情况，一户一行。")),
        _list("floating", N_("流动人口"), N_("流动登记、证件和到期日期，一人一行。")),
        _list("floating_left", N_("已离开的流动人口"), N_("流动登记已经结束的人，一次登记一行。")),
        _list("tagged", N_("人员类别"), N_("低保、残疾、独居等类别的人，一人一个类别一行。")),
        _list("visits", N_("走访"), N_("每一次走访的时间、结果和记录，一次一行。")),
        _list("cases", N_("事件"), N_("纠纷、隐患和居民诉求，一件一行。")),
        _list("screenings", N_("每周排查"), N_("各片区每周的排查，一次一行。")),
        _list("reports", N_("来访报告"), N_("楼栋长送来的报告，到期的已经删除。")),
        _list("patrols", N_("巡逻"), N_("每一次巡逻和发现的问题，一次一行。")),
        _list("inspections", N_("检查"), N_("安全、消防、卫生检查和整改，一次一行。")),
        _list("services", N_("服务记录"), N_("慰问、救助、就业等服务和金额，一次一行。")),
        _list("activities", N_("活动和会议"), N_("讲座、文体活动和会议，一次一行。")),
        _list("members", N_("队伍和志愿者"), N_("每支队伍的成员，一人一行。")),
        _list("work_plans", N_("周工作计划"), N_("每人每周的计划和检查，一周一行。")),
        _WORKLOAD,
    )
}


def subject_or_404(scope: Scope, subject: str) -> Ledger:
    if subject.startswith(LEDGER):
        return ledger_or_404(scope, subject.removeprefix(LEDGER))
    if subject not in LISTS:
        raise Missing
    return LISTS[subject]


def subject_of(ledger: Ledger) -> str:
    return ledger.key if LISTS.get(ledger.key) is ledger else LEDGER + ledger.key
