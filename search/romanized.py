"""How words are romanized whose spelling in Thai does not tell it, and the loan words that firms are named with."""

_NATIVE = """
เจริญ=charoen สิริ=siri ทรัพย์=sap ไทย=thai ไชย=chai ชัย=chai วิชัย=wichai พันธุ์=phan พันธ์=phan ศักดิ์=sak
สิทธิ์=sit จันทร์=chan ยนต์=yon บุตร=but เพชร=phet มิตร=mit เกษตร=kaset สมุทร=samut นคร=nakhon บุญ=boon
พัฒนา=phatthana วัฒนา=watthana รัตนา=rattana พัฒน=phatthana วัฒน=watthana รัตน=rattana เกษม=kasem พรหม=phrom
พรม=phrom สวรรค์=sawan หลง=long หล่ม=lom แคว=khwae แหวน=waen ชมพู=chomphu สาคร=sakhon สามารถ=samat
กฤษณา=kritsana ภูเก็ต=phuket เบตง=betong เพชรบุรี=phetchaburi ราชบุรี=ratchaburi สงขลา=songkhla สระบุรี=saraburi
นนทบุรี=nonthaburi พิษณุโลก=phitsanulok กาฬสินธุ์=kalasin ยโสธร=yasothon สุวรรณ=suwan วรรณ=wan ธรรม=tham
พรรณ=phan กรรณ=kan สวัสดิ์=sawat ประสงค์=prasong อุตร=uttara บูรพา=burapha ทวี=thawi นิยม=niyom ถาวร=thawon
ราช=rat
สุวรรณา=suwanna มนตรี=montri กฤษณ์=krit เกียรติ=kiat เกียรติศักดิ์=kiatsak เฉลิม=chaloem อรทัย=orathai อรสา=orasa สุรชัย=surachai
สุรพล=suraphon สุรศักดิ์=surasak ณัฐพล=natthaphon ธรรมรัตน์=thammarat รัตนาภรณ์=rattanaphon
"""

# The first parts of names and words whose last vowel is spoken only where another part follows: วรศักดิ์ is worasak.
_LINKED = """
วร=wora จิร=chira ธีร=thira พีร=phira วีร=wira วชิร=wachira สุร=sura อร=ora อัคร=akkhara นภ=nopha ศุภ=supha ธน=thana ปิย=piya
ภัทร=phatthra พัชร=phatchara วัชร=watchara ณัฐ=nattha รัฐ=rattha วุฒิ=wutthi ภูมิ=phumi ราช=ratcha กิตติ=kitti สิทธิ=sitthi
"""

# Those that most of 47,000 registered company names are made of, in the spellings that these have.
_LOANS = """
อินเตอร์=inter เทรด=trade ดิ้ง=ding เทรดดิ้ง=trading กรุ๊ป=group เซอร์วิส=service เอ็นจิเนียริ่ง=engineering
คอน=con สตรัคชั่น=struction คอนสตรัคชั่น=construction เทค=tech เทคโนโลยี=technology ดีไซน์=design โฮม=home
เฮ้าส์=house เฮาส์=house คลินิก=clinic แคร์=care ฟู้ด=food ฟู้ดส์=foods ฟาร์ม=farm ฟาร์มา=pharma
ฟาร์มาซี=pharmacy เซ็นเตอร์=center เซนเตอร์=center มาร์เก็ต=market มินิมาร์ท=minimart พลัส=plus โฮลดิ้ง=holding
โฮลดิงส์=holdings อินเตอร์เนชั่นแนล=international เอ็กซ์พอร์ต=export อิมพอร์ต=import โปรดักส์=products
ซัพพลาย=supply โลจิสติกส์=logistics ทราเวล=travel ทัวร์=tour รีสอร์ท=resort รีสอร์ต=resort สปา=spa คาเฟ่=cafe
โซลูชั่น=solution ซิสเต็ม=system มอเตอร์=motor พาวเวอร์=power เพาเวอร์=power กรีน=green โกลด์=gold
โกลเด้น=golden สมาร์ท=smart เดนทัล=dental กอล์ฟ=golf อีสเทิร์น=eastern อีสเทอร์น=eastern รีเทล=retail
สมายล์=smile เบสท์=best โลตัส=lotus ดรักสโตร์=drugstore สโตร์=store สไตล์=style บัตเตอร์=butter เบเกอรี่=bakery
ไนท์=night ไลท์=light มูนไลท์=moonlight เพลส=place เพลซ=place พาเลซ=palace แกรนด์=grand รอยัล=royal
การ์เด้น=garden การ์เดน=garden วิลล่า=villa วิลล์=ville โฮเทล=hotel โฮเต็ล=hotel โฮสเทล=hostel บีช=beach ซี=sea
ซีฟู้ด=seafood ลอนดรี้=laundry ไลฟ์=life ไวน์=wine เลค=lake วิว=view ไรซ์=rice ฟิวเจอร์=future ดิจิทัล=digital
โซลาร์=solar ซันไรส์=sunrise เอ็นเนอร์ยี่=energy พร็อพเพอร์ตี้=property แพคเกจจิ้ง=packaging พลาสติก=plastic
เมดิคอล=medical เฮลท์=health แคปปิตอล=capital ไอที=it คอมพิวเตอร์=computer โมบาย=mobile เอเชีย=asia
แปซิฟิก=pacific โอเชี่ยน=ocean เวิลด์=world ซิตี้=city ทาวน์=town เซาท์=south นอร์ท=north เวสต์=west อีสต์=east
พอยท์=point ช็อป=shop บูติค=boutique แฟชั่น=fashion บิวตี้=beauty คอฟฟี่=coffee คิทเช่น=kitchen
เรสเตอรองท์=restaurant เลิฟ=love แฮปปี้=happy ฮิลล์=hill โมเดิร์น=modern คลับ=club ฟิตเนส=fitness เพ็ท=pet
เวท=vet ไอซ์=ice เพิร์ล=pearl ออคิด=orchid ออร์คิด=orchid พรีเมียร์=premier แอนด์=and เดอะ=the ประเทศไทย=thailand ไทยแลนด์=thailand ออฟ=of โก=go
เอเซีย=asia ไชน่า=china สปอร์ต=sport ทรานสปอร์ต=transport ทรานส์=trans คอร์ป=corp คอร์ปอเรชั่น=corporation
คอร์เปอร์เรชั่น=corporation คอร์เปอเรชั่น=corporation คอร์เปอร์เรชัน=corporation ออโต้=auto ออโต=auto คาร์=car
มาร์เก็ตติ้ง=marketing มาร์ท=mart มาร์เกต=market แลนด์=land เวิร์ค=work เวิร์ก=work เวิร์คส์=works
ดีเวลลอปเม้นท์=development ดีเวลลอปเมนท์=development ดีเวลล็อปเม้นท์=development ดิวิล็อปเม้นท์=development
ดีเวลลอปเมนต์=development พาร์ท=part พาร์ทส์=parts สตาร์=star เอสเตท=estate เรียลเอสเตท=realestate
ดับเบิ้ล=double ดับเบิล=double ดั๊บเบิ้ล=double ทริปเปิ้ล=triple เอ็นเตอร์ไพรส์=enterprise
เอนเตอร์ไพรส์=enterprise เอ็นเตอร์ไพร์ส=enterprise เอ็นเตอร์ไพรซ์=enterprise เอนเตอร์ไพรซ์=enterprise แอร์=air
คอนซัลติ้ง=consulting คอนซัลท์=consult คอนซัลแทนท์=consultant คอนซัลแตนท์=consultant คอนซัลแทนต์=consultant
คอนซัลแตนต์=consultant คอนเซาแทนท์=consultant คอนซัลแทนซี่=consultancy การ์ด=guard อินโนเวชั่น=innovation
เน็ตเวิร์ค=network เน็ทเวิร์ค=network เน็ต=net เน็ท=net ลอว์=law ลีกัล=legal เอ็ดดูเคชั่น=education
เอ็ดดูเคชั่นแนล=educational แอดวานซ์=advance โปรดักชั่น=production โปรดักท์=product โปรดักท์ส=products
โพรดักส์=products วอเตอร์=water ไลน์=line เจมส์=gems โฮลดิ้งส์=holdings โฮลดิ้งส=holdings อิมปอร์ต=import
อิมพอร์ท=import เอ็กซ์ปอร์ต=export เอ็กซปอร์ต=export เอ็กซ์พอร์ท=export ออยล์=oil แก๊ส=gas เอ็นจิเนียร์=engineer
เอ็นจิเนียร์ริ่ง=engineering เอนจิเนียริ่ง=engineering เอ็นยิเนียริ่ง=engineering ซีเคียวริตี้=security
ซีเคียวริที่=security เซฟตี้=safety ซุปเปอร์=super ซูเปอร์=super ครีเอชั่น=creation ครีเอทีฟ=creative
อินฟินิตี้=infinity มาสเตอร์=master อินดัสทรี=industry อินดัสทรี่=industry อินดัสตรี=industry
อินดัสตรี้=industry อินดัสทรีส์=industries อินดัสเทรียล=industrial อินดัสเตรียล=industrial ฟู๊ด=food ฟูด=food
ฟู๊ดส์=foods ฟูดส์=foods ซัคเซส=success โซล่าร์=solar โซล่า=solar บิ๊ก=big รีไซเคิล=recycle พรีเมี่ยม=premium
พรีเมียม=premium เฟอร์นิเจอร์=furniture วินด์=wind เซอร์วิสเซส=services เซอร์วิสเซ็น=servicecenter
อินทีเรีย=interior เท็กซ์ไทล์=textile เท็กซ์ไทล=textile เพอร์เฟค=perfect เพอร์เฟ็ค=perfect เฟิร์ส=first
เฟิร์สท์=first เอ็นเนอร์จี=energy เอ็นเนอร์จี้=energy เอ็นเนอร์ยี=energy เอนเนอร์จี=energy เอนเนอร์จี้=energy
เอนเนอร์ยี่=energy ซิสเต็มส์=systems ซิสเท็ม=system ซิสเท็มส์=systems สไมล์=smile ชิปปิ้ง=shipping ทูลส์=tools
คลีนนิ่ง=cleaning คลีน=clean เทรนนิ่ง=training ลิสซิ่ง=leasing ลีสซิ่ง=leasing ควอลิตี้=quality ฮอลิเดย์=holiday
เดย์=day เอ็กซ์เพรส=express เอ็กซ์เพิร์ท=expert เอ็คเพิร์ท=expert ไดมอนด์=diamond แม็กซ์=max แมกซ์=max ไนน์=nine
เซเว่น=seven ไฟว์=five เอท=eight เทอร์ตี้=thirty ไบค์=bike ท็อป=top เอเจนซี่=agency ซอร์ส=source
บิวดิ้ง=building บิลดิ้ง=building บิวเดอร์=builder มันนี่=money เซอร์เวย์=survey ยูไนเต็ด=united ยูเนี่ยน=union
แล็บ=lab เวนเจอร์=venture เวนเจอร์ส=ventures พร๊อพเพอร์ตี้=property พรอพเพอร์ตี้=property พร็อพเพอตี้=property
เรียลตี้=realty เนเจอร์=nature เนเชอร์=nature รับเบอร์=rubber เรสซิเดนซ์=residence เรสซิเด้นซ์=residence
เอ็นเตอร์เทนเม้นท์=entertainment เอ็นเตอร์เทนเมนท์=entertainment ไพร์ม=prime แอคเคาท์ติ้ง=accounting
แอคเคาน์ติ้ง=accounting ออดิท=audit เดคคอร์=decor ดิสทริบิวชั่น=distribution บอดี้=body วู้ด=wood วู๊ด=wood
วู้ดชิพ=woodchip วู๊ดชิพ=woodchip แพ็ค=pack แพคเก็จจิ้ง=packaging วิชั่น=vision แมเนจเม้นท์=management
แมเนจเมนท์=management แมเนจเมนต์=management เมเนจเม้นท์=management เมเนจเมนท์=management แมนเนจเม้นท์=management
โปรเฟสชั่นแนล=professional เฮิร์บ=herb เฮลท์ตี้=healthy เฮลธ์=health เฮลท์แคร์=healthcare เอ็กซ์เชนจ์=exchange
อิเล็คทริค=electric อิเลคทริค=electric อิเล็กทริค=electric อิเล็คทริก=electric อิเล็กทรอนิกส์=electronics
แฟมิลี่=family จิวเวลรี่=jewelry มายด์=mind ฮาร์ดแวร์=hardware ซอฟท์แวร์=software ซอฟต์แวร์=software
ออโตเมชั่น=automation พรีซิชั่น=precision ออนไลน์=online ลิฟวิ่ง=living ลีฟวิ่ง=living ฟรุ๊ต=fruit ฟรุ้ต=fruit
ฟรุต=fruit คอสเมติกส์=cosmetics คอสเมติก=cosmetic เปเปอร์=paper ฟิล์ม=film พาร์ค=park ปาร์ค=park อีซี่=easy
สเตชั่น=station แมชชีน=machine แมชชีนเนอรี่=machinery แมชชินเนอรี่=machinery แอดเวอร์ไทซิ่ง=advertising
มีเดีย=media พริ้นติ้ง=printing ปริ้นติ้ง=printing ไวด์=wide พาร์ทเนอร์=partner บิสซิเนส=business
บิซิเนส=business บิสสิเนส=business บิสิเนส=business อพาร์ทเม้นท์=apartment แมนชั่น=mansion ซีวิล=civil
ลัคกี้=lucky อีเว้นท์=event ลิงค์=link โมลด์=mold เวลธ์=wealth คัลเลอร์=color วินเนอร์=winner ออร์แกนิค=organic
ออร์แกนิก=organic ออร์แกนิคส์=organics ลิฟท์=lift คอมเมอร์เชียล=commercial เน็กซ์=next ซิลเวอร์=silver คิง=king
คิงส์=kings ควีน=queen เฟรนด์=friend เท็กซ์=tex เอาท์=out อาร์คิเทค=architect สกิน=skin สกินแคร์=skincare
โอเวอร์=over ฟอร์เวิร์ด=forward แทรคเตอร์=tractor เอิร์ธ=earth พาราไดซ์=paradise เลิร์น=learn คลาวด์=cloud
เมนเทนแนนซ์=maintenance คอมมูนิเคชั่น=communication ไทเกอร์=tiger ซอฟท์=soft ปาล์ม=palm ซัพพลายเออร์=supplier
ซัพพลายส์=supplies สแควร์=square คิดส์=kids คอนสทรัคชั่น=construction คอนสตรั๊คชั่น=construction
คอนสตรัคชัน=construction คอนสตรัคท์=construct แอดไวซ์=advice แอดไวเซอร์=advisor แบล็ค=black สกาย=sky ร็อค=rock
แบรนด์=brand ไบรท์=bright เทคนิค=technic เทคนิคอล=technical เทคโนโลยี่=technology โซลูชั่นส์=solutions
โซลูชัน=solution โกลบอล=global เฮฟเว่น=heaven แฟคตอรี่=factory แฟคทอรี่=factory แฟกทอรี่=factory แอปเปิ้ล=apple
เพ้นท์=paint เพ็นท์=paint แพลน=plan แพลนเนอร์=planner เนชั่นแนล=national อินเตอร์เนชันแนล=international
อินเตอร์เนชั่นเนล=international แคปิตอล=capital เคมิคอล=chemical เคมีคอล=chemical เคมิคัล=chemical เมทัล=metal
เมททัล=metal สตีล=steel อะโกร=agro อะกรี=agri คอนกรีต=concrete อลูมิเนียม=aluminium กลาส=glass โปร=pro
โปรเจค=project โปรเจ็ค=project โปรเจ็คท์=project โปรเจคท์=project เซ็นทรัล=central ออฟฟิศ=office สตูดิโอ=studio
คอนเนค=connect แปซิฟิค=pacific โลจิสติก=logistic เวย์=way ซับเวย์=subway เบอร์เกอร์=burger พิซซ่า=pizza
ชิคเก้น=chicken เค้ก=cake เฟรช=fresh มีท=meat เดลี่=daily แองเจิ้ล=angel ดรีม=dream มูน=moon ซัน=sun เลดี้=lady
แมน=man อาร์ต=art อาร์ท=art มิวสิค=music บุ๊ค=book เกม=game เมดิคัล=medical เอ็นไวรอนเมนทอล=environmental
เอ็นไวรอนเม้นท์=environment เอ็นไวรอนเมนท์=environment แมททีเรียล=material เคเบิ้ล=cable เชน=chain
มิสเตอร์=mister ดีเซล=diesel ไอโฟน=iphone ครีม=cream ฟาร์มาซูติคอล=pharmaceutical ไลเซนส์=license ดีเวลลอปเปอร์=developer บูโร=bureau
ไฮเปอร์=hyper เลเชอร์=leisure
"""

LINKED = dict(pair.split("=") for pair in _LINKED.split())
ROMANIZED = dict(pair.split("=") for pair in (_NATIVE + _LOANS).split())

# The English letters' names in Thai: เคพีเอ็น is KPN.
_NAMES_OF_LETTERS = """
เอ=a บี=b ซี=c ดี=d อี=e เอฟ=f จี=g เอช=h เฮช=h ไอ=i เจ=j เค=k แอล=l เอล=l เอ็ม=m เอ็น=n โอ=o พี=p คิว=q อาร์=r เอส=s
ที=t ยู=u วี=v ดับเบิลยู=w ดับเบิ้ลยู=w ดับบลิว=w ดับบลิวยู=w เอ็กซ์=x เอ๊กซ์=x วาย=y แซด=z แซท=z
"""
LETTERS = dict(pair.split("=") for pair in _NAMES_OF_LETTERS.split())
