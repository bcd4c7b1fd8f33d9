import Files
import Foundation
import TestSupport
import Testing

/// What texts of many languages are taken for in the encodings that they come in, which the
/// system's `iconv` writes.
@Suite struct LikelyEncodingTests {
  private func advice(_ bytes: [UInt8]) -> String {
    var faults = TextFaults(of: "x")
    faults.scan(Bytes(bytes))
    return faults.warnings.first ?? ""
  }

  @Test(arguments: [
    (
      "Die Gebühren für Überziehung „klein“ sind höher – schöne Grüße aus München, Straße 5 §3. Größe ändern",
      ["windows-1252", "macintosh"]
    ),
    (
      "L’élève a été déçu par les résultats où l'œuvre était à côté ; ça coûte très cher, Noël. Être prêt, île",
      ["windows-1252", "macintosh"]
    ),
    (
      "L'élève a été déçu par les résultats où il était à côté ; ça coûte très cher, Noël. Être prêt, île",
      ["CP850"]
    ),
    (
      "¿Cuándo llegará el niño? El corazón está más allá del camión, señor. 1º",
      ["windows-1252", "CP850", "macintosh"]
    ),
    (
      "As instituições não são obrigadas à verificação; três irmãos, avó, avô e a ação, útil",
      ["windows-1252", "CP850"]
    ),
    (
      "Perché la città è così lontana? Lunedì più virtù però è",
      ["windows-1252"]
    ),
    (
      "Først må vi gøre det på æblegrød; blå sø, År Øl",
      ["windows-1252"]
    ),
    (
      "Hyvää päivää, mitä kuuluu? Šakki on hauskaa, älä syö",
      ["windows-1252"]
    ),
    (
      "Það er gott að búa á Íslandi, þú ert ágætur og við förum út í snjóinn, maður",
      ["windows-1252"]
    ),
    (
      "L’il·lusió és això: què pot fer, i molt més enllà; la pèrdua, raïm, açò",
      ["windows-1252"]
    ),
    (
      "De coördinatie van één categorieën reünie",
      ["windows-1252"]
    ),
    (
      "The “quick” fox—it’s late – said … don’t panic",
      ["windows-1252"]
    ),
    (
      "Die Größe für Käse. L’élève a été déçu par les résultats à côté. El niño está más allá. Følg på blå. Não são ações. Perché è così",
      ["windows-1252"]
    ),
    (
      "Příliš žluťoučký kůň úpěl ďábelské ódy. Kde se dá změnit heslo a jak dlouho trvá doručení zásilky?",
      ["windows-1250", "ISO-8859-2", "CP852"]
    ),
    (
      "Zażółć gęślą jaźń. Jak zmienić hasło i ile trwa wysyłka? Proszę o pomoc, dziękuję bardzo",
      ["windows-1250", "ISO-8859-2", "CP852"]
    ),
    (
      "Árvíztűrő tükörfúrógép. Hogyan tudom megváltoztatni a jelszót, és mennyi idő a szállítás? Időpont, nő",
      ["windows-1250"]
    ),
    (
      "Cum îmi schimb parola şi cât durează livrarea? Bună ziua, mulţumesc că aţi întrebat",
      ["windows-1250"]
    ),
    (
      "Ako si zmením heslo a ako dlho trvá doručenie zásielky? Ľudia môžu byť šťastní, vôľa, päť",
      ["windows-1250", "ISO-8859-2"]
    ),
    (
      "Kako mogu promijeniti lozinku i koliko traje dostava? Đak želi učiti još više, ćevapčići",
      ["windows-1250"]
    ),
    (
      "Şifremi nasıl değiştirebilirim ve teslimat ne kadar sürer? Çünkü ığdır güzel, öğrenci",
      ["windows-1254"]
    ),
    (
      "Kaip pakeisti slaptažodį ir kiek trunka pristatymas? Ačiū už pagalbą, žmonės ėjo į mišką šią dieną",
      ["windows-1257"]
    ),
    (
      "Kā nomainīt paroli un cik ilgi notiek piegāde? Paldies, ļoti jauki, šodien būs sniegs, mēs ēdam",
      ["windows-1257"]
    ),
    (
      "Kuidas ma saan oma parooli muuta? Tänan, õhtul sõidame üle jõe, küsimus öösel",
      ["windows-1252"]
    ),
    (
      "Москва столица России. Как изменить пароль и сколько длится доставка?",
      ["windows-1251", "KOI8-R", "CP866"]
    ),
    (
      "Як змінити пароль і скільки триває доставка? Київ, їжак, ґанок, є",
      ["windows-1251", "KOI8-U"]
    ),
    (
      "Како да променим лозинку и колико траје достава? Љубав, њега, ђак, ћуран, џеп",
      ["windows-1251"]
    ),
    (
      "Πώς αλλάζω τον κωδικό μου και πόσο διαρκεί η αποστολή; Καλημέρα",
      ["windows-1253"]
    ),
    (
      "איך משנים סיסמה וכמה זמן לוקח המשלוח",
      ["windows-1255"]
    ),
    (
      "كيف أغير كلمة المرور وكم تستغرق مدة التوصيل",
      ["windows-1256"]
    ),
    (
      "Käse",
      ["windows-1252", "CP850"]
    ),
  ])
  func languages(text: String, encodings: [String]) throws {
    let folder = try Material.temporaryFolder()
    try folder.put("text", "{\"_id\": \"d1\", \"text\": \"\(text)\"}\n")
    for encoding in encodings {
      try shell("iconv -f UTF-8 -t \(encoding) text > encoded", in: folder)
      let advice = advice(Array(try Data(contentsOf: folder.appending(path: "encoded"))))
      #expect(advice.contains("the likely encoding is \(encoding):"), "\(advice)")
    }
  }

  /// Sentences by Python 3.11's codecs, from their hexadecimal digits.
  @Test(arguments: [
    // Die Gebühren für Überziehung „klein“
    ("44696520476562fc6872656e2066fc7220dc6265727a696568756e6720846b6c65696e93", "windows-1252"),
    // Die Gebühren für Öl und Käse
    ("44696520476562816872656e2066817220996c20756e64204b847365", "CP850"),
    // Москва столица России
    ("cceef1eae2e020f1f2eeebe8f6e020d0eef1f1e8e8", "windows-1251"),
    ("edcfd3cbd7c120d3d4cfccc9c3c120f2cfd3d3c9c9", "KOI8-R"),
    // これはテストです
    ("82b182ea82cd83658358836782c582b7", "Shift_JIS"),
    ("a4b3a4eca4cfa5c6a5b9a5c8a4c7a4b9", "EUC-JP"),
    // 안녕하세요 세계
    ("bec8b3e7c7cfbcbcbfe420bcbcb0e8", "EUC-KR"),
    // 这是一个测试文件
    ("d5e2cac7d2bbb8f6b2e2cad4cec4bcfe", "GB18030"),
  ])
  func guessesTheEncoding(digits: String, name: String) {
    let digits = Array(digits.filter { $0 != " " })
    let bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
    }
    let advice = advice(bytes)
    #expect(advice.contains("the likely encoding is \(name):"), "\(advice)")
  }

  @Test func whatIsNoTextHasNoLikelyEncoding() {
    #expect(advice(Array(0x80...0xFF)).contains("the encoding is not known"))
  }
}
