"""What is asked before a sheet is printed: whole numbers, for what; how many blank ones, for where."""

from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from grid.core.forms import Form, TextField
from grid.core.i18n import N_

MOST_BLANK = 50


class SheetForm(Form):
    """`reason` is asked for only where `full_ids` is."""

    full_ids = BooleanField()
    # Print although some characters will be empty boxes.
    anyway = BooleanField()
    reason = TextField(
        N_("为什么要打印完整证件号码"), longest=200, validators=[DataRequired(N_("请写明原因，会记入日志。"))]
    )


class BlankForm(Form):
    community = StringField()
    copies = IntegerField(
        N_("份数"),
        default=1,
        validators=[InputRequired(N_("请填要几份。")), NumberRange(1, MOST_BLANK, N_("一次 1 到 50 份。"))],
    )
