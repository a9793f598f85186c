"""What people type about their own account."""

from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length

from grid.accounts.passwords import SHORTEST
from grid.core.forms import Form
from grid.core.i18n import LANGUAGES, N_

PRESENT, NEW = {"autocomplete": "current-password"}, {"autocomplete": "new-password"}


class LoginForm(Form):
    login = StringField(
        N_("账号"),
        validators=[DataRequired(N_("请填写账号。")), Length(max=40)],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(
        N_("密码"), validators=[DataRequired(N_("请填写密码。")), Length(max=200)], render_kw=PRESENT
    )
    next = HiddenField()


class PasswordForm(Form):
    present = PasswordField(N_("现在的密码"), validators=[DataRequired(N_("请填写现在的密码。"))], render_kw=PRESENT)
    new = PasswordField(
        N_("新密码"),
        validators=[Length(min=SHORTEST, max=200, message=N_("新密码至少 10 个字符。"))],
        render_kw=NEW,
    )
    again = PasswordField(
        N_("再输一次新密码"), validators=[EqualTo("new", N_("两次输入的新密码不一样。"))], render_kw=NEW
    )


class LanguageForm(Form):
    language = SelectField(N_("语言"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
