"""What an audit line says in the committee's words: actions, columns, and values old → new."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date
from sqlalchemy.types import TypeEngine

from grid.core.clock import local
from grid.core.codes import CODES
from grid.core.db import Base, Moment
from grid.core.i18n import LANGUAGES, N_, listed
from grid.core.i18n import gettext as _
from grid.core.personal import Personal, mask_id, mask_phone, vault
from grid.register.models import LEVELS

ACTIONS: dict[str, str] = {
    "open_file": N_("打开户档"),
    "undo": N_("撤销"),
    "ask_export": N_("申请导出"),
    "export_community": N_("导出档案包"),
    "import_community": N_("导入档案包"),
    "export_map": N_("导出地图"),
    "reveal_id": N_("查看身份证号"),
    "find_by_number": N_("按号码查找"),
    "edit_household": N_("修改户档"),
    "edit_person": N_("修改人员信息"),
    "move_in": N_("迁入"),
    "move_out": N_("迁出"),
    "merge_people": N_("合并重复人员"),
    "tell_apart": N_("确认不是同一个人"),
    "doubt_again": N_("恢复为可能重复"),
    "change_flat": N_("换房"),
    "split_household": N_("分户"),
    "merge_households": N_("并户"),
    "record_birth": N_("登记出生"),
    "record_death": N_("登记去世"),
    "name_head": N_("换户主"),
    "change_landlord": N_("换房东"),
    "end_tenancy": N_("租户退租"),
    "open_residents": N_("查看某日居住名单"),
    "print_residents": N_("打印某日居住名单"),
    "record_visit": N_("记走访"),
    "withdraw_visit": N_("撤回走访"),
    "open_case": N_("立事件"),
    "note_case": N_("记事件经过"),
    "mediate_case": N_("调解事件"),
    "hand_up_case": N_("上报事件"),
    "hand_down_case": N_("交办事件"),
    "assign_case": N_("事件换人经办"),
    "revisit_case": N_("回访事件"),
    "close_case": N_("办结事件"),
    "reopen_case": N_("重新办理事件"),
    "record_screening": N_("记每周排查"),
    "withdraw_screening": N_("撤回每周排查"),
    "report_visitor": N_("报告来访"),
    "open_report": N_("查看来访报告"),
    "verify_report": N_("核实来访报告"),
    "turn_report": N_("转办来访报告"),
    "close_report": N_("办结来访报告"),
    "purge_reports": N_("清除到期的来访报告"),
    "see_restricted": N_("看到受限标签的联系提醒"),
    "add_tag": N_("新增标签"),
    "edit_tag": N_("修改标签定义"),
    "remove_tag": N_("停用标签"),
    "give_tag": N_("给人加标签"),
    "edit_carried_tag": N_("修改人员标签"),
    "take_off_tag": N_("取下标签"),
    "give_restricted_tag": N_("给人加受限标签"),
    "edit_restricted_tag": N_("修改人员的受限标签"),
    "take_off_restricted_tag": N_("取下受限标签"),
    "purge_tags": N_("清除到期的人员标签"),
    "record_floating": N_("登记流动"),
    "renew_permit": N_("续办流动人口证件"),
    "leave_floating": N_("注销流动登记"),
    "ask_restricted": N_("说明原因打开受限标签"),
    "open_restricted": N_("查看受限标签"),
    "add_checklist": N_("新增检查表"),
    "edit_checklist": N_("修改检查表"),
    "withdraw_checklist": N_("停用检查表"),
    "record_inspection": N_("记检查"),
    "recheck_inspection": N_("复查"),
    "withdraw_inspection": N_("撤回检查"),
    "record_service": N_("记服务"),
    "withdraw_service": N_("撤回服务记录"),
    "record_activity": N_("记活动"),
    "edit_activity": N_("修改活动"),
    "withdraw_activity": N_("撤回活动"),
    "remove_photo": N_("删除活动照片"),
    "see_activity_photo": N_("查看活动照片"),
    "take_pack": N_("下载离线资料"),
    "see_photo": N_("查看走访照片"),
    "give_link": N_("发放个人链接"),
    "withdraw_link": N_("作废个人链接"),
    "import_map": N_("导入地图"),
    "import_doors": N_("导入房屋"),
    "import_residents": N_("导入人员"),
    "learn_words": N_("告诉系统表里的写法"),
    "forget_word": N_("忘掉表里的写法"),
    "import_floating": N_("导入流动人口"),
    "import_tags": N_("导入标签"),
    "import_visits": N_("导入走访"),
    "print_sheet": N_("打印一户一档表"),
    "print_blank": N_("打印空白登记表"),
    "print_map": N_("打印区域图"),
    "finish_print": N_("批量打印完成"),
    "stop_print": N_("停下批量打印"),
    "open_print": N_("下载打印好的文件"),
    "print_elevation": N_("打印楼盘表"),
    "print_contacts": N_("打印住户信息联系表"),
    "print_notice": N_("打印公示牌"),
    "print_network": N_("打印四级管理网络图"),
    "print_ledger": N_("打印台账"),
    "export_ledger": N_("导出台账"),
    "export": N_("导出"),
    "agree_export": N_("同意导出"),
    "decline_export": N_("不同意导出"),
    "withdraw_export": N_("撤回导出申请"),
    "take_export": N_("取走导出的文件"),
    "save_columns": N_("保存列方案"),
    "change_columns": N_("修改列方案"),
    "remove_columns": N_("删除列方案"),
    "export_workload": N_("导出工作量"),
    "define_ledger": N_("定台账"),
    "redefine_ledger": N_("修改台账"),
    "take_away_ledger": N_("拿掉台账"),
    "open_restricted_ledger": N_("说明原因，打开受限台账"),
    "see_restricted_ledger": N_("查看受限台账"),
    "print_summary": N_("打印工作报告"),
    "log_in": N_("登录"),
    "log_out": N_("退出登录"),
    "choose_language": N_("换语言"),
    "change_password": N_("改密码"),
    "reset_password": N_("重设密码"),
    "add_account": N_("新增账号"),
    "edit_account": N_("修改账号资料"),
    "deactivate_account": N_("停用账号"),
    "activate_account": N_("启用账号"),
    "hand_out_patch": N_("分配片区"),
    "end_patch": N_("收回片区"),
    "add_community": N_("新建社区"),
    "edit_community": N_("修改社区设置"),
    "add_team": N_("新建队伍"),
    "edit_team": N_("改队伍资料"),
    "dissolve_team": N_("解散队伍"),
    "join_team": N_("加队员"),
    "leave_team": N_("队员离队"),
    "plan_shifts": N_("排班"),
    "remove_shift": N_("删掉一班"),
    "record_patrol": N_("记巡逻"),
    "withdraw_patrol": N_("撤回巡逻"),
    "add_site": N_("加场所"),
    "edit_site": N_("改场所"),
    "remove_site": N_("拿掉场所"),
    "save_work_plan": N_("写周计划"),
    "check_work_plan": N_("检查周计划"),
    "archive_work_plans": N_("归档周计划"),
    "add_award": N_("加一项评选"),
    "withdraw_award": N_("撤回评选"),
    "put_in_year_plan": N_("放入年度计划"),
    "add_duty": N_("加入年度计划的一项"),
    "change_duty": N_("修改年度计划的一项"),
    "take_away_duty": N_("去掉年度计划的一项"),
    "tick_duty": N_("年度计划打勾"),
    "untick_duty": N_("取消年度计划的打勾"),
    "put_in_targets": N_("放入计划目标"),
    "add_target": N_("添目标"),
    "edit_target": N_("改目标"),
    "take_away_target": N_("去掉目标"),
    "enter_figure": N_("手填数据"),
    "load_demo": N_("装入示例社区"),
    "remove_demo": N_("删除示例社区"),
}

TABLES: dict[str, str] = {
    "user_account": N_("账号"),
    "patch": N_("负责范围"),
    "community": N_("社区"),
    "block": N_("片区"),
    "building": N_("楼栋"),
    "unit": N_("单元"),
    "household": N_("户"),
    "person": N_("人员"),
    "known_apart": N_("同名不同人"),
    "learnt_word": N_("导入时学到的写法"),
    "column_set": N_("导出的列"),
    "export_request": N_("导出申请"),
    "residency": N_("居住"),
    "tag": N_("标签"),
    "person_tag": N_("人员标签"),
    "tag_access": N_("受限查看"),
    "floating": N_("流动登记"),
    "site": N_("场所"),
    "visit": N_("走访"),
    "visit_person": N_("走访见到的人"),
    "visit_worker": N_("一同走访的人"),
    "visit_photo": N_("走访照片"),
    "case_file": N_("事件"),
    "case_party": N_("当事人"),
    "case_step": N_("办理经过"),
    "screening": N_("每周排查"),
    "checklist": N_("检查表"),
    "inspection": N_("检查"),
    "inspection_item": N_("检查项目"),
    "service_record": N_("服务记录"),
    "activity": N_("活动"),
    "activity_household": N_("参加的住户"),
    "activity_photo": N_("活动照片"),
    "personal_link": N_("个人链接"),
    "print": N_("打印"),
    "team": N_("队伍"),
    "team_member": N_("队员"),
    "shift": N_("排班"),
    "patrol": N_("巡逻"),
    "patrol_finding": N_("巡逻发现"),
    "work_plan": N_("周工作计划"),
    "work_plan_item": N_("周计划的事"),
    "award": N_("评选"),
    "ledger_definition": N_("台账"),
    "year_duty": N_("年度计划"),
    "duty_tick": N_("年度计划打勾记录"),
    "target": N_("目标"),
    "hand_figure": N_("手填数据"),
}

OPERATIONS: dict[str, str] = {"insert": N_("新增"), "update": N_("修改"), "delete": N_("删除")}

# Labels that mean the same in every table; OF_TABLE wins where a table means something else.
EVERYWHERE: dict[str, str] = {
    "merged_into_id": N_("并入"),
    "name": N_("姓名"),
    "phone": N_("电话"),
    "note": N_("备注"),
    "no": N_("编号"),
    "seq": N_("序号"),
    "code": N_("编码"),
    "kind": N_("类别"),
    "label": N_("名称"),
    "outline": N_("边界"),
    "estate": N_("小区"),
    "head_name": N_("负责人"),
    "head_phone": N_("负责人电话"),
    "from_on": N_("开始日期"),
    "to_on": N_("结束日期"),
    "since": N_("开始日期"),
    "until": N_("结束日期"),
    "deleted_at": N_("删除时间"),
    "at": N_("时间"),
    "person_id": N_("人员"),
    "household_id": N_("户"),
    "building_id": N_("楼栋"),
    "block_id": N_("片区"),
    "unit_id": N_("单元"),
    "community_id": N_("社区"),
    "user_id": N_("账号"),
    "worker_id": N_("网格员"),
    "tag_id": N_("标签"),
    "visit_id": N_("走访"),
    "unit_no": N_("单元"),
    "floor": N_("楼层"),
    "room": N_("房号"),
    "lon": N_("经度"),
    "lat": N_("纬度"),
}

OF_TABLE: dict[str, dict[str, str]] = {
    "known_apart": {"first_id": N_("第一个人"), "second_id": N_("第二个人")},
    "learnt_word": {"kind": N_("哪一种"), "said": N_("文件里的写法"), "means": N_("意思")},
    "column_set": {"name": N_("名称"), "subject": N_("内容"), "columns": N_("列")},
    "export_request": {
        "subject": N_("内容"),
        "asked": N_("要导出什么"),
        "n_rows": N_("行数"),
        "reason": N_("用途"),
        "asked_by": N_("申请人"),
        "asked_at": N_("申请时间"),
        "answered_by": N_("答复人"),
        "answered_at": N_("答复时间"),
        "is_agreed": N_("同意"),
        "taken_at": N_("取走时间"),
    },
    "target": {
        "year": N_("年份"),
        "indicator": N_("指标"),
        "plan": N_("哪一份计划"),
        "words": N_("计划里怎么说"),
        "comparator": N_("要求"),
        "value": N_("目标值"),
    },
    "hand_figure": {
        "indicator": N_("指标"),
        "as_of": N_("截至哪天"),
        "numerator": N_("达到的数"),
        "denominator": N_("总数"),
        "origin": N_("数字从哪里来"),
    },
    "user_account": {
        "login": N_("账号"),
        "role": N_("角色"),
        "language": N_("语言"),
        "is_active": N_("可以登录"),
        "last_login_at": N_("最近登录"),
    },
    "patch": {"duty": N_("分工")},
    "community": {
        "name": N_("社区名称"),
        "code": N_("统计用区划代码"),
        "street": N_("街道"),
        "labels": N_("四级名称"),
        "visit_every_days": N_("多少天走访一次"),
        "report_days": N_("来访报告保留天数"),
        "map_credit": N_("地图来源"),
    },
    "block": {"name": N_("片区名称")},
    "building": {
        "no": N_("楼号"),
        "name": N_("楼名"),
        "floors": N_("层数"),
        "built_year": N_("建成年份"),
        "has_lift": N_("有电梯"),
        "head_name": N_("楼栋长"),
        "head_phone": N_("楼栋长电话"),
    },
    "unit": {"no": N_("单元号"), "head_name": N_("中心户长"), "head_phone": N_("中心户长电话")},
    "household": {
        "code": N_("户号"),
        "floor_to": N_("复式上层"),
        "use": N_("用途"),
        "occupancy": N_("房屋状态"),
        "layout": N_("户型"),
        "area": N_("面积（平方米）"),
        "owner_name": N_("房主"),
        "owner_phone": N_("房主电话"),
        "owner_id_no": N_("房主身份证号"),
        "rental_use": N_("出租用途"),
        "landlord_duty": N_("签了房东责任书"),
        "contact_name": N_("联系人"),
        "contact_phone": N_("联系电话"),
        "emergency_name": N_("紧急联系人"),
        "emergency_phone": N_("紧急联系电话"),
        "family_kind": N_("家庭类别"),
        "safe_family": N_("平安家庭"),
        "filed_on": N_("建档日期"),
        "verified_on": N_("核实日期"),
    },
    "person": {
        "former_name": N_("曾用名"),
        "id_kind": N_("证件种类"),
        "id_no": N_("身份证号"),
        "sex": N_("性别"),
        "birth": N_("出生日期"),
        "ethnic": N_("民族"),
        "marital": N_("婚姻状况"),
        "political": N_("政治面貌"),
        "education": N_("学历"),
        "occupation": N_("职业"),
        "employer": N_("工作单位"),
        "hukou_region": N_("户籍地区划"),
        "hukou_address": N_("户籍地址"),
        "population_kind": N_("人口类别"),
        "residency_match": N_("人户一致"),
        "health": N_("健康状况"),
        "photo": N_("照片"),
        "died_on": N_("去世日期"),
    },
    "residency": {
        "relation": N_("与户主关系"),
        "is_head": N_("户主"),
        "live_kind": N_("居住性质"),
        "from_on": N_("迁入日期"),
        "to_on": N_("迁出日期"),
        "came_from": N_("从哪里来"),
        "went_to": N_("到哪里去"),
        "reason": N_("迁出原因"),
    },
    "tag": {
        "tag_group": N_("标签分组"),
        "restricted": N_("受限"),
        "contact_every_days": N_("多少天联系一次"),
        "contact_kind": N_("联系方式"),
        "grace_days": N_("宽限天数"),
        "retention_days": N_("保留天数"),
        "fields": N_("补充内容"),
        "viewers": N_("谁能看"),
    },
    "person_tag": {
        "source": N_("来源"),
        "carer": N_("联系人"),
        "attrs": N_("补充内容"),
    },
    "floating": {
        "direction": N_("流动方向"),
        "reason": N_("流动原因"),
        "permit_kind": N_("证件"),
        "permit_no": N_("证件编号"),
        "registered_on": N_("登记日期"),
        "expires_on": N_("有效期到"),
        "dwelling_kind": N_("住所类型"),
        "employed_by": N_("用工单位"),
        "rented_by": N_("出租人"),
        "went_to": N_("去向"),
        "left_on": N_("离开日期"),
        "left_reason": N_("离开原因"),
    },
    "tag_access": {"reason": N_("查看原因"), "ends_at": N_("开放到")},
    "site": {"name": N_("场所名称"), "keeper": N_("负责人"), "phone": N_("负责人电话")},
    "team": {
        "name": N_("队伍名称"),
        "kind": N_("队伍类别"),
        "leader": N_("队长"),
        "phone": N_("队长电话"),
        "founded_on": N_("成立日期"),
        "dissolved_on": N_("解散日期"),
    },
    "team_member": {"team_id": N_("队伍"), "since": N_("入队日期"), "until": N_("离队日期")},
    "shift": {
        "team_id": N_("队伍"),
        "route_id": N_("巡逻路线"),
        "on_day": N_("日期"),
        "starts": N_("几点开始"),
        "ends": N_("几点结束"),
        "who": N_("都有谁"),
    },
    "patrol": {
        "team_id": N_("队伍"),
        "shift_id": N_("排班"),
        "route_id": N_("巡逻路线"),
        "started_at": N_("几点开始"),
        "ended_at": N_("几点结束"),
        "headcount": N_("几个人"),
        "who": N_("都有谁"),
        "content": N_("巡逻情况"),
        "recorded_by": N_("登记人"),
        "recorded_at": N_("登记时间"),
    },
    "patrol_finding": {
        "patrol_id": N_("巡逻"),
        "place": N_("在哪里"),
        "content": N_("发现什么"),
        "case_id": N_("事件"),
    },
    "work_plan": {
        "week_on": N_("周一"),
        "state": N_("周计划状态"),
        "submitted_at": N_("交上来"),
        "checked_by": N_("检查"),
        "checked_at": N_("检查时间"),
        "remark": N_("批注"),
        "recorded_at": N_("登记时间"),
    },
    "work_plan_item": {
        "work_plan_id": N_("周工作计划"),
        "words": N_("要做的事"),
        "is_done": N_("做完了"),
        "note": N_("说明"),
    },
    "award": {
        "kind": N_("评什么"),
        "year": N_("年度"),
        "on_day": N_("评选日期"),
        "recorded_by": N_("登记人"),
        "recorded_at": N_("登记时间"),
    },
    "visit": {
        "at": N_("走访时间"),
        "kind": N_("走访方式"),
        "found": N_("走访结果"),
        "topics": N_("走访内容"),
        "content": N_("走访记录"),
        "needs": N_("居民需求"),
        "due_on": N_("下次走访"),
        "closed": N_("已了结"),
        "gift": N_("慰问品"),
        "recorded_at": N_("登记时间"),
    },
    "visit_photo": {"width": N_("宽"), "height": N_("高"), "size": N_("大小（字节）")},
    "case_file": {
        "no": N_("事件编号"),
        "type": N_("事件类别"),
        "source": N_("事件来源"),
        "content": N_("事件内容"),
        "owner_id": N_("经办人"),
        "due_on": N_("办结期限"),
        "result": N_("办理结果"),
        "closed_on": N_("办结日期"),
        "place": N_("在什么地方"),
        "screening_id": N_("每周排查"),
        "dispute_type": N_("纠纷类别"),
        "incident": N_("事故或案件"),
        "scale": N_("规模"),
        "level": N_("分级"),
        "lies_at": N_("办理层级"),
        "level_reached": N_("最高到过"),
        "method": N_("调解方式"),
        "outcome": N_("调解结果"),
        "revisit_on": N_("下次回访"),
        "satisfaction": N_("满意度"),
        "recorded_by": N_("登记人"),
        "recorded_at": N_("登记时间"),
    },
    "case_party": {"case_id": N_("事件编号"), "side": N_("哪一方")},
    "case_step": {
        "case_id": N_("事件编号"),
        "kind": N_("办理经过"),
        "at": N_("什么时候"),
        "content": N_("做了什么"),
        "by_id": N_("登记人"),
        "method": N_("调解方式"),
        "outcome": N_("调解结果"),
        "to_level": N_("办理层级"),
        "to_id": N_("交给谁"),
        "satisfaction": N_("满意度"),
        "recorded_at": N_("登记时间"),
    },
    "screening": {
        "week_on": N_("哪一周"),
        "on_day": N_("排查日期"),
        "is_zero": N_("零报告"),
        "content": N_("发现了什么"),
        "by_id": N_("登记人"),
        "recorded_at": N_("登记时间"),
    },
    "checklist": {"site_kind": N_("只用于哪类场所"), "title": N_("检查表名称"), "items": N_("检查项目")},
    "inspection": {
        "checklist_id": N_("检查表"),
        "holiday": N_("节日"),
        "site_id": N_("场所"),
        "place": N_("在哪里"),
        "inspectors": N_("检查人"),
        "content": N_("总的情况"),
        "signer": N_("场所负责人"),
        "recorded_by": N_("登记人"),
        "recorded_at": N_("登记时间"),
    },
    "inspection_item": {
        "inspection_id": N_("检查"),
        "words": N_("检查项目"),
        "is_fine": N_("合格"),
        "due_on": N_("整改期限"),
        "rectified_on": N_("复查合格"),
        "rechecked_by": N_("复查人"),
        "recheck_note": N_("复查情况"),
        "case_id": N_("事件"),
    },
    "service_record": {
        "on_day": N_("哪一天"),
        "content": N_("做了什么"),
        "outcome": N_("结果"),
        "amount": N_("金额（元）"),
        "gift": N_("慰问品"),
        "recorded_by": N_("登记人"),
        "recorded_at": N_("登记时间"),
    },
    "activity": {
        "topic": N_("活动主题"),
        "theme": N_("主题日"),
        "title": N_("活动名称"),
        "place": N_("在哪里"),
        "audience": N_("面向"),
        "headcount": N_("多少人"),
        "minutes": N_("会议记录"),
        "recorded_by": N_("登记人"),
        "recorded_at": N_("登记时间"),
    },
    "activity_household": {"activity_id": N_("活动")},
    "activity_photo": {
        "activity_id": N_("活动"),
        "width": N_("宽"),
        "height": N_("高"),
        "size": N_("大小（字节）"),
    },
    "personal_link": {
        "made_by": N_("发放人"),
        "made_at": N_("发放时间"),
        "used_at": N_("最近使用"),
        "withdrawn_at": N_("作废时间"),
    },
    "ledger_definition": {
        "title": N_("台账名称"),
        "columns": N_("列"),
        "filter_by": N_("只要一部分"),
        "period": N_("按什么时间看"),
        "signatures": N_("签字"),
    },
    "print": {
        "number": N_("打印编号"),
        "kind": N_("打印种类"),
        "about": N_("打印内容"),
        "sheets": N_("份数"),
        "pages": N_("页数"),
        "reason": N_("用途说明"),
    },
}

CODES_OF: dict[tuple[str, str], str] = {
    ("user_account", "role"): "role",
    ("patch", "duty"): "duty",
    ("household", "use"): "use",
    ("household", "occupancy"): "occupancy",
    ("household", "rental_use"): "rental_use",
    ("household", "family_kind"): "family_kind",
    ("person", "id_kind"): "id_type",
    ("person", "sex"): "sex",
    ("person", "ethnic"): "ethnic",
    ("person", "marital"): "marital",
    ("person", "political"): "political",
    ("person", "education"): "education",
    ("person", "population_kind"): "population_kind",
    ("person", "residency_match"): "residency_match",
    ("person", "health"): "health",
    ("residency", "relation"): "relation",
    ("residency", "live_kind"): "live_kind",
    ("residency", "reason"): "leave_reason",
    ("tag", "tag_group"): "tag_group",
    ("floating", "direction"): "direction",
    # Those of coming are among those of going.
    ("floating", "reason"): "outflow_reason",
    ("floating", "left_reason"): "outflow_reason",
    ("floating", "permit_kind"): "permit_type",
    ("floating", "dwelling_kind"): "dwelling_type",
    ("tag", "contact_kind"): "visit_kind",
    ("site", "kind"): "site_kind",
    ("visit", "kind"): "visit_kind",
    ("visit", "found"): "found",
    ("visit", "topics"): "topic",
    ("case_file", "type"): "case_type",
    ("case_file", "source"): "case_source",
    ("case_file", "dispute_type"): "dispute_type",
    ("case_file", "incident"): "incident",
    ("case_file", "scale"): "event_scale",
    ("case_file", "level"): "event_level",
    ("case_file", "lies_at"): "reached",
    ("case_file", "level_reached"): "reached",
    ("case_file", "method"): "mediation_method",
    ("case_file", "outcome"): "mediation_outcome",
    ("case_file", "satisfaction"): "satisfaction",
    ("case_party", "side"): "party_side",
    ("case_step", "kind"): "step_kind",
    ("case_step", "method"): "mediation_method",
    ("case_step", "outcome"): "mediation_outcome",
    ("case_step", "to_level"): "reached",
    ("case_step", "satisfaction"): "satisfaction",
    ("checklist", "kind"): "inspection_kind",
    ("checklist", "site_kind"): "site_kind",
    ("inspection", "kind"): "inspection_kind",
    ("inspection", "holiday"): "holiday",
    ("service_record", "kind"): "service_kind",
    ("service_record", "outcome"): "service_outcome",
    ("activity", "kind"): "activity_kind",
    ("activity", "topic"): "activity_topic",
    ("activity", "audience"): "audience",
    ("team", "kind"): "team_kind",
    ("work_plan", "state"): "work_plan_state",
    ("award", "kind"): "award_kind",
}

# Columns that tell a reader nothing: keys, counters, hashes and what follows from other columns.
UNSAID = frozenset(
    {
        "id",
        "public_id",
        "id_hash",
        "token_hash",
        "sha256",
        # A drawing of a hand's strokes.
        "signature",
        "no_order",
        "version",
        "scope_version",
        "geometry_version",
        "created_at",
        "updated_at",
        "password_hash",
        "last_login_at",
    }
)
LONGEST = 200


def action_label(action: str) -> str:
    """打开户档; an action nobody has named yet stands as it is."""
    return _(ACTIONS.get(action, action))


def table_label(table: str) -> str:
    return _(TABLES.get(table, table))


def operation_label(operation: str) -> str:
    return _(OPERATIONS.get(operation, operation))


def column_label(table: str, column: str) -> str:
    """迁入日期; a column nobody has named yet stands as it is."""
    return _(OF_TABLE.get(table, {}).get(column) or EVERYWHERE.get(column, column))


def is_said(column: str) -> bool:
    """Whether a column's change tells a reader anything."""
    return column not in UNSAID


def show_value(table: str, column: str, value: Any) -> str:
    """A value out of the audit log's JSON (or of a row) as a reader sees it; numbers of persons masked."""
    if value in (None, "", [], {}):
        return "–"
    kind = _kind(table, column)
    if isinstance(kind, Personal):
        return _masked(column, str(value))
    if (table, column) in CODES_OF:
        return _coded(CODES[CODES_OF[table, column]].text, _opened(value))
    if isinstance(kind, Boolean) or isinstance(value, bool):
        return _("是") if value in (True, 1, "1") else _("否")
    if column == "language":
        return LANGUAGES.get(str(value), str(value))
    if column == "outline":
        return _("（图形）")
    if column == "photo":
        return _("（照片）")
    if (table, column) == ("tag", "fields"):
        return listed(str(field["label"]) for field in _opened(value))
    if isinstance(kind, JSON):
        return _listed(table, _opened(value))
    if isinstance(kind, Moment | Date) or isinstance(value, date):
        return _dated(value, isinstance(kind, Moment))
    # The tags every community starts with are known in both languages, its own stay as they were written.
    text = _(str(value)) if (table, column) == ("tag", "label") else str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _kind(table: str, column: str) -> TypeEngine[Any] | None:
    known = Base.metadata.tables.get(table)
    return known.c[column].type if known is not None and column in known.c else None


def _masked(column: str, value: str) -> str:
    plain = vault().open(value)
    return mask_id(plain) if column.endswith("id_no") else mask_phone(plain)


def _opened(value: Any) -> Any:
    """A JSON column's value: SQLite's triggers keep it as text, PostgreSQL's as it is."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _coded(text: Any, value: Any) -> str:
    return listed(text(str(one)) for one in value) if isinstance(value, list) else str(text(str(value)))


def _listed(table: str, value: Any) -> str:
    if isinstance(value, Mapping):
        # PostgreSQL sorts the keys of its JSON; the four levels go from large to small.
        ordered = sorted(value.items(), key=lambda pair: LEVELS.index(pair[0]) if pair[0] in LEVELS else len(LEVELS))
        return listed(f"{table_label(k)} {_(str(v))}" for k, v in ordered)[:LONGEST]
    return listed(map(str, value))[:LONGEST] if isinstance(value, list) else str(value)[:LONGEST]


def _dated(value: Any, moment: bool) -> str:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    if not moment or not isinstance(read, datetime):
        return read.strftime("%Y-%m-%d")
    from_utc = read if read.tzinfo else read.replace(tzinfo=UTC)
    return local(from_utc).strftime("%Y-%m-%d %H:%M")
