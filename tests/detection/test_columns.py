from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection.checksums import credit_code_check_character, id_number_check_character, luhn_check_digit
from shouxin.detection.column_names import item_of_name, words_of_name
from shouxin.detection.column_phrases import PHRASES
from shouxin.detection.columns import Certainty, classify, grade_of, sample_size, wilson
from shouxin.domain.items import taxonomy

RNG = random.Random(11)
MOBILES = [f"154{RNG.randrange(10**8):08}" for _ in range(100)]
BODIES = [
    f"119901{RNG.randrange(1950, 2005)}0{RNG.randrange(1, 10)}1{RNG.randrange(10)}{RNG.randrange(1000):03}"
    for _ in range(100)
]
IDS = [body + id_number_check_character(body) for body in BODIES]
CARDS = [body + luhn_check_digit(body) for body in (f"620000{RNG.randrange(10**12):012}" for _ in range(100))]
ORDERS = [str(RNG.randrange(62 * 10**14, 63 * 10**14)) for _ in range(300)]


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("mobile", "contact.mobile"),
        ("MOBILE_PHONE", "contact.mobile"),
        ("custMobileNo2", "contact.mobile"),
        ("t_cert_no", "identity.id_number"),
        ("借款人身份证号", "identity.id_number"),
        ("sjhm", "contact.mobile"),
        ("bankCardNo", "account.card_number"),
        ("紧急联系人手机", "emergency.mobile"),
        ("宗教信仰", "identity.religion"),
        ("客户健康状况", "identity.health"),
        ("health_status", "identity.health"),
        ("medicalHistory", "identity.health"),
        ("指纹", "biometric.fingerprint"),
        ("fingerprint", "biometric.fingerprint"),
        ("人脸特征值", "biometric.face"),
        ("征信报告", "credit.bureau_report"),
        ("行踪轨迹", "location.track"),
        ("种族", "identity.ethnicity"),
        ("活期账户状态", "account.checking_status"),
        ("设备指纹", "device.id"),
        ("device_fingerprint", "device.id"),
        ("cert_fingerprint", None),
        ("server_health", None),
        ("健康状况更新时间", None),
        ("religion_code_type", None),
        ("scenario_code", None),
        ("academic_year_code", None),
        ("product_name", None),
        ("phone_model", None),
        ("is_mobile_verified", None),
        ("手机型号", None),
        ("order_no", None),
        ("spin", None),
        ("", None),
    ],
)
def test_names_promise(name: str, item: str | None) -> None:
    """Whole words in any style of writing, Chinese phrases, and no promise from parts of words or about-columns."""
    assert item_of_name(name) == item


def test_every_sensitive_item_can_be_told_by_a_name() -> None:
    """A column that says in Chinese, English or initials what sensitive thing it holds is found without its values."""
    sensitive = {str(code) for code, one in taxonomy().items.items() if one.sensitive()}
    assert sensitive - set(PHRASES) == set()
    assert {code for code in PHRASES if code not in taxonomy().items} == set()
    for item, phrases in PHRASES.items():
        for phrase in phrases.split():
            assert item_of_name(phrase) == item, phrase


def test_words_of_a_name() -> None:
    """Camel case, capitals, underscores and numbers at the end."""
    assert words_of_name("userIDCard_No2-手机") == ("user", "id", "card", "no", "手机")


@pytest.mark.parametrize(
    ("name", "values", "item"),
    [("c1", MOBILES, "contact.mobile"), ("x", IDS, "identity.id_number"), ("pay_to", CARDS, "account.card_number")],
)
def test_values_decide_without_a_name(name: str, values: list[str], item: str) -> None:
    """A column whose values prove themselves needs no name, and the share comes with its bounds."""
    verdict = classify(name, values)
    assert (verdict.items, verdict.certainty, verdict.reasons) == ((item,), Certainty.SURE, ("values",))
    share = verdict.shares[0]
    assert share.values == share.sampled == verdict.sampled == 100
    assert 0.95 < share.low < share.high == pytest.approx(1)


def test_a_label_helps_values_that_prove_nothing() -> None:
    """QQ numbers and birth dates are such only under their name."""
    dates = [f"19{year}-05-01" for year in range(60, 99)]
    assert classify("birthday", dates).items == ("identity.birth_date",)
    assert classify("created", dates).items == ()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("academic_year_code", [str(2000 + n % 25) for n in range(100)]),
        ("scenario_code", [str(100 + n) for n in range(100)]),
        ("order_no", ORDERS),
        ("serial", ORDERS),
    ],
)
def test_known_traps_do_not_fire(name: str, values: list[str]) -> None:
    """Academic years are no check numbers, scenarios no cards, order numbers no cards."""
    assert classify(name, values).items == ()


def test_chance_is_no_finding() -> None:
    """Numbers of card length pass the check digit one time in ten; that is told, and it is nothing."""
    verdict = classify("f1", ORDERS)
    assert (verdict.items, verdict.certainty) == ((), Certainty.NOTHING)
    assert "chance" in verdict.reasons


@pytest.mark.parametrize("name", ["c1", "订单号", "snowflake_id"])
def test_numbers_of_eighteen_digits_are_no_employer(name: str) -> None:
    """Half a hundredth of random numbers pass as credit codes; of true ones all do."""
    rng = random.Random(8)
    ids = [str(rng.randrange(10**17, 10**18)) for _ in range(6000)]
    verdict = classify(name, ids)
    assert verdict.items == ()
    assert "chance" in verdict.reasons
    codes = [body + credit_code_check_character(body) for body in (f"91330106{n:09}" for n in range(200))]
    assert classify("c1", codes).items == ("employment.employer",)


@pytest.mark.parametrize("name", ["employee_no", "customer_no", "customerNo", "客户编号", "工号", "emp_id"])
def test_numbers_of_clerks_and_customers_are_no_passports(name: str) -> None:
    """E and eight digits under a label of somebody's own numbering is no passport."""
    assert classify(name, [f"E{RNG.randrange(10**8):08}" for _ in range(100)]).items == ()


def test_a_shape_alone_is_not_sure() -> None:
    """A column of E and eight digits may be of passports; it is one under its name."""
    numbers = [f"E{RNG.randrange(10**8):08}" for _ in range(100)]
    assert classify("c1", numbers).certainty is Certainty.LIKELY
    assert classify("passport_no", numbers).certainty is Certainty.SURE


def test_free_text_contains() -> None:
    """Notes in which some people's numbers stand are reported with the share of notes that hold one."""
    notes = ["客户称下周还款"] * 80 + [f"请打{mobile}联系" for mobile in MOBILES[:20]]
    verdict = classify("remark", notes)
    assert (verdict.items, verdict.certainty, verdict.reasons) == (("contact.mobile",), Certainty.CONTAINS, ("inside",))
    assert verdict.shares[0].low < 0.2 < verdict.shares[0].high


def test_values_may_contradict_a_name() -> None:
    """A mobile column of remarks holds no mobiles; with few values the doubt goes to the steward."""
    assert classify("mobile", ["见附件", "未填"] * 30).items == ()
    few = classify("mobile", ["见附件"])
    assert (few.items, few.certainty) == (("contact.mobile",), Certainty.DOUBTFUL)


def test_an_empty_column_keeps_its_promise_in_doubt() -> None:
    """Nothing can be said of no values, and that is said."""
    verdict = classify("mobile", [None, "", "  "])
    assert (verdict.certainty, verdict.reasons, verdict.sampled) == (Certainty.DOUBTFUL, ("name", "empty"), 0)


def test_a_more_exact_name_is_kept() -> None:
    """A mobile of an emergency contact is that person's, and graded as such."""
    assert classify("emergency_mobile", MOBILES).items == ("emergency.mobile",)


def test_columns_together_are_graded_higher() -> None:
    """Name, ID, card and mobile in one table raise the grade above each alone; nothing personal has none."""
    one_by_one = [
        classify("cust_name", ["张三丰", "李四"] * 40),
        classify("id_no", IDS),
        classify("card_no", CARDS),
        classify("mobile", MOBILES),
    ]
    together = grade_of(one_by_one)
    alone = [grade_of([verdict]) for verdict in one_by_one]
    assert together is not None
    assert all(grade is not None and grade.level < together.level for grade in alone)
    assert together.raised_by
    assert grade_of([classify("scenario_code", ["1"])]) is None


@given(st.integers(0, 500), st.integers(0, 500))
def test_bounds_hold_the_share(one: int, other: int) -> None:
    """The bounds lie in 0-1, hold the observed share, and narrow with the sample."""
    hits, sampled = min(one, other), max(one, other)
    low, high = wilson(hits, sampled)
    assert 0 <= low <= high <= 1
    if sampled:
        assert low - 1e-9 <= hits / sampled <= high + 1e-9
        wider = wilson(hits * 10, sampled * 10)
        assert wider[1] - wider[0] <= high - low + 1e-9


def test_a_sample_of_the_right_size() -> None:
    """The size for a width gives bounds no wider, at the worst share of one half."""
    size = sample_size(0.2)
    low, high = wilson(size // 2, size)
    assert high - low <= 0.2
