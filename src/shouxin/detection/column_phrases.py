"""Names of columns by item: Chinese, English, and the initials of pinyin that databases are full of.

Laws. A phrase stands for one item. Every sensitive item of the taxonomy has a phrase, which a test holds.
What a table of products or branches has as well (rates, terms, amounts of an offer) is left out: such a name promises
nothing about a person. ``NOTHING`` holds phrases that end like a promise and make none.

Called by: ``column_names``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["NOTHING", "PHRASES"]

NOTHING: Final = (
    "cert_fingerprint key_fingerprint ssh_fingerprint file_fingerprint public_key_fingerprint certificate_fingerprint "
    "certificate_health service_health system_health server_health node_health cluster_health "
    "系统健康状况 设备健康状况 服务健康状况"
)
PHRASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "identity.name": (
            "姓名 客户姓名 借款人姓名 联系人姓名 真实姓名 full_name real_name cust_name customer_name "
            "user_name_cn borrower_name person_name contact_name guarantor_name owner_name holder_name "
            "applicant_name xm khxm"
        ),
        "identity.id_number": (
            "身份证 身份证号 证件号码 证件号 公民身份号码 id_card id_no id_number idcard cert_no cert_number "
            "certificate_no identity_no identity_number sfz sfzh sfzhm zjhm"
        ),
        "identity.passport_number": "护照 护照号 passport passport_no passport_number",
        "identity.birth_date": "出生日期 出生年月 生日 birth_date date_of_birth birthday birthdate dob csrq",
        "identity.sex": "性别 sex gender xb",
        "identity.age": "年龄 age",
        "identity.ethnicity": "民族 种族 ethnicity race ethnic_group nation_group mz",
        "identity.education": "学历 education edu_level degree",
        "contact.mobile": (
            "手机 手机号 手机号码 移动电话 联系电话 mobile mobile_phone mobile_no cell cellphone phone phone_no "
            "phone_number msisdn tel_no sjh sjhm lxdh"
        ),
        "contact.telephone": (
            "座机 固定电话 固话 家庭电话 单位电话 telephone landline home_phone work_phone office_phone fax tel"
        ),
        "contact.email": "邮箱 电子邮箱 电子邮件 email e_mail mail_address mailbox dzyx",
        "contact.wechat": "微信 微信号 wechat weixin wechat_id wx_id qq qq_no qq_number openid open_id unionid",
        "contact.address": (
            "地址 住址 家庭地址 居住地址 户籍地址 联系地址 address addr home_address home_addr residence dz jtdz"
        ),
        "contact.work_address": "单位地址 公司地址 work_address company_address office_address",
        "contact.postcode": "邮编 邮政编码 postcode post_code zip_code zipcode",
        "device.id": (
            "设备号 设备标识 设备指纹 device_fingerprint browser_fingerprint imei idfa oaid android_id device_id udid"
        ),
        "device.ip": "ip ip_addr ip_address client_ip login_ip remote_addr",
        "device.mac": "mac mac_addr mac_address",
        "location.gps": "经度 纬度 经纬度 坐标 longitude latitude lng lon lat gps coordinates",
        "account.number": "账号 帐号 账户号 银行账号 account_no account_number acct_no bank_account",
        "account.card_number": (
            "卡号 银行卡号 银行卡 信用卡号 借记卡号 card_no card_number bank_card bank_card_no pan yhkh"
        ),
        "account.card_expiry": "卡有效期 card_expiry expiry_date valid_thru",
        "account.card_cvn": "安全码 cvv cvv2 cvc cvc2 cvn cvn2",
        "account.balance": "余额 账户余额 balance acct_balance",
        "account.login_name": "登录名 用户名 login_name user_name username login_id",
        "authentication.password": "密码 口令 登录密码 password passwd pwd secret api_key access_key token",
        "authentication.pin": "取款密码 交易密码 pin pin_code",
        "authentication.sms_code": "验证码 短信验证码 sms_code verify_code verification_code otp",
        "income.amount": "收入 月收入 年收入 工资 月薪 income monthly_income annual_income salary",
        "transaction.amount": "交易金额 txn_amount transaction_amount trans_amt",
        "credit.amount": "贷款金额 借款金额 loan_amount loan_amt",
        "credit.limit": "授信额度 信用额度 credit_limit limit_bal",
        "employment.employer": (
            "工作单位 单位名称 公司名称 雇主 统一社会信用代码 employer company_name employer_name uscc credit_code"
        ),
        "employment.job": "职业 职务 职位 occupation job job_title",
        "identity.former_name": "曾用名 former_name old_name maiden_name cym",
        "identity.id_validity": "证件有效期 身份证有效期 证件到期日 id_expiry id_valid_until cert_expiry zjyxq",
        "identity.nationality": "国籍 nationality citizenship gj",
        "identity.household_register": "户籍 户口 户籍所在地 户口所在地 household_register hukou huji",
        "identity.religion": "宗教信仰 宗教 信仰 religion religious_belief faith zjxy",
        "identity.health": (
            "健康状况 健康状态 健康信息 健康情况 病史 既往病史 疾病 病情 诊断 诊断结果 残疾 残疾情况 伤残 血型 "
            "过敏史 体检 体检结果 health health_status health_condition health_info medical_history disease "
            "diagnosis illness disability blood_type allergies jkzk jbs"
        ),
        "image.id_front": "身份证正面 身份证人像面 证件正面 id_front id_card_front idcard_front id_front_image sfzzm",
        "image.id_back": (
            "身份证反面 身份证背面 身份证国徽面 证件反面 id_back id_card_back idcard_back id_back_image sfzfm"
        ),
        "image.id_in_hand": "手持证件照 手持身份证 手持证件 id_in_hand handheld_id hand_id_photo hold_id_photo",
        "image.signature": "手写签名 签名影像 签名图片 signature_image handwritten_signature sign_image",
        "biometric.face": (
            "人脸特征 人脸特征值 人脸模板 面部特征 人脸识别特征 face_feature face_features face_template "
            "face_embedding face_vector face_token faceid face_id rltz"
        ),
        "biometric.face_photo": (
            "人脸照片 人脸图片 人脸照 头像照片 face_photo face_image face_pic face_img selfie rlzp"
        ),
        "biometric.fingerprint": (
            "指纹 指纹特征 指纹信息 指纹模板 fingerprint finger_print fingerprint_template zw zhiwen"
        ),
        "biometric.voiceprint": "声纹 声纹特征 voiceprint voice_print voice_feature shengwen",
        "biometric.iris": "虹膜 虹膜特征 iris iris_feature iris_template hongmo",
        "biometric.liveness": (
            "活体检测 活体检测结果 活体结果 活体 liveness liveness_result liveness_score live_check huoti"
        ),
        "address_book.tokens": "通讯录号码令牌 通讯录令牌 address_book_tokens contact_tokens contacts_hash",
        "address_book.entries": (
            "通讯录 通讯录条目 手机通讯录 address_book contact_list phone_book phonebook contacts txl"
        ),
        "device.apps": "已安装应用 应用列表 安装列表 已安装应用列表 installed_apps app_list installed_packages",
        "location.track": (
            "行踪轨迹 行踪 轨迹 行动轨迹 位置轨迹 出行轨迹 whereabouts location_history location_track "
            "gps_track trajectory movement_track xzgj"
        ),
        "account.card_track": (
            "磁道 磁道信息 磁道数据 芯片信息 二磁道 track_data card_track track_two chip_data magnetic_stripe"
        ),
        "account.checking_status": "活期账户状态 活期账户 checking_status checking_account_status",
        "account.savings": (
            "储蓄 储蓄情况 存款 存款情况 存款余额 savings savings_status deposit_balance savings_account"
        ),
        "authentication.security_answer": "密保答案 密码提示问题答案 密保问题答案 security_answer secret_answer",
        "credit.bureau_report": (
            "征信报告 征信 人行征信 征信信息 征信记录 信用报告 credit_report bureau_report pboc_report "
            "credit_bureau zxbg"
        ),
        "credit.bureau_score": "征信评分 征信分 征信得分 bureau_score credit_bureau_score fico fico_score zxpf",
        "income.detail": (
            "收入明细 工资明细 工资流水 收入流水 银行流水 income_detail salary_detail payroll income_flow"
        ),
        "insurance.claim": "理赔 理赔信息 理赔记录 理赔金额 insurance_claim claim_record claim_info claim_amount",
        "insurance.medical_record": (
            "病历 医疗记录 医疗资料 理赔医疗资料 就诊记录 medical_record medical_file clinical_record"
        ),
        "communication.call_log": "通话记录 通话详单 通话明细 话单 call_log call_record call_history cdr thjl",
        "communication.content": (
            "通信内容 短信内容 聊天记录 聊天内容 消息内容 邮件内容 sms_content message_content chat_content "
            "chat_log chat_history mail_content"
        ),
        "interview.video": "面签录像 面签视频 视频面签 interview_video video_interview mqlx",
        "interview.audio": "面签录音 通话录音 录音 interview_audio call_recording voice_recording",
        "behaviour.browsing": (
            "浏览记录 浏览历史 搜索记录 browsing_history browse_history search_history visited_pages"
        ),
        "family.status": "婚姻 婚姻状况 marital_status marriage",
        "family.spouse_name": "配偶姓名 spouse_name",
        "emergency.name": "紧急联系人 紧急联系人姓名 emergency_contact emergency_name",
        "emergency.mobile": "紧急联系人电话 紧急联系人手机 emergency_phone emergency_mobile",
        "property.vehicle": (
            "车牌 车牌号 车牌号码 车架号 plate plate_no plate_number license_plate licence_plate vin cphm"
        ),
    },
)
