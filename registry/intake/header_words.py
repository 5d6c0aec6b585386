"""What columns are called in files that agencies really have, and the words of their status columns."""

from keys.acts import Status

HEADER_WORDS: dict[str, tuple[str, ...]] = {
    "number": (
        *("เลขที่ใบอนุญาต", "ใบอนุญาตเลขที่", "เลขทะเบียน", "เลขทะเบียนนิติบุคคล", "ทะเบียนเลขที่", "เลขที่หนังสือรับรอง"),
        *("เล่มที่/เลขที่/ปี", "license number", "license no", "license id", "certificate number", "permit number"),
        *("registration number", "number"),
    ),
    "holder": (
        *("ผู้รับใบอนุญาต", "ชื่อผู้รับใบอนุญาต", "ชื่อนิติบุคคล", "ผู้ประกอบการ", "ชื่อผู้ประกอบการ", "ผู้ประกอบกิจการ"),
        *("ชื่อ-สกุล", "ชื่อ-นามสกุล", "ผู้ขออนุญาต", "ชื่อผู้ขออนุญาต", "ผู้ได้รับอนุญาต", "holder", "licensee", "legal name"),
    ),
    "holder_en": ("ชื่อภาษาอังกฤษ", "english name", "name in english"),
    "holder_id": (
        *(
            "เลขประจำตัว 13 หลัก",
            "เลขประจำตัวผู้เสียภาษี",
            "เลขประจำตัวประชาชน",
            "เลขนิติบุคคล",
            "เลขบัตรประชาชน",
            "tax id",
        ),
    ),
    "premises": (
        *("ชื่อสถานประกอบการ", "ชื่อโรงงาน", "ชื่อร้าน", "ชื่อสถานที่", "ชื่อกิจการ", "ชื่อโรงแรม", "ชื่อสถานพยาบาล"),
        *(
            "สถานประกอบการ",
            "premises",
            "doing business as",
            "doing business as name",
            "establishment",
            "name",
        ),
    ),
    "address": (*("ที่ตั้ง", "ที่อยู่", "สถานที่ตั้ง", "ที่ตั้งสำนักงานใหญ่", "ที่ตั้งสำนักงาน", "ที่ตั้งสถานประกอบการ", "address"),),
    "province": ("จังหวัด", "province"),
    "district": ("อำเภอ", "เขต", "อำเภอ/เขต", "district"),
    "subdistrict": ("ตำบล", "แขวง", "ตำบล/แขวง", "subdistrict"),
    "place": ("รหัสตำบล", "รหัสพื้นที่", "dopa code"),
    "valid_from": (
        *("วันที่จดทะเบียน", "วันที่อนุญาต", "วันที่ได้รับอนุญาต", "วันเริ่มต้น", "วันที่เริ่มใช้", "ตั้งแต่วันที่", "วันที่ใบอนุญาต"),
        *("วันที่เริ่ม", "start date", "license start date", "effective date", "valid from"),
    ),
    "valid_until": (
        *("วันหมดอายุ", "วันที่หมดอายุ", "วันสิ้นอายุ", "วันที่สิ้นอายุ", "ใช้ได้ถึงวันที่", "ถึงวันที่", "วันสิ้นสุด", "วันที่สิ้นสุด"),
        *("expiry date", "expiration date", "license expiration date", "valid until", "expires"),
    ),
    "issued": ("วันที่ออก", "ออกให้ ณ วันที่", "วันที่ออกใบอนุญาต", "issue date", "date issued", "issued on"),
    "conditions": ("เงื่อนไข", "conditions"),
    "standing": ("สถานะ", "สถานะใบอนุญาต", "สถานภาพ", "status", "license status"),
}
# A number in three columns: the book, the number in it, the year.
NUMBER_PARTS = (
    ("เล่มที่", "เล่ม", "book"),
    ("เลขที่", "เลข", "number", "no."),
    ("ปี", "พ.ศ.", "ปีพ.ศ.", "ปีที่ออก", "year"),
)
# Columns that only count the rows.
COUNTING = ("ที่", "ลำดับ", "ลำดับที่", "no.", "no", "#", "fid", "item")

# What a line between two tables has in it where the licenses below it are not in force.
OUT_OF_FORCE = (
    *("พักใช้", "เพิกถอน", "ยกเลิก", "เลิกกิจการ", "เลิกประกอบ", "หมดอายุ", "สิ้นอายุ", "สิ้นสุด", "ระงับ", "ถอนทะเบียน"),
    *("suspended", "revoked", "cancelled", "canceled", "expired", "ceased"),
)

STANDING_WORDS: dict[Status, tuple[str, ...]] = {
    Status.VALID: (
        *("ปกติ", "ใช้ได้", "มีผล", "มีผลใช้บังคับ", "ยังดำเนินกิจการอยู่", "ดำเนินกิจการ", "คงอยู่", "อนุญาต"),
        *("active", "valid", "issued", "current", "aai"),
    ),
    Status.SUSPENDED: ("พักใช้", "พักใช้ใบอนุญาต", "ระงับ", "ระงับชั่วคราว", "suspended"),
    Status.ENDED: (
        *("ยกเลิก", "เลิก", "เลิกกิจการ", "เลิกประกอบกิจการ", "สิ้นสุด", "จำหน่าย", "ถอนทะเบียน", "ร้าง"),
        *("ended", "cancelled", "canceled", "closed", "surrendered", "inactive", "aac"),
    ),
    Status.INVALID: ("เพิกถอน", "ถูกเพิกถอน", "revoked", "rev"),
}
