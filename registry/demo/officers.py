"""The officers of the demonstration register."""

from dataclasses import dataclass

from registry.demo.agencies import (
    ADMINISTRATION,
    BUSINESS,
    CHIANG_MAI,
    EXCISE,
    FACTORIES,
    HEALTH,
    HUA_HIN,
    LIVESTOCK,
    PATHUM_WAN,
    TOURISM,
)
from registry.permissions import Role


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """An officer of the demonstration; passwords are drawn anew for each register."""

    login: str
    agency: int
    name: str
    position: str
    role: Role


OFFICERS: tuple[DemoOfficer, ...] = (
    DemoOfficer("huahin.issuer", HUA_HIN, "นางสาวพิมพ์ชนก ทองทะเล", "นักวิชาการสาธารณสุขชำนาญการ", Role.ISSUER),
    DemoOfficer("huahin.approver", HUA_HIN, "นายอรรถพล เขาตะเกียบ", "ปลัดเทศบาล", Role.APPROVER),
    DemoOfficer("huahin.viewer", HUA_HIN, "นางวารุณี สมอเรียง", "เจ้าพนักงานธุรการ", Role.VIEWER),
    DemoOfficer("excise.issuer", EXCISE, "นายธีรเดช อันดามัน", "นักวิชาการสรรพสามิต", Role.ISSUER),
    DemoOfficer("excise.approver", EXCISE, "นางสุภาวดี ทุ่งคา", "สรรพสามิตพื้นที่", Role.APPROVER),
    DemoOfficer("health.issuer", HEALTH, "นางสาวกนกวรรณ รุ่งสุข", "นักวิชาการสาธารณสุข", Role.ISSUER),
    DemoOfficer("health.approver", HEALTH, "นายแพทย์ภูริช นนทชัย", "ผู้อำนวยการกองสถานพยาบาล", Role.APPROVER),
    DemoOfficer("dopa.issuer", ADMINISTRATION, "นายวิทยา บ้านเหนือ", "เจ้าพนักงานปกครอง", Role.ISSUER),
    DemoOfficer("dopa.approver", ADMINISTRATION, "นายสุรเชษฐ์ วังหลวง", "นายทะเบียนโรงแรม", Role.APPROVER),
    DemoOfficer("key.officer", ADMINISTRATION, "นางสาวกุลธิดา รักษากุญแจ", "นักวิชาการคอมพิวเตอร์", Role.KEY_OFFICER),
    DemoOfficer("factory.issuer", FACTORIES, "นายชัยวัฒน์ ช่างกล", "วิศวกรชำนาญการ", Role.ISSUER),
    DemoOfficer("factory.approver", FACTORIES, "นางอัญชลี กิจอุตสาหะ", "ผู้อำนวยการกองโรงงาน", Role.APPROVER),
    DemoOfficer("dbd.issuer", BUSINESS, "นางสาวณัฐธิดา พาณิชยกุล", "นักวิชาการพาณิชย์", Role.ISSUER),
    DemoOfficer("dbd.approver", BUSINESS, "นายประวิทย์ สมบูรณ์การ", "นายทะเบียน", Role.APPROVER),
    DemoOfficer("tourism.issuer", TOURISM, "นายปกรณ์ เที่ยวไทย", "นักพัฒนาการท่องเที่ยว", Role.ISSUER),
    DemoOfficer("tourism.approver", TOURISM, "นางมณีรัตน์ ทางทอง", "นายทะเบียนธุรกิจนำเที่ยว", Role.APPROVER),
    DemoOfficer("livestock.issuer", LIVESTOCK, "นางสาวอารยา ทุ่งกุลา", "สัตวแพทย์ชำนาญการ", Role.ISSUER),
    DemoOfficer("livestock.approver", LIVESTOCK, "นายสมศักดิ์ ไร่นา", "ผู้อำนวยการสำนักพัฒนา", Role.APPROVER),
    DemoOfficer("chiangmai.issuer", CHIANG_MAI, "นางสาวคำแก้ว ณ เวียงพิงค์", "นักวิชาการสุขาภิบาล", Role.ISSUER),
    DemoOfficer("chiangmai.approver", CHIANG_MAI, "นายอินทร แสงเมือง", "รองปลัดเทศบาล", Role.APPROVER),
    DemoOfficer("pathumwan.issuer", PATHUM_WAN, "นางดวงใจ สระปทุม", "นักวิชาการสุขาภิบาล", Role.ISSUER),
    DemoOfficer("pathumwan.approver", PATHUM_WAN, "นายเกรียงไกร บึงทองหลาง", "หัวหน้าฝ่ายสิ่งแวดล้อม", Role.APPROVER),
)


# Whose log-ins are printed: two persons each of three agencies, one of a fourth, one who only looks, one for the keys.
SHOWN = (
    "huahin.issuer",
    "huahin.approver",
    "huahin.viewer",
    "excise.issuer",
    "dopa.issuer",
    "dopa.approver",
    "dbd.issuer",
    "dbd.approver",
    "key.officer",
)
