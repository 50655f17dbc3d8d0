"""Labels of fields for personal data, and questions that only mention one."""

from __future__ import annotations

import pytest

from survey_sem.instrument.personal_names import PersonalColumn, personal_columns


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("name", "name"), ("Q1_FirstName", "name"), ("RecipientLastName", "name"), ("surname", "name"),
        ("What is your full name?", "name"), ("phone", "phone"), ("Q3_Phone", "phone"), ("mobile_number", "phone"),
        ("Your e-mail address:", "email"), ("RecipientEmail", "email"), ("wechat_id", "account"), ("openid", "account"),
        ("id_card", "id-number"), ("passport no.", "id-number"), ("home address", "address"), ("lat", "position"),
        ("LocationLongitude", "position"), ("IPAddress", "network"), ("ip", "network"), ("bank card number", "card"),
        ("姓名", "name"), ("1、您的姓名（选填）", "name"), ("Q12.请填写您的真实姓名：", "name"), ("昵称", "name"),
        ("您的手机号码是多少？", "phone"), ("联系电话", "phone"), ("联系方式", "phone"), ("电子邮箱", "email"),
        ("E-mail地址", "email"), ("微信号", "account"), ("您的ＱＱ号", "account"), ("身份证号码", "id-number"),
        ("收货地址", "address"), ("家庭住址", "address"), ("经度", "position"), ("来自IP", "network"),
        ("银行卡号", "card"),
    ],
)  # fmt: skip
def test_labels_of_fields(label: str, kind: str) -> None:
    assert personal_columns([label]) == (PersonalColumn(label, kind, label),)


@pytest.mark.parametrize(
    "label",
    [
        "", "q1", "brand_name", "product name", "phone_use", "email_opt_in", "mobile_payment", "ip_trust",
        "names_known",
        "user_id", "id", "tip", "latent", "address_quality", "您用手机看直播吗", "您使用微信的频率", "主播的名字好记",
        "手机品牌", "城市", "来源", "所用时间", "电话营销让人反感", "下单地址清楚", "请问您的年龄", "x" * 200,
    ],
)  # fmt: skip
def test_questions_about_something_else(label: str) -> None:
    assert not personal_columns([label])


def test_the_header_tells_where_the_name_does_not() -> None:
    headers = {"Q7": "7、您的手机号", "Q8": "8、您的年龄"}
    assert personal_columns(["Q7", "Q8", "ip"], headers) == (
        PersonalColumn("Q7", "phone", "7、您的手机号"),
        PersonalColumn("ip", "network", "ip"),
    )


def test_any_label_is_read_once() -> None:
    """A pattern that goes back over them would take hours."""
    personal_columns(
        ["number " * 14, "1 " * 49, "请您的" * 33, "(" * 100, "姓名" + "()" * 49, "姓名" + "是为" * 49 + "吗"]
    )
