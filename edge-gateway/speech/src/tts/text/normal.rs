//! Spells out what is written in digits and signs the way a Mandarin speaker says it: dates, times, amounts,
//! percentages, telephone numbers, ranges. Pure; everything else passes through unchanged.

use std::iter::once;

/// `11月22日14:30前还1234.50元` becomes `十一月二十二日十四点三十分前还一千二百三十四元五角`.
pub(crate) fn spell_out(text: &str) -> String {
    let chars: Vec<char> = text.chars().map(narrow).collect();
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let before = at.checked_sub(1).map(|i| chars[i]);
        let taken =
            if rest[0].is_ascii_digit() { number(rest, &chars[..at], &mut out) } else { sign(rest, before, &mut out) };
        at += taken;
    }
    out
}

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
/// A lone 2 before one of these is 两.
const MEASURES: &str = "个位天次年种家笔张项条款期周遍点份名人元块万千百亿分小秒层间套台部辆件只口句段杯瓶倍成";
/// After one of these a number is a code, read digit by digit.
const CODES: [&str; 12] =
    ["尾号", "卡号", "工号", "编号", "单号", "号码", "密码", "验证码", "拨打", "致电", "电话", "热线"];
/// Before one of these a long number is a quantity, not a code.
const QUANTITY_UNITS: &str = "元块万亿个位人名天年月日号笔%％米平";

/// Full-width letters and digits become ASCII ones; other signs stay as they are.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '％' | '．' | '－' | '＋' | '／' => {
            char::from_u32(c as u32 - 0xfee0).unwrap_or(c)
        }
        '￥' => '¥',
        _ => c,
    }
}

/// A sign that is not a digit; returns how many characters it took.
fn sign(rest: &[char], before: Option<char>, out: &mut String) -> usize {
    let digit_follows = rest.get(1).is_some_and(char::is_ascii_digit);
    match rest[0] {
        '¥' if digit_follows => {
            let (amount, taken) = decimal(&rest[1..]);
            out.push_str(&amount.money());
            // The unit is spoken already.
            1 + taken + usize::from(rest.get(1 + taken) == Some(&'元'))
        }
        '-' if digit_follows && !before.is_some_and(|c| c.is_ascii_alphanumeric()) => {
            out.push('负');
            1
        }
        '℃' => replace("摄氏度", out),
        '㎡' => replace("平方米", out),
        '+' if digit_follows => replace("加", out),
        '~' | '～' => replace("到", out),
        c => {
            out.push(c);
            1
        }
    }
}

fn replace(word: &str, out: &mut String) -> usize {
    out.push_str(word);
    1
}

/// What begins with a digit; returns how many characters it took.
fn number(rest: &[char], before: &[char], out: &mut String) -> usize {
    date(rest, out)
        .or_else(|| time(rest, out))
        .or_else(|| telephone(rest, before, out))
        .or_else(|| fraction(rest, out))
        .unwrap_or_else(|| quantity(rest, before, out))
}

/// `2026年`, `2026-11-22`, `2026/11/22`, `2026.11.22`.
fn date(rest: &[char], out: &mut String) -> Option<usize> {
    let (year, taken) = digits(rest);
    if taken != 4 {
        return None;
    }
    if rest.get(4) == Some(&'年') {
        out.extend(year.chars().map(plain_digit));
        return Some(4);
    }
    let mark = *rest.get(4).filter(|c| "-/.".contains(**c))?;
    let (month, month_taken) = digits(&rest[5..]);
    let day_at = 5 + month_taken + 1;
    if rest.get(day_at - 1) != Some(&mark) {
        return None;
    }
    let (day, day_taken) = digits(rest.get(day_at..)?);
    let (month, day): (u64, u64) = (month.parse().ok()?, day.parse().ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    out.extend(year.chars().map(plain_digit));
    out.push_str(&format!("年{}月{}日", cardinal(month), cardinal(day)));
    Some(day_at + day_taken)
}

/// `9:05`, `14:30:00`; a full hour is said without minutes.
fn time(rest: &[char], out: &mut String) -> Option<usize> {
    let (hour, taken) = digits(rest);
    rest.get(taken).filter(|c| matches!(c, ':' | '：'))?;
    let (minute, minute_taken) = digits(&rest[taken + 1..]);
    let (hour, minute): (u64, u64) = (hour.parse().ok()?, minute.parse().ok()?);
    if hour > 24 || minute > 59 || minute_taken != 2 {
        return None;
    }
    out.push_str(&if hour == 2 { "两".to_owned() } else { cardinal(hour) });
    out.push('点');
    match minute {
        0 => {}
        30 => out.push('半'),
        1..=9 => out.push_str(&format!("零{}分", cardinal(minute))),
        _ => out.push_str(&format!("{}分", cardinal(minute))),
    }
    let mut end = taken + 1 + minute_taken;
    if matches!(rest.get(end), Some(':' | '：')) {
        let (second, second_taken) = digits(&rest[end + 1..]);
        if let (2, Ok(second)) = (second_taken, second.parse::<u64>()) {
            out.push_str(&format!("{}秒", cardinal(second)));
            end += 1 + second_taken;
        }
    }
    Some(end + range(&rest[end..], out))
}

/// Codes and telephone numbers: digit by digit, 1 as 幺, a break between groups.
fn telephone(rest: &[char], before: &[char], out: &mut String) -> Option<usize> {
    let mut groups = Vec::new();
    let mut end = 0;
    loop {
        let (group, taken) = digits(&rest[end..]);
        if taken == 0 {
            break;
        }
        groups.push(group);
        end += taken;
        if rest.get(end) != Some(&'-') || !rest.get(end + 1).is_some_and(char::is_ascii_digit) {
            break;
        }
        end += 1;
    }
    let after = rest.get(end).copied();
    let decimal_follows = matches!(after, Some('.' | ',')) && rest.get(end + 1).is_some_and(char::is_ascii_digit);
    let length: usize = groups.iter().map(String::len).sum();
    let unit_follows = after.is_some_and(|c| QUANTITY_UNITS.contains(c));
    let told = CODES.iter().any(|code| ends_with(before, code));
    let single = groups.len() == 1;
    let service = single && length == 5 && ["95", "96", "100", "123"].iter().any(|p| groups[0].starts_with(p));
    let grouped = !single && length >= 7 && groups.iter().all(|group| group.len() >= 3);
    let code =
        told || grouped || single && length >= 7 || service || single && length > 1 && groups[0].starts_with('0');
    if !code || decimal_follows || unit_follows && !told && !grouped {
        return None;
    }
    if single && length == 11 {
        let whole = groups.remove(0);
        groups = vec![whole[..3].to_owned(), whole[3..7].to_owned(), whole[7..].to_owned()];
    }
    let spoken: Vec<String> = groups
        .iter()
        .map(|group| group.chars().map(|c| if c == '1' { '幺' } else { plain_digit(c) }).collect())
        .collect();
    out.push_str(&spoken.join("、"));
    Some(end)
}

/// `1/3` is 三分之一.
fn fraction(rest: &[char], out: &mut String) -> Option<usize> {
    let (upper, taken) = digits(rest);
    rest.get(taken).filter(|c| **c == '/')?;
    let (lower, lower_taken) = digits(&rest[taken + 1..]);
    let (upper, lower): (u64, u64) = (upper.parse().ok()?, lower.parse().ok()?);
    out.push_str(&format!("{}分之{}", cardinal(lower), cardinal(upper)));
    Some(taken + 1 + lower_taken)
}

/// A number that counts something, with its percent sign, currency or range.
fn quantity(rest: &[char], before: &[char], out: &mut String) -> usize {
    let (value, mut taken) = decimal(rest);
    let unit = rest.get(taken).copied();
    let ordinal = before.last().is_some_and(|c| *c == '第');
    match unit {
        Some('%') => {
            out.push_str(&format!("百分之{}", value.spoken()));
            taken += 1;
        }
        Some('‰') => {
            out.push_str(&format!("千分之{}", value.spoken()));
            taken += 1;
        }
        Some('元') if value.cents().is_some() => {
            out.push_str(&value.money());
            taken += 1;
        }
        Some(c) if value.whole == "2" && value.part.is_empty() && !ordinal && MEASURES.contains(c) => out.push('两'),
        _ => out.push_str(&value.spoken()),
    }
    taken + range(&rest[taken..], out)
}

/// A dash before the next number means 到.
fn range(rest: &[char], out: &mut String) -> usize {
    let dash = matches!(rest.first(), Some('-' | '~' | '～' | '—'));
    if dash && rest.get(1).is_some_and(char::is_ascii_digit) { replace("到", out) } else { 0 }
}

/// A written number: digits before and after the point, thousands separators removed.
struct Decimal {
    whole: String,
    part: String,
}

impl Decimal {
    fn spoken(&self) -> String {
        let whole = match self.whole.parse() {
            Ok(value) if self.whole.len() <= 16 => cardinal(value),
            _ => self.whole.chars().map(plain_digit).collect(),
        };
        if self.part.is_empty() {
            return whole;
        }
        whole.chars().chain(once('点')).chain(self.part.chars().map(plain_digit)).collect()
    }

    /// Jiao and fen, when it can be an amount of money with such.
    fn cents(&self) -> Option<(u32, u32)> {
        let mut digits = self.part.chars().map(|c| c.to_digit(10).unwrap_or(0));
        (1..=2).contains(&self.part.len()).then(|| (digits.next().unwrap_or(0), digits.next().unwrap_or(0)))
    }

    fn money(&self) -> String {
        let yuan = if self.whole == "2" && self.part.is_empty() { "两".to_owned() } else { self.integer().spoken() };
        let none = self.whole.chars().all(|c| c == '0');
        let digit = |n: u32| DIGITS[n as usize % 10];
        match self.cents() {
            None if self.part.is_empty() => format!("{yuan}元"),
            None => format!("{}元", self.spoken()),
            Some((0, 0)) => format!("{yuan}元"),
            Some((0, fen)) if none => format!("{}分", digit(fen)),
            Some((jiao, 0)) if none => format!("{}角", digit(jiao)),
            Some((jiao, fen)) if none => format!("{}角{}分", digit(jiao), digit(fen)),
            Some((0, fen)) => format!("{yuan}元零{}分", digit(fen)),
            Some((jiao, 0)) => format!("{yuan}元{}角", digit(jiao)),
            Some((jiao, fen)) => format!("{yuan}元{}角{}分", digit(jiao), digit(fen)),
        }
    }

    fn integer(&self) -> Decimal {
        Decimal { whole: self.whole.clone(), part: String::new() }
    }
}

/// Reads `1,234.50`; returns how many characters it took.
fn decimal(rest: &[char]) -> (Decimal, usize) {
    let (mut whole, mut taken) = digits(rest);
    if taken <= 3 {
        while rest.get(taken) == Some(&',') {
            let (group, length) = digits(&rest[taken + 1..]);
            if length != 3 {
                break;
            }
            whole.push_str(&group);
            taken += 4;
        }
    }
    let mut part = String::new();
    if rest.get(taken) == Some(&'.') {
        let (after, length) = digits(&rest[taken + 1..]);
        if length > 0 {
            part = after;
            taken += 1 + length;
        }
    }
    (Decimal { whole, part }, taken)
}

fn digits(rest: &[char]) -> (String, usize) {
    let run: String = rest.iter().take_while(|c| c.is_ascii_digit()).collect();
    let length = run.len();
    (run, length)
}

fn plain_digit(c: char) -> char {
    DIGITS[c.to_digit(10).unwrap_or(0) as usize]
}

fn ends_with(before: &[char], word: &str) -> bool {
    let wanted: Vec<char> = word.chars().collect();
    // 尾号是8000, 尾号为8000, 尾号 8000
    let mut end = before.len();
    while end > 0 && "是为：: ".contains(before[end - 1]) {
        end -= 1;
    }
    before[..end].ends_with(&wanted)
}

/// A whole number in words, up to 10^16.
fn cardinal(value: u64) -> String {
    if value == 0 {
        return "零".to_owned();
    }
    let mut out = String::new();
    let mut gap = false;
    for (power, name) in [(1_0000_0000_0000u64, "万亿"), (1_0000_0000, "亿"), (1_0000, "万"), (1, "")] {
        let group = value / power % 1_0000;
        if group == 0 {
            gap |= !out.is_empty();
            continue;
        }
        if !out.is_empty() && (gap || group < 1_000) {
            out.push('零');
        }
        gap = false;
        // 两千, 两万, but 二百 and 二十.
        let lone_two = group == 2 && power > 1;
        out.push_str(&if lone_two { "两".to_owned() } else { below_ten_thousand(group, out.is_empty()) });
        out.push_str(name);
    }
    out
}

fn below_ten_thousand(value: u64, leading: bool) -> String {
    let mut out = String::new();
    let mut gap = false;
    for (power, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = (value / power % 10) as usize;
        if digit == 0 {
            gap |= !out.is_empty();
            continue;
        }
        if gap {
            out.push('零');
            gap = false;
        }
        match (digit, power) {
            (2, 1_000) => out.push('两'),
            (1, 10) if out.is_empty() && leading => {}
            _ => out.push(DIGITS[digit]),
        }
        out.push_str(name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::spell_out;

    #[test]
    fn numbers_are_said_the_way_people_say_them() {
        for (written, said) in [
            ("2026年11月22日", "二零二六年十一月二十二日"),
            ("2026-11-02", "二零二六年十一月二日"),
            ("11月22日14:30前", "十一月二十二日十四点半前"),
            ("9:00-18:05", "九点到十八点零五分"),
            ("2:00", "两点"),
            ("1234.50元", "一千二百三十四元五角"),
            ("¥1,234.56", "一千二百三十四元五角六分"),
            ("￥500元", "五百元"),
            ("12.05元", "十二元零五分"),
            ("3.5万元", "三点五万元"),
            ("20000元", "两万元"),
            ("200000", "二十万"),
            ("10086", "幺零零八六"),
            ("拨打95588", "拨打九五五八八"),
            ("13800138000", "幺三八、零零幺三、八零零零"),
            ("400-820-8820", "四零零、八二零、八八二零"),
            ("尾号是8001的", "尾号是八零零幺的"),
            ("年化利率7.2%", "年化利率百分之七点二"),
            ("2个月", "两个月"),
            ("第2个", "第二个"),
            ("12个", "十二个"),
            ("3-5天", "三到五天"),
            ("1/3", "三分之一"),
            ("-5℃", "负五摄氏度"),
            ("10010元", "一万零一十元"),
            ("100000000", "幺零零零零零零零零"),
            ("100000000元", "一亿元"),
            ("105", "一百零五"),
            ("15", "十五"),
            ("115", "一百一十五"),
            ("2002", "两千零二"),
            ("002", "零零二"),
            ("０.５％", "百分之零点五"),
            ("没有数字。", "没有数字。"),
            ("", ""),
        ] {
            assert_eq!(spell_out(written), said, "{written}");
        }
    }

    #[test]
    fn odd_input_does_not_panic() {
        for written in [
            "¥",
            "1.",
            "1,",
            "1:2",
            "99:99",
            "2026-99-99",
            "1/",
            "1-",
            "12345678901234567890123",
            "%5",
            "1/0",
            "2026-1-",
        ] {
            spell_out(written);
        }
    }
}
