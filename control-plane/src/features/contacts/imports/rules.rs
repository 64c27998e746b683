//! What a sheet means: which column holds what, what number a cell holds, and what is refused and why.
//! Pure: rows in, contacts or codes out. Whether a number is known already is the store's knowledge.

use serde_json::Map;
pub use shared_proto::masking::mask_digits;
use shared_proto::phone::{NumberType, Phone, PhoneError};

use crate::text::Language;

pub const NAME_MOST: usize = 100;
pub const TEXT_MOST: usize = 1000;
/// The custom field that shows, masked, what else stood in the number's cell.
pub fn other_numbers() -> String {
    Language::Chinese.text("sheet", "other_numbers", &Map::new())
}

/// What a column without a header is called.
fn column_without_name(place: usize) -> String {
    let letters = Map::from_iter([("letters".to_owned(), column_name(place).into())]);
    Language::Chinese.text("sheet", "column", &letters)
}

/// Signs of a cell that a list repeats: whoever wants it whole has the file.
const SHOWN_MOST: usize = 60;

const MISSING: &str = "number_missing";

/// The code of the catalogue (`ui.rowError`) for what a number lacks.
fn code(error: PhoneError) -> &'static str {
    match error {
        PhoneError::Empty => MISSING,
        PhoneError::NotDigits | PhoneError::NoSuchRange => "number_invalid",
        PhoneError::TooShort => "number_too_short",
        PhoneError::TooLong => "number_too_long",
    }
}

/// What a column is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Where a person names several columns, the first valid number of a row wins.
    Phone,
    Name,
    Remark,
    Custom(String),
    Skip,
}

impl Field {
    /// As in the API: `number`, `name`, `remark`, `skip`, and any other word names a custom field.
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "number" | "phone" => Self::Phone,
            "name" => Self::Name,
            "remark" => Self::Remark,
            "skip" | "" => Self::Skip,
            other => Self::Custom(other.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone => "number",
            Self::Name => "name",
            Self::Remark => "remark",
            Self::Custom(name) => name,
            Self::Skip => "skip",
        }
    }
}

const PHONE_WORDS: &[&str] = &[
    "手机",
    "手机号",
    "手机号码",
    "电话",
    "电话号码",
    "联系电话",
    "联系方式",
    "联系手机",
    "号码",
    "客户电话",
    "客户手机",
    "客户号码",
    "移动电话",
    "被叫号码",
    "phone",
    "phonenumber",
    "phoneno",
    "mobile",
    "mobilephone",
    "mobilenumber",
    "mobileno",
    "tel",
    "telephone",
    "cell",
    "cellphone",
    "contactnumber",
];
/// Part of a header that still says "a number to call".
const PHONE_PARTS: &[&str] = &["手机", "电话", "号码", "phone", "mobile"];
/// … unless it is another kind of number.
const OTHER_PARTS: &[&str] = &["身份证", "证件", "订单", "合同", "车牌", "归属", "状态", "类型"];
const NAME_WORDS: &[&str] = &[
    "姓名",
    "客户姓名",
    "客户名称",
    "客户名",
    "名字",
    "联系人",
    "联系人姓名",
    "称呼",
    "客户",
    "name",
    "fullname",
    "customername",
    "contactname",
    "customer",
    "contact",
];
const REMARK_WORDS: &[&str] =
    &["备注", "备注信息", "说明", "客户备注", "remark", "remarks", "note", "notes", "comment", "comments"];

/// Guesses every column from its header. Unknown headers become custom fields of that name. One column
/// is the number's: the first with a usual name, else the first that speaks of a phone.
pub fn guess_fields(headers: &[String]) -> Vec<Field> {
    let words: Vec<String> = headers.iter().map(|header| header_word(header)).collect();
    let usual = words.iter().position(|word| PHONE_WORDS.contains(&word.as_str()));
    let phone = usual.or_else(|| headers.iter().position(|header| speaks_of_phone(header)));
    let mut fields = Vec::with_capacity(headers.len());
    for (place, word) in words.iter().enumerate() {
        let word = word.as_str();
        let field = if Some(place) == phone {
            Field::Phone
        } else if NAME_WORDS.contains(&word) && !fields.contains(&Field::Name) {
            Field::Name
        } else if REMARK_WORDS.contains(&word) && !fields.contains(&Field::Remark) {
            Field::Remark
        } else {
            custom(headers, place, &fields)
        };
        fields.push(field);
    }
    fields
}

/// 备用电话, 手机号2, work phone; not 身份证号码.
fn speaks_of_phone(header: &str) -> bool {
    let word = header_word(header);
    PHONE_PARTS.iter().any(|part| word.contains(part)) && !OTHER_PARTS.iter().any(|part| word.contains(part))
}

/// The custom field of a column, called as its header and none of `others`.
pub fn custom(headers: &[String], place: usize, others: &[Field]) -> Field {
    let header = clean_text(&headers[place]);
    let plain = if header.is_empty() { column_without_name(place) } else { header };
    let mut name = plain.clone();
    let mut again = 2;
    while others.iter().any(|field| matches!(field, Field::Custom(taken) if *taken == name)) {
        name = format!("{plain}{again}");
        again += 1;
    }
    Field::Custom(name)
}

/// `A`, `B`, … `AA`: how a sheet calls its columns.
pub fn column_name(mut place: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(b'A' + (place % 26) as u8);
        if place < 26 {
            break;
        }
        place = place / 26 - 1;
    }
    name.reverse();
    String::from_utf8(name).unwrap_or_default()
}

fn header_word(header: &str) -> String {
    let mut word = String::new();
    let mut depth = 0;
    for sign in header.chars() {
        match sign {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = (depth - 1).max(0),
            _ if depth > 0 || sign.is_whitespace() || "*＊:：_-\u{feff}\u{200b}".contains(sign) => {}
            _ => word.extend(sign.to_lowercase()),
        }
    }
    word
}

/// Which of the first rows is the header, for sheets that open with a title: one with a usual name for the
/// number and something beside it comes before one without, and that before one that merely speaks of a phone.
pub fn header_row(rows: &[Vec<String>]) -> Option<usize> {
    let usual = |row: &Vec<String>| row.iter().any(|cell| PHONE_WORDS.contains(&header_word(cell).as_str()));
    let speaks = |row: &Vec<String>| row.iter().any(|cell| speaks_of_phone(cell));
    let several = |row: &Vec<String>| row.iter().filter(|cell| !cell.is_empty()).count() > 1;
    let place = |fits: &dyn Fn(&Vec<String>) -> bool| rows.iter().position(fits);
    place(&|row| usual(row) && several(row))
        .or_else(|| place(&usual))
        .or_else(|| place(&|row| speaks(row) && several(row)))
        .or_else(|| place(&speaks))
}

/// A row that may become a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub phone: Phone,
    pub name: String,
    pub remark: String,
    pub fields: Vec<(String, String)>,
    /// Further valid numbers of the same row.
    pub others: Vec<Phone>,
}

/// Reads a row by its columns. The error is the code of why the row is invalid.
pub fn read_row(fields: &[Field], cells: &[String]) -> Result<Candidate, &'static str> {
    let with_cells = || fields.iter().zip(cells.iter().map(String::as_str).chain(std::iter::repeat("")));
    let numbers: Vec<&str> = with_cells().filter(|(field, _)| **field == Field::Phone).map(|(_, cell)| cell).collect();
    let Numbers { phone, mut others } = numbers_in(&numbers)?;
    others.retain(|other| *other != phone);
    let mut spare = Vec::new();
    let mut candidate = Candidate { phone, name: String::new(), remark: String::new(), fields: Vec::new(), others };
    for (field, cell) in with_cells() {
        match field {
            Field::Phone | Field::Skip => {}
            Field::Name => keep_first(&mut candidate.name, cell),
            Field::Remark => keep_first(&mut candidate.remark, cell),
            Field::Custom(key) if candidate.fields.iter().any(|(taken, _)| taken == key) => {}
            Field::Custom(key) => {
                let value = clean_text(cell);
                // Another number of the person: sealed like the first, and shown masked.
                let number = if speaks_of_phone(key) { number(&value).ok() } else { None };
                match number {
                    Some(number) => {
                        candidate.fields.push((key.clone(), number.masked()));
                        spare.push(number);
                    }
                    None if value.is_empty() => {}
                    None => candidate.fields.push((key.clone(), value)),
                }
            }
        }
    }
    let too_long = candidate.name.chars().count() > NAME_MOST
        || candidate.remark.chars().count() > TEXT_MOST
        || candidate.fields.iter().any(|(_, value)| value.chars().count() > TEXT_MOST);
    if too_long {
        return Err("text_too_long");
    }
    if !candidate.others.is_empty() {
        let masked: Vec<String> = candidate.others.iter().map(Phone::masked).collect();
        candidate.fields.push((other_numbers(), masked.join(" ")));
    }
    candidate.others.extend(spare);
    Ok(candidate)
}

/// Of several columns for the same, the first that says something counts.
fn keep_first(kept: &mut String, cell: &str) {
    if kept.is_empty() {
        *kept = clean_text(cell);
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Numbers {
    pub phone: Phone,
    pub others: Vec<Phone>,
}

/// The first valid number of the cells, and the others. Where there is none, why the first one is not.
pub fn numbers_in(cells: &[&str]) -> Result<Numbers, &'static str> {
    let mut found = Vec::new();
    let mut refusal = None;
    for cell in cells {
        match number(cell) {
            Ok(phone) => found.push(phone),
            Err(code) => {
                let before = found.len();
                if code != MISSING {
                    parts(cell, &mut |part| found.extend(number(part).ok()));
                }
                if found.len() == before && refusal.is_none_or(|known| known == MISSING) {
                    refusal = Some(code);
                }
            }
        }
    }
    if found.is_empty() {
        return Err(refusal.unwrap_or(MISSING));
    }
    let phone = found.remove(0);
    Ok(Numbers { phone, others: found })
}

/// Splits `13806252221/17317874421`, `139… 138…`, `139…、138…`, `手机13806252221 王`.
fn parts(cell: &str, each: &mut dyn FnMut(&str)) {
    let hard = |sign: char| {
        !(sign.is_ascii_digit() || ('０'..='９').contains(&sign) || "+＋-－() （）\u{a0}\u{3000}".contains(sign))
    };
    for part in cell.split(hard).map(str::trim).filter(|part| !part.is_empty()) {
        if number(part).is_ok() {
            each(part);
        } else {
            part.split([' ', '\u{a0}', '\u{3000}']).filter(|piece| piece.len() >= 5).for_each(&mut *each);
        }
    }
}

/// One number as a person or a spreadsheet wrote it.
pub fn number(cell: &str) -> Result<Phone, &'static str> {
    let mut text = cell.trim().trim_matches(['\u{feff}', '\u{200b}']);
    // `="138…"` is how exports keep Excel from turning a number into 1.38E+10.
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = inner;
    }
    let text = text.trim_matches(['\'', '"', '’', '‘', '`']);
    if let Some(whole) = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00"))
        && !whole.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit())
    {
        return checked(whole);
    }
    match scientific(text) {
        Some(Some(digits)) => checked(&digits),
        Some(None) => Err("number_scientific"),
        None => checked(text),
    }
}

fn checked(text: &str) -> Result<Phone, &'static str> {
    let phone = Phone::parse(text).map_err(code)?;
    // 12345, 110 and the like are numbers, but no customer answers them.
    if phone.number_type() == NumberType::Short { Err("number_too_short") } else { Ok(phone) }
}

/// `1.3812345678E+10` → its digits; `1.38E+10` → `Some(None)`: digits were lost; anything else → `None`.
fn scientific(text: &str) -> Option<Option<String>> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_only = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let exponent: usize = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    if whole.len() != 1 || !digits_only(whole) || !digits_only(fraction) || exponent > 20 {
        return None;
    }
    Some((fraction.len() == exponent).then(|| format!("{whole}{fraction}")))
}

/// A cell as lists and messages repeat it: long numbers masked, a long text cut.
pub fn shown(cell: &str) -> String {
    let masked = mask_digits(cell);
    match masked.char_indices().nth(SHOWN_MOST) {
        Some((end, _)) => format!("{}…", &masked[..end]),
        None => masked,
    }
}

/// Trims, and turns control characters and odd spaces into single spaces. What nobody sees is empty.
pub fn clean_text(cell: &str) -> String {
    let odd = |sign: char| sign.is_control() || matches!(sign, '\u{feff}' | '\u{200b}');
    // Seen by nobody where they stand alone; in a word they join letters or choose an emoji's look.
    let unseen = |sign: char| {
        matches!(sign, '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200c}'..='\u{200f}' | '\u{2060}'..='\u{2064}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}')
    };
    if cell.chars().all(|sign| odd(sign) || unseen(sign) || sign.is_whitespace()) {
        return String::new();
    }
    let trimmed = cell.trim();
    if !trimmed.chars().any(odd) {
        return trimmed.to_owned();
    }
    let pieces: Vec<&str> = trimmed.split(odd).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    pieces.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn headers_are_understood_in_many_spellings() {
        let said = |headers: &[&str]| {
            guess_fields(&texts(headers)).iter().map(|field| field.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(said(&["客户姓名", "联系电话", "城市", "备注"]), "name number 城市 remark");
        assert_eq!(said(&["Name", "Mobile Phone", "Note"]), "name number remark");
        assert_eq!(said(&["*姓名（必填）", "手机号码（必填）", "", "城市", "城市"]), "name number 列C 城市 城市2");
        assert_eq!(said(&["姓名", "手机", "备用电话", "身份证号码"]), "name number 备用电话 身份证号码");
        assert_eq!(said(&["工作电话", "手机号"]), "工作电话 number");
        assert_eq!(said(&["a", "b"]), "a b");
    }

    #[test]
    fn a_title_above_the_header_is_passed_over() {
        let rows = [texts(&["2026 年客户名单"]), texts(&["姓名", "手机"]), texts(&["张三", "13812345678"])];
        assert_eq!(header_row(&rows), Some(1));
        assert_eq!(header_row(&rows[2..]), None);
    }

    #[test]
    fn texts_are_trimmed_and_what_nobody_sees_is_empty() {
        let cases = [
            (" 张三\u{200b}", "张三"),
            ("\u{200b} 张\u{0}\u{200b}\n三", "张 三"),
            ("张  三", "张  三"),
            ("\u{200b}\u{200b}", ""),
            ("\u{0}", ""),
            ("\u{2060}\u{3164}\u{fe0f} \u{ad}", ""),
            ("👨\u{200d}👩", "👨\u{200d}👩"),
        ];
        for (text, clean) in cases {
            assert_eq!(clean_text(text), clean, "{text:?}");
        }
    }

    #[test]
    fn cells_give_their_number_or_say_why_not() {
        let cases = [
            ("13812345678", "+8613812345678"),
            ("13812345678.0", "+8613812345678"),
            ("=\"13812345678\"", "+8613812345678"),
            ("'13812345678", "+8613812345678"),
            ("１３８１２３４５６７８", "+8613812345678"),
            ("1.3812345678E+10", "+8613812345678"),
            ("1.38E+10", "number_scientific"),
            ("13806252221/17317874421", "+8613806252221 +8617317874421"),
            ("13806252221 17317874421", "+8613806252221 +8617317874421"),
            ("手机：13806252221、010-65551234", "+8613806252221 +861065551234"),
            ("12345/13806252221", "+8613806252221"),
            ("12345", "number_too_short"),
            ("不知道", "number_invalid"),
            ("  ", "number_missing"),
            ("4008101234", "+864008101234"),
            ("95588", "+8695588"),
        ];
        for (cell, want) in cases {
            let got = match numbers_in(&[cell]) {
                Ok(found) => {
                    let all: Vec<_> = std::iter::once(&found.phone).chain(&found.others).map(Phone::reveal).collect();
                    all.join(" ")
                }
                Err(code) => code.to_owned(),
            };
            assert_eq!(got, want, "{cell}");
        }
    }

    #[test]
    fn further_numbers_of_a_row_are_kept_apart_and_shown_masked() {
        let fields = guess_fields(&texts(&["姓名", "手机", "备用电话"]));
        let row = read_row(&fields, &texts(&["张三", "13806252221/17317874421", "010-65551234"])).unwrap();
        assert_eq!(row.phone.reveal(), "+8613806252221");
        let fields_of =
            |row: &Candidate| row.fields.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ");
        assert_eq!(fields_of(&row), "备用电话=010****1234 其他号码=173****4421");
        assert_eq!(row.others.iter().map(Phone::reveal).collect::<Vec<_>>(), ["+8617317874421", "+861065551234"]);
        assert_eq!(read_row(&fields, &texts(&["张三"])), Err("number_missing"));
    }

    #[test]
    fn several_number_columns_are_tried_in_order() {
        let fields = [Field::Phone, Field::Phone];
        assert_eq!(read_row(&fields, &texts(&["无", "13806252221"])).unwrap().phone.reveal(), "+8613806252221");
        assert_eq!(read_row(&fields, &texts(&["", "123"])), Err("number_too_short"));
    }

    #[test]
    fn of_several_columns_for_the_same_the_first_that_says_something_counts() {
        let city = Field::Custom("城市".into());
        let fields = [Field::Phone, Field::Name, Field::Name, city.clone(), city];
        let row = |cells: &[&str]| {
            let row = read_row(&fields, &texts(cells)).unwrap();
            (row.name, row.fields)
        };
        let in_shanghai = vec![("城市".to_owned(), "上海".to_owned())];
        assert_eq!(row(&["13806252221", "小王", " ", "上海", "北京"]), ("小王".to_owned(), in_shanghai.clone()));
        assert_eq!(row(&["13806252221", "", "王强", "", "上海"]), ("王强".to_owned(), in_shanghai));
    }
}
