"""The parts that the demonstration's invented names are made of, in Thai and as romanized."""

Pair = tuple[str, str]


def _pairs(text: str) -> tuple[Pair, ...]:
    """Pairs out of `thai=english` words, a blank written as _ inside."""
    split = (word.split("=") for word in text.split())
    return tuple((thai.replace("_", " "), english.replace("_", " ")) for thai, english in split)


MEN = _pairs("""
    สมชาย=Somchai ประเสริฐ=Prasert วิชัย=Wichai สุรชัย=Surachai อนันต์=Anan ธนพล=Thanaphon กิตติ=Kitti
    ณัฐพล=Natthaphon พงศกร=Phongsakon ชัยวัฒน์=Chaiwat ธีรพงษ์=Thiraphong วรวุฒิ=Worawut สุทธิพงษ์=Sutthiphong
    อภิชาติ=Aphichat เอกชัย=Ekkachai ปรีชา=Pricha มานพ=Manop บุญเลิศ=Bunloet สมบัติ=Sombat ไพโรจน์=Phairot
    ศักดิ์ชัย=Sakchai จักรพันธ์=Chakkraphan ภานุพงศ์=Phanuphong ธวัชชัย=Thawatchai นิรันดร์=Niran ทวีศักดิ์=Thawisak
    กฤษณะ=Kritsana ปิยะ=Piya ยุทธนา=Yutthana วีระ=Wira สันติ=Santi ดำรง=Damrong คมสัน=Khomsan เจษฎา=Chetsada
    รัชพล=Ratchaphon ศุภชัย=Suphachai อุดม=Udom พิเชษฐ์=Phichet ชาญณรงค์=Channarong นพดล=Noppadon
    โสภณ=Sophon ไกรสร=Kraison ต่อศักดิ์=Tosak เฉลิมพล=Chaloemphon ก้องภพ=Kongphop พีรพัฒน์=Phiraphat
""")

WOMEN = _pairs("""
    สมศรี=Somsi มาลี=Mali วันเพ็ญ=Wanphen สุดารัตน์=Sudarat พรทิพย์=Phonthip นงลักษณ์=Nonglak กาญจนา=Kanchana
    ศิริพร=Siriphon อรทัย=Orathai ปราณี=Prani จันทร์เพ็ญ=Chanphen วิไลวรรณ=Wilaiwan สุนีย์=Suni รัตนา=Rattana
    ณัฐกานต์=Natthakan ปิยะนุช=Piyanut กมลวรรณ=Kamonwan ธิดารัตน์=Thidarat เพ็ญศรี=Phensi ลัดดา=Ladda
    อัจฉรา=Atchara ชุติมา=Chutima นภัสสร=Naphatson พัชรี=Phatchari สายฝน=Saifon ดวงพร=Duangphon บุษบา=Butsaba
    วราภรณ์=Waraphon เกศินี=Kesini จิราพร=Chiraphon ทิพวรรณ=Thipphawan นฤมล=Naruemon ปวีณา=Pawina
    ยุพิน=Yuphin ละออง=Laong ศศิธร=Sasithon สุภาพร=Suphaphon อำไพ=Amphai เบญจมาศ=Benchamat มยุรี=Mayuri
    พิมพ์ใจ=Phimchai แสงเดือน=Saengduean กัลยา=Kanlaya น้ำฝน=Namfon ฐิติมา=Thitima เยาวลักษณ์=Yaowalak
""")

SURNAME_BEGINNINGS = _pairs("""
    ศรี=Si ทอง=Thong บุญ=Bun สุข=Suk วงศ์=Wong แก้ว=Kaeo จันทร์=Chan พงษ์=Phong รัตน=Rattana ธนา=Thana
    กิตติ=Kitti เจริญ=Charoen มงคล=Mongkhon วัฒนา=Watthana ไพศาล=Phaisan อุดม=Udom ประเสริฐ=Prasoet
    สิริ=Siri ชัย=Chai พูน=Phun เพชร=Phet คง=Khong อินทร์=In พรหม=Phrom แสง=Saeng ดวง=Duang โชติ=Chot
    มั่น=Man เกษม=Kasem นวล=Nuan ปัญญา=Panya วิเศษ=Wiset เลิศ=Loet สม=Som ถาวร=Thawon
""")

SURNAME_ENDINGS = _pairs("""
    สุขใจ=sukchai มีทรัพย์=misap วงษ์ทอง=wongthong รุ่งเรือง=rungrueang พัฒนกิจ=phatthanakit สมบูรณ์=sombun
    เจริญผล=charoenphon วิไล=wilai กุล=kun ศักดิ์ดี=sakdi รักษา=raksa ประดิษฐ์=pradit สวัสดิ์=sawat
    ไพบูลย์=phaibun วัฒน์=wat งามดี=ngamdi ธรรม=tham ชื่นบาน=chuenban แสนสุข=saensuk พานิช=phanit
    ภักดี=phakdi นาคินทร์=nakhin ทวีผล=thawiphon พิทักษ์=phithak อำนวย=amnuai ปรีดา=prida สายทอง=saithong
    โพธิ์งาม=phongam มณีรัตน์=manirat ศิลป์=sin
""")

BUSINESS_BEGINNINGS = _pairs("""
    ก้าวหน้า=Kaona รุ่งเรือง=Rungrueang ไทย=Thai สยาม=Siam ทรัพย์=Sap เจริญ=Charoen มั่นคง=Mankhong พัฒนา=Phatthana
    ทอง=Thong บูรพา=Burapha อันดามัน=Andaman ล้านนา=Lanna อีสาน=Isan ทักษิณ=Thaksin นคร=Nakhon สหกิจ=Sahakit
    เอก=Ek ธน=Thana วัฒน=Watthana รัตน=Rattana ศุภ=Supha อุดม=Udom ไพศาล=Phaisan ตะวัน=Tawan สมุทร=Samut
    ภูผา=Phupha ชัย=Chai มิตร=Mit เพชร=Phet พรหม=Phrom กรุง=Krung ชล=Chon เมือง=Mueang นำชัย=Namchai
""")

BUSINESS_ENDINGS = _pairs("""
    ทรัพย์=Sap ชัย=Chai กิจ=Kit ผล=Phon รุ่งโรจน์=Rungrot ทวี=Thawi สิน=Sin พัฒน์=Phat โชค=Chok เจริญ=Charoen
    มงคล=Mongkhon รวย=Ruai ไพบูลย์=Phaibun สมบูรณ์=Sombun บริบูรณ์=Boribun วัฒนา=Watthana กุล=Kun นิยม=Niyom
    ทอง=Thong ธานี=Thani อนันต์=Anan ศิริ=Siri ภักดี=Phakdi ยั่งยืน=Yangyuen
""")

BUSINESS_TRADES = _pairs("""
    การช่าง=Engineering ค้าวัสดุ=Building_Materials เทรดดิ้ง=Trading เอ็นจิเนียริ่ง=Engineering ฟู้ดส์=Foods
    โลจิสติกส์=Logistics พร็อพเพอร์ตี้=Property คอนสตรัคชั่น=Construction การเกษตร=Agriculture เทคโนโลยี=Technology
    อินเตอร์เนชั่นแนล=International ซัพพลาย=Supply กรุ๊ป=Group โฮลดิ้ง=Holding เคมีภัณฑ์=Chemicals ออโต้พาร์ท=Auto_Parts
    การพิมพ์=Printing แพคเกจจิ้ง=Packaging เซอร์วิส=Service ดีไซน์=Design
""")

HOTEL_TRADES = _pairs("""
    โฮเทล=Hotel รีสอร์ท=Resort แอนด์_สปา=and_Spa โฮเทล_แมเนจเม้นท์=Hotel_Management พร็อพเพอร์ตี้=Property
""")
TOUR_TRADES = _pairs("""
    ทราเวล=Travel ทัวร์=Tour ฮอลิเดย์=Holidays ทราเวล_เซอร์วิส=Travel_Service แอดเวนเจอร์=Adventure
""")
CARE_TRADES = _pairs("""
    การแพทย์=Medical เฮลท์แคร์=Healthcare เมดิคอล=Medical คลินิกกรุ๊ป=Clinic_Group เวลเนส=Wellness
""")
FACTORY_TRADES = _pairs("""
    อุตสาหกรรม=Industry ฟู้ดส์=Foods พลาสติก=Plastics โลหะกิจ=Metal_Works ผลิตภัณฑ์ไม้=Wood_Products
    แพคเกจจิ้ง=Packaging ออโต้พาร์ท=Auto_Parts สิ่งทอ=Textiles เคมีภัณฑ์=Chemicals ปิโตรเลียม=Petroleum
""")

NICKNAMES = (
    "แดง", "นิด", "หน่อย", "ติ๋ม", "แมว", "ต้อย", "เล็ก", "อ้วน", "จุ๋ม", "แอ๋ว", "หมู", "ไก่", "นก", "ปู", "กุ้ง",
    "ตุ๊ก", "อี๊ด", "เปิ้ล", "ก้อย", "อ้อย", "แต๋ว", "จิ๋ว", "แก้ว", "สมร", "ประนอม", "บังอร", "ละเอียด", "สมพงษ์",
)  # fmt: skip

ROADS: dict[int, tuple[str, ...]] = {
    10: ("พระรามที่ 1", "พระรามที่ 4", "เพลินจิต", "พหลโยธิน", "รัชดาภิเษก", "สุขุมวิท 26", "จรัญสนิทวงศ์"),
    50: ("ห้วยแก้ว", "ช้างคลาน", "สุเทพ", "ท่าแพ", "นิมมานเหมินท์", "ทุ่งโฮเต็ล"),
    77: ("เพชรเกษม", "นเรศดำริห์", "เดชานุชิต", "สระสรง", "ชมสินธุ์", "พูลสุข"),
    83: ("ราษฎร์อุทิศ 200 ปี", "เทพกระษัตรี", "วิชิตสงคราม", "ทวีวงศ์", "ปฏัก", "เจ้าฟ้าตะวันตก"),
    90: ("นิพัทธ์อุทิศ 1", "เพชรเกษม", "กาญจนวนิช", "ราษฎร์ยินดี", "ศรีภูวนารถ"),
    40: ("มิตรภาพ", "ศรีจันทร์", "กลางเมือง", "หน้าเมือง", "ประชาสโมสร"),
    20: ("สุขุมวิท", "พัทยาสาย 2", "เทพประสิทธิ์", "บางแสนสาย 1"),
    25: ("สุวรรณศร", "ทางหลวงหมายเลข 304", "ปราจีนอนุสรณ์"),
}
ROADS_ELSEWHERE = ("มิตรภาพ", "สุขุมวิท", "เทศบาล 1", "ประชาอุทิศ", "ราษฎร์บำรุง", "ชยางกูร", "อุดรดุษฎี")

HAZARDS: tuple[tuple[str, str, str], ...] = (
    ("การพ่นสี เคาะ ปะผุยานยนต์", "อู่ช่าง{}", "อู่ {} การช่าง"),
    ("การซ่อม ปรับแต่งเครื่องยนต์", "อู่{}เซอร์วิส", "{} ออโต้เซอร์วิส"),
    ("การซักอบรีดด้วยเครื่องจักร", "ร้านซักรีด{}", "{} ลอนดรี้"),
    ("การเสริมสวยหรือแต่งผม", "ร้านเสริมสวย{}", "{} แฮร์สตูดิโอ"),
    ("การกลึง เจาะ เชื่อมโลหะ", "โรงกลึงช่าง{}", "{} โลหะกิจ"),
    ("การผลิตน้ำแข็ง", "โรงน้ำแข็ง{}", "โรงน้ำแข็ง {}"),
    ("การผลิตน้ำดื่มบรรจุขวด", "น้ำดื่ม{}", "น้ำดื่มตรา {}"),
    ("การล้าง ขัดสี เคลือบสีรถ", "คาร์แคร์{}", "{} คาร์แคร์"),
    ("การสะสมวัสดุก่อสร้าง", "ร้านวัสดุก่อสร้าง{}", "{} ค้าวัสดุ"),
    ("การแปรรูปไม้ด้วยเครื่องจักร", "โรงไม้{}", "โรงไม้ {}"),
    ("การเลี้ยงไก่", "ฟาร์มไก่{}", "{} ฟาร์ม"),
    ("การจัดให้มีการออกกำลังกาย", "ยิม{}", "{} ฟิตเนส"),
)
FOODS: tuple[tuple[str, str], ...] = (
    ("ข้าวแกง", "ร้านข้าวแกงป้า{}"),
    ("ก๋วยเตี๋ยว", "ก๋วยเตี๋ยวเรือเจ๊{}"),
    ("อาหารตามสั่ง", "ครัว{}"),
    ("อาหารทะเล", "{}ซีฟู้ด"),
    ("กาแฟและเครื่องดื่ม", "บ้านกาแฟ{}"),
    ("ขนมไทย", "ขนมไทยแม่{}"),
    ("เบเกอรี่", "{} เบเกอรี่"),
    ("ของชำและอาหารแห้ง", "ร้านชำ{}"),
    ("อาหารอีสาน", "ส้มตำแซ่บ{}"),
    ("โจ๊กและข้าวต้ม", "โจ๊กเฮีย{}"),
)
TRADES_SMALL = (
    "ขายเสื้อผ้าสำเร็จรูป", "ขายอะไหล่รถจักรยานยนต์", "ซ่อมคอมพิวเตอร์", "ขายสินค้าทางอินเทอร์เน็ต",
    "ขายเครื่องใช้ไฟฟ้า", "ให้เช่ารถจักรยานยนต์", "ขายของที่ระลึก", "ขายเครื่องสำอาง", "รับถ่ายเอกสาร เข้าเล่ม",
)  # fmt: skip
FACTORY_ACTIVITIES: tuple[tuple[str, str], ...] = (
    ("34(1)", "เลื่อย ไส ซอย ไม้"),
    ("9(1)", "สีข้าว"),
    ("10(1)", "ทำขนมปังและขนมเค้ก"),
    ("14", "ทำน้ำแข็งก้อนใหญ่"),
    ("53(5)", "ทำผลิตภัณฑ์พลาสติก เช่น ถุง กล่อง"),
    ("58(1)", "ทำคอนกรีตผสมเสร็จ"),
    ("64(13)", "ทำชิ้นส่วนโลหะสำหรับเครื่องจักร"),
    ("77(2)", "ทำชิ้นส่วนพิเศษสำหรับรถยนต์"),
    ("41(1)", "พิมพ์สิ่งพิมพ์และบรรจุภัณฑ์กระดาษ"),
    ("28(1)", "ตัดเย็บเสื้อผ้าสำเร็จรูป"),
    ("20(1)", "ทำน้ำดื่มบรรจุขวด"),
    ("95(1)", "ซ่อมแซมยานที่ขับเคลื่อนด้วยเครื่องยนต์"),
)
OBJECTIVES = (
    "ประกอบกิจการค้าวัสดุก่อสร้าง", "ประกอบกิจการรับเหมาก่อสร้างอาคารที่พักอาศัย", "ประกอบกิจการร้านอาหารและเครื่องดื่ม",
    "ประกอบกิจการขนส่งและขนถ่ายสินค้า", "ประกอบกิจการพัฒนาซอฟต์แวร์ตามความต้องการของลูกค้า",
    "ประกอบกิจการซื้อขายและให้เช่าอสังหาริมทรัพย์", "ประกอบกิจการขายส่งผลไม้และผัก", "ประกอบกิจการให้คำปรึกษาด้านการบริหาร",
)  # fmt: skip
HOTELS = ("โรงแรม{}", "{} รีสอร์ท", "{} บีช โฮเทล", "บ้าน{} บูติค โฮเทล", "โรงแรม {} แกรนด์", "{} การ์เด้น รีสอร์ท")
SECOND_HAND = ("พระเครื่องและของโบราณ", "โทรศัพท์มือถือใช้แล้ว", "เครื่องใช้ไฟฟ้าใช้แล้ว", "เฟอร์นิเจอร์ไม้เก่า", "ทองรูปพรรณเก่า")
FIREARMS = ("ปืนพกกึ่งอัตโนมัติ ขนาด 9 มม.", "ปืนลูกซอง ขนาด 12", "ปืนพกลูกโม่ ขนาด .38", "ปืนยาวอัดลม ขนาด .177")
CLINICS: dict[str, tuple[str, str, tuple[str, str]]] = {
    # class → sign, profession of who operates it, and that profession's titles
    "medical": ("คลินิกเวชกรรม{}", "physician", ("นายแพทย์", "แพทย์หญิง")),
    "dental": ("คลินิกทันตกรรม{}", "dentist", ("ทันตแพทย์", "ทันตแพทย์หญิง")),
    "specialist": ("คลินิกเฉพาะทางผิวหนัง{}", "physician", ("นายแพทย์", "แพทย์หญิง")),
    "physio": ("คลินิกกายภาพบำบัด{}", "physiotherapist", ("นาย", "นางสาว")),
    "thai": ("คลินิกการแพทย์แผนไทย{}", "thai", ("นาย", "นาง")),
    "nursing": ("คลินิกการพยาบาลและการผดุงครรภ์{}", "nurse", ("นาย", "นางสาว")),
    "hospital": ("โรงพยาบาล{}", "physician", ("นายแพทย์", "แพทย์หญิง")),
}
PROVINCE_LETTERS: dict[int, str] = {
    10: "กท", 11: "สป", 12: "นบ", 13: "ปท", 20: "ชบ", 21: "รย", 25: "ปจ", 30: "นม", 34: "อบ", 40: "ขก", 41: "อด",
    50: "ชม", 57: "ชร", 65: "พล", 74: "สค", 77: "ปข", 81: "กบ", 83: "ภก", 84: "สฎ", 90: "สข",
}  # fmt: skip
