"""What the invented names of the search benchmarks are made of: pairs of Thai and English, a blank written as _."""

Pair = tuple[str, str]


def _pairs(text: str) -> tuple[Pair, ...]:
    split = (word.split("=") for word in text.split())
    return tuple((thai.replace("_", " "), english.replace("_", " ")) for thai, english in split)


GIVEN_BEGINNINGS = _pairs("""
    ณัฐ=Nattha ธน=Thana วร=Wora ศิริ=Siri สุ=Su ปิย=Piya กิตติ=Kitti จิร=Chira ชล=Chon รัตน=Rattana วิ=Wi
    ธีร=Thira กมล=Kamon อร=Ora นภ=Nopha ภัทร=Phatthra สิทธิ=Sitthi พิชญ=Phitchaya ชนิ=Chani ปุณย=Punya
    ธัญ=Thanya เบญจ=Bencha จารุ=Charu ทิพ=Thip ดวง=Duang พัชร=Phatchara มน=Mana ฐิติ=Thiti อภิ=Aphi
    เกียรติ=Kiat บวร=Bowon ชุติ=Chuti ศุภ=Supha เสาว=Saowa อนุ=Anu วีร=Wira รุ่ง=Rung ขวัญ=Khwan
""")
GIVEN_ENDINGS = _pairs("""
    พล=phon ชัย=chai วัฒน์=wat พร=phon กานต์=kan ภัทร=phat ศักดิ์=sak พงษ์=phong วุฒิ=wut เดช=det ธร=thon
    วรรณ=wan ลักษณ์=lak รัตน์=rat ทิพย์=thip ภา=pha มาศ=mat จิต=chit นันท์=nan ชญา=chaya ภพ=phop ดา=da
    ยุทธ=yut เทพ=thep รักษ์=rak มณี=mani โชค=chok นาฏ=nat สุดา=suda ปรียา=priya
""")
SURNAME_BEGINNINGS = _pairs("""
    ธรรม=Thamma ชัย=Chai สุวรรณ=Suwanna ปิ่น=Pin ดำรง=Damrong พิพัฒน์=Phiphat ตั้ง=Tang ลิ้ม=Lim แซ่=Sae_
    อัศว=Atsawa จตุ=Chatu บัว=Bua นิล=Nin เทียน=Thian หอม=Hom ภู่=Phu ช่วย=Chuai คำ=Kham อุ่น=Un ยิ้ม=Yim
    ไชย=Chai โพธิ์=Pho รอด=Rot เนียม=Niam กล่ำ=Klam ปาน=Pan ขำ=Kham เผือก=Phueak สาย=Sai กลิ่น=Klin
""")
SURNAME_ENDINGS = _pairs("""
    ขจร=khachon มาลัย=malai สกุล=sakun วงศ์=wong เกตุ=ket อ่อน=on เพียร=phian ประทีป=prathip ธาดา=thada
    กุลชัย=kunchai บุญมี=bunmi เจริญพร=charoenphon ศรีงาม=singam นาคสุข=naksuk ทองดี=thongdi รัศมี=ratsami
    เลิศล้ำ=loetlam แสนดี=saendi ชูชาติ=chuchat มั่งมี=mangmi สวัสดี=sawatdi คงทน=khongthon พรหมมา=phromma
    อินทร=inthon ไพร=phrai กำเนิด=kamnoet ภู=phu สมุทร=samut พิมาน=phiman วารี=wari
""")
SHOP_BEGINNINGS = _pairs("""
    ยิ้ม=Yim ฟ้า=Fa ดาว=Dao ตะวัน=Tawan จันทร์=Chan รุ่ง=Rung สุข=Suk สวน=Suan บ้าน=Ban ริม=Rim ใบ=Bai ดอก=Dok
    น้ำ=Nam ลม=Lom ทราย=Sai หอม=Hom หวาน=Wan ครู=Khru ช้าง=Chang เสือ=Suea มังกร=Mangkon หงส์=Hong นก=Nok
    ปลา=Pla ข้าว=Khao มะลิ=Mali บัว=Bua แก้ว=Kaeo เงิน=Ngoen ทอง=Thong เพชร=Phet มณี=Mani ธารา=Thara
    ภูมิ=Phum ไพร=Phrai ศิลป์=Sin พร=Phon โชค=Chok ลาภ=Lap ทวี=Thawi พูน=Phun อิ่ม=Im เพลิน=Phloen
    ซัน=Sun โกลเด้น=Golden กรีน=Green บลู=Blue ไวท์=White สตาร์=Star รอยัล=Royal เลิฟ=Love แฮปปี้=Happy
    เอเชีย=Asia โอเรียน=Orient ซิตี้=City อัลฟ่า=Alpha เบสท์=Best โปร=Pro พรีเมียร์=Premier ออร์คิด=Orchid
""")
SHOP_ENDINGS = _pairs("""
    ใส=sai งาม=ngam สวย=suai สด=sot ดี=di เย็น=yen สบาย=sabai ใจ=chai รัก=rak ทอง=thong ไทย=thai เพชร=phet
    รุ่งเรือง=rungrueang ก้าวหน้า=kaona มงคล=mongkhon สมบูรณ์=sombun ธานี=thani บุรี=buri นคร=nakhon วัน=wan
    คืน=khuen แดง=daeng เขียว=khiao ขาว=khao น้อย=noi ใหญ่=yai เก่า=kao ใหม่=mai เหนือ=nuea ใต้=tai
    วิว=view แลนด์=land เวย์=way พลัส=plus เฮ้าส์=house โฮม=home เพลส=place พอยท์=point ไลฟ์=life แคร์=care
    ช็อป=shop มาร์ท=mart เทค=tech วิลล่า=villa การ์เด้น=garden ฮิลล์=hill เลค=lake โมเดิร์น=modern
""")
COMPANY_TRADES = _pairs("""
    เทรดดิ้ง=Trading เอ็นจิเนียริ่ง=Engineering ฟู้ดส์=Foods โลจิสติกส์=Logistics พร็อพเพอร์ตี้=Property
    คอนสตรัคชั่น=Construction เทคโนโลยี=Technology อินเตอร์เนชั่นแนล=International ซัพพลาย=Supply กรุ๊ป=Group
    โฮลดิ้ง=Holding เคมีภัณฑ์=Chemicals การพิมพ์=Printing แพคเกจจิ้ง=Packaging เซอร์วิส=Service ดีไซน์=Design
    ฟาร์มา=Pharma เมดิคอล=Medical โฮเทล=Hotel ทราเวล=Travel การเกษตร=Agriculture อุตสาหกรรม=Industry
    พลาสติก=Plastics โลหะกิจ=Metal_Works ขนส่ง=Transport ก่อสร้าง=Construction มอเตอร์=Motor เอ็นเนอร์ยี่=Energy
    โซลูชั่น=Solutions มีเดีย=Media ประกันภัย=Insurance รีเทล=Retail อิเล็คทรอนิกส์=Electronics สิ่งทอ=Textiles
""")
SIGNS: dict[str, tuple[str, ...]] = {
    "pharmacy": ("ร้านยา{}", "{}เภสัช", "{} ฟาร์มาซี", "ร้านขายยา{}", "บ้านยา{}"),
    "liquor": ("ร้าน{} มินิมาร์ท", "{} บาร์", "ร้านชำ{}", "{} พาณิชย์", "{} บีชคลับ"),
    "clinic": ("คลินิกทันตกรรม{}", "คลินิกเวชกรรม{}", "{}คลินิก", "โรงพยาบาล{}", "คลินิกกายภาพบำบัด{}"),
    "hotel": ("โรงแรม{}", "{} รีสอร์ท", "{} บูติค โฮเทล", "บ้าน{} โฮมสเตย์", "{} บีช โฮเทล"),
    "factory": ("โรงงาน{}", "โรงสี{}", "โรงน้ำแข็ง{}", "โรงไม้{}", "{} อุตสาหกรรม"),
    "hazard": ("อู่{}เซอร์วิส", "ร้านซักรีด{}", "ร้านเสริมสวย{}", "คาร์แคร์{}", "{} ฟิตเนส", "โรงกลึง{}"),
    "food": ("ครัว{}", "ก๋วยเตี๋ยว{}", "ร้านอาหาร{}", "{} ซีฟู้ด", "บ้านกาแฟ{}", "ส้มตำ{}", "{} เบเกอรี่"),
    "commercial": ("ร้าน{}พาณิชย์", "{} การค้า", "ร้าน{}", "{}โมบาย"),
    "tour": ("{} ทราเวล", "{} ทัวร์", "{} ฮอลิเดย์"),
    "animals": ("โรงพยาบาลสัตว์{}", "คลินิกรักษาสัตว์{}"),
    "antiques": ("ร้าน{}ของเก่า", "{} แอนทีค"),
    "massage": ("{} นวดแผนไทย", "{} สปา", "บ้านนวด{}"),
}
ROADS = (
    "สุขุมวิท", "เพชรเกษม", "พหลโยธิน", "มิตรภาพ", "รามคำแหง", "ลาดพร้าว", "รัชดาภิเษก", "พระรามที่ 2", "เทศบาล 1",
    "ราษฎร์บำรุง", "ประชาอุทิศ", "วิภาวดีรังสิต", "ชนเกษม", "ศรีนครินทร์", "เจริญนคร", "บายพาส", "หน้าเมือง", "ริมคลอง",
    "สถานีรถไฟ", "ตลาดใหม่", "ชายทะเล", "ทางหลวงหมายเลข 4", "นิมมานเหมินท์", "เยาวราช", "อ่อนนุช", "แจ้งวัฒนะ",
)  # fmt: skip
