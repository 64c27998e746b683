//! Values in spoken Chinese: numbers, amounts of money, times. Times stay the contact's words, as there is no
//! calendar here.

use shared_proto::flow::SlotKind;

/// What stands between the ends of a range.
const RANGE: &str = "到至~～-—";

/// What one utterance holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Plain digits, such as `3.5`.
    pub number: Option<String>,
    /// In yuan, plain digits; a range from one sum to another as said, such as `三万到五万`.
    pub amount: Option<String>,
    /// As said, such as `明天下午三点`.
    pub time: Option<String>,
}

impl Found {
    pub(crate) fn of(&self, kind: SlotKind, intent: Option<&str>) -> Option<String> {
        match kind {
            SlotKind::Number => self.number.clone(),
            SlotKind::Amount => self.amount.clone().or_else(|| self.number.clone()),
            SlotKind::Time => self.time.clone(),
            SlotKind::YesNo => match intent {
                Some("affirm" | "interested") => Some("yes".into()),
                Some("deny" | "not_interested") => Some("no".into()),
                _ => None,
            },
        }
    }
}

/// Reads all values of an utterance; of each kind the first.
pub(crate) fn find(text: &str) -> Found {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).map(half_width).collect();
    let time = find_time(&chars);
    let mut found = Found { time: time.as_ref().map(|(_, said)| said.clone()), ..Found::default() };
    let mut at = 0;
    while at < chars.len() {
        let inside_time = time.as_ref().is_some_and(|(range, _)| range.contains(&at));
        match read_number(&chars[at..]).filter(|_| !inside_time) {
            None => at += 1,
            Some(read) => {
                let range = range_from(&chars[at..], read.length);
                let after = chars.get(at + read.length);
                if found.amount.is_none() && (range.is_some() || read.large || matches!(after, Some('元' | '块'))) {
                    let said = range.map(|length| chars[at..at + length].iter().collect());
                    found.amount = Some(said.unwrap_or_else(|| read.digits()));
                }
                if found.number.is_none() {
                    found.number = Some(read.digits());
                }
                at += range.unwrap_or(read.length);
            }
        }
    }
    found
}

/// How long a range is that begins with a number of such a length and ends with a sum: 三到五万, 三万至五万.
fn range_from(chars: &[char], first: usize) -> Option<usize> {
    let joined = chars.get(first).is_some_and(|c| RANGE.contains(*c));
    let second = joined.then(|| read_number(&chars[first + 1..])).flatten()?;
    let end = first + 1 + second.length;
    (second.large || matches!(chars.get(end), Some('元' | '块'))).then_some(end)
}

/// Where a text of such characters names sums.
pub(crate) fn sums_in(chars: &[char]) -> Vec<std::ops::Range<usize>> {
    let chars: Vec<char> = chars.iter().copied().map(half_width).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let read = read_number(&chars[at..]);
        let length = read.as_ref().map_or(1, |read| read.length);
        let money = |read: Read| read.large || matches!(chars.get(at + length), Some('元' | '块'));
        if read.is_some_and(money) {
            found.push(at..at + length);
        }
        at += length;
    }
    found
}

/// The first sum of a text as said, where it is a range: 三五万, 十五六万.
pub(crate) fn range_said(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let first: String = chars[sums_in(&chars).into_iter().next()?].iter().collect();
    holds_range(&first).then_some(first)
}

/// Whether a text names a range of sums: 三五万, 三到五万, 三万至五万.
pub(crate) fn holds_range(text: &str) -> bool {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).map(half_width).collect();
    let digits = |at: usize| {
        let counted = at.checked_sub(1).and_then(|before| unit(chars[before]));
        up_to(&chars[at..], counted.unwrap_or(1)).is_some()
    };
    let between =
        |at: usize| read_number(&chars[at..]).is_some_and(|read| range_from(&chars[at..], read.length).is_some());
    (0..chars.len()).any(|at| digits(at) || between(at))
}

/// A number at the start of a text.
struct Read {
    /// In hundredths, so that 三块五 and 3.5万 stay exact.
    hundredths: u64,
    length: usize,
    /// It was said with 百, 千 or 万, as people say amounts.
    large: bool,
}

impl Read {
    fn digits(&self) -> String {
        match (self.hundredths / 100, self.hundredths % 100) {
            (whole, 0) => whole.to_string(),
            (whole, part) => format!("{whole}.{part:02}").trim_end_matches('0').to_owned(),
        }
    }
}

fn read_number(chars: &[char]) -> Option<Read> {
    let mut at = 0;
    // Finished 亿 and 万 sections, the running section below 万, and the digit not yet given its unit.
    let (mut total, mut section, mut digit) = (0_u64, 0_u64, None::<u64>);
    let mut last_unit = 1_u64;
    let mut large = false;
    while let Some(&c) = chars.get(at) {
        if c.is_ascii_digit() {
            let (value, used) = read_digits(&chars[at..])?;
            (digit, at) = (Some(value), at + used);
        } else if let Some(value) = chinese_digit(c) {
            // 三五万 is up to 50000: of two digits before one unit the larger counts.
            if let Some(most) = up_to(&chars[at..], last_unit) {
                (digit, at) = (Some(most * 100), at + 2);
                continue;
            }
            // Digit after digit, as a telephone number is read; more of them than fit are no number.
            let joined = (digit.unwrap_or(0) / 100).checked_mul(1_000)?;
            (digit, at) = (Some(joined.checked_add(value * 100)?), at + 1);
        } else if let Some(unit) = unit(c) {
            let before = digit.take();
            if before.is_none() && section == 0 && total == 0 && unit != 10 {
                break;
            }
            large |= unit >= 100;
            if unit >= 10_000 {
                let value = section.checked_add(before.unwrap_or(0))?;
                total = total.checked_add(value.checked_mul(unit)?)?;
                section = 0;
            } else {
                section = section.checked_add(before.unwrap_or(100).checked_mul(unit)?)?;
            }
            (last_unit, at) = (unit, at + 1);
        } else if matches!(c, '来' | '多' | '几') && at > 0 && chars.get(at + 1).copied().and_then(unit).is_some() {
            at += 1;
        } else {
            break;
        }
        if at > 24 {
            break;
        }
    }
    if at == 0 {
        return None;
    }
    // 三万五 is 35000 and 一百二 is 120: a lone last digit counts the unit below.
    let tail = digit.unwrap_or(0);
    let below = if last_unit >= 100 && tail < 1000 && chars.get(at.wrapping_sub(2)) != Some(&'零') {
        last_unit / 10
    } else {
        1
    };
    let hundredths = total.checked_add(section)?.checked_add(tail.checked_mul(below)?)?;
    Some(Read { hundredths, length: at, large })
}

/// The larger of two digits that name a range, as in 三五万, 二三十万 and the end of 一万二三 or 十五六.
fn up_to(chars: &[char], last_unit: u64) -> Option<u64> {
    let digit = |at: usize| chars.get(at).copied().and_then(chinese_digit).filter(|digit| *digit > 0);
    let (least, most) = (digit(0)?, digit(1)?);
    let after = chars.get(2).copied();
    let counted = after.and_then(unit).is_some() || (last_unit >= 10 && after.and_then(chinese_digit).is_none());
    (least < most && counted).then_some(most)
}

/// ASCII digits with an optional fraction, in hundredths.
fn read_digits(chars: &[char]) -> Option<(u64, usize)> {
    let whole: String = chars.iter().take_while(|c| c.is_ascii_digit() || **c == ',').collect();
    let mut used = whole.len();
    let mut value = whole.replace(',', "").parse::<u64>().ok()?.checked_mul(100)?;
    if chars.get(used) == Some(&'.') && chars.get(used + 1).is_some_and(char::is_ascii_digit) {
        let part: Vec<u64> = chars[used + 1..].iter().map_while(|c| c.to_digit(10)).map(u64::from).collect();
        value = value.checked_add(part[0] * 10 + part.get(1).copied().unwrap_or(0))?;
        used += 1 + part.len();
    }
    Some((value, used))
}

fn chinese_digit(c: char) -> Option<u64> {
    let found = ["零〇", "一壹幺", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"];
    found.iter().position(|same| same.contains(c)).map(|n| n as u64)
}

fn unit(c: char) -> Option<u64> {
    match c {
        '十' | '拾' => Some(10),
        '百' | '佰' => Some(100),
        '千' | '仟' => Some(1_000),
        '万' | '萬' => Some(10_000),
        '亿' | '億' => Some(100_000_000),
        _ => None,
    }
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        '．' => '.',
        _ => c,
    }
}

const DAYS: &[&str] = &[
    "大后天",
    "今天",
    "明天",
    "后天",
    "今晚",
    "明早",
    "明晚",
    "今儿",
    "明儿",
    "下周一",
    "下周二",
    "下周三",
    "下周四",
    "下周五",
    "下周六",
    "下周日",
    "下周",
    "下星期",
    "下礼拜",
    "下个月",
    "周一",
    "周二",
    "周三",
    "周四",
    "周五",
    "周六",
    "周日",
    "周末",
    "星期一",
    "星期二",
    "星期三",
    "星期四",
    "星期五",
    "星期六",
    "星期天",
    "礼拜一",
    "礼拜二",
    "礼拜三",
    "礼拜四",
    "礼拜五",
    "礼拜六",
    "礼拜天",
    "改天",
    "过两天",
    "过几天",
    "月底",
    "下班后",
    "下班以后",
];
const PARTS: &[&str] = &["早上", "上午", "中午", "下午", "傍晚", "晚上"];
const SOON: &[&str] =
    &["半个小时后", "半小时后", "一会儿", "一会", "待会儿", "待会", "等会儿", "等会", "晚点", "晚一点", "稍后", "回头"];

/// The first time in an utterance: a day, a part of the day, an hour, or "in so long".
fn find_time(chars: &[char]) -> Option<(std::ops::Range<usize>, String)> {
    for start in 0..chars.len() {
        let mut at = start;
        at += longest(DAYS, &chars[at..]);
        if chars.get(at) == Some(&'的') && at > start {
            at += 1;
        }
        at += longest(PARTS, &chars[at..]);
        at += clock(&chars[at..]);
        if at == start {
            at += longest(SOON, &chars[at..]).max(later(&chars[at..]));
        }
        if at > start {
            let said: String = chars[start..at].iter().collect();
            return Some((start..at, said.trim_end_matches('的').to_owned()));
        }
    }
    None
}

fn longest(words: &[&str], chars: &[char]) -> usize {
    let fits = |word: &&&str| word.chars().count() <= chars.len() && word.chars().zip(chars).all(|(a, b)| a == *b);
    words.iter().filter(fits).map(|word| word.chars().count()).max().unwrap_or(0)
}

/// `三点`, `三点半`, `3点20`, `15:30`; nothing where 点 is not an hour (`便宜点`, `三点要求`).
fn clock(chars: &[char]) -> usize {
    let Some(hour) = read_number(chars).filter(|read| read.hundredths <= 2400) else { return 0 };
    let at = hour.length;
    if !matches!(chars.get(at), Some('点' | '點' | ':' | '：')) {
        return 0;
    }
    let at = at + 1;
    match chars.get(at) {
        Some('半' | '钟') => at + 1,
        Some('多') => at + 1,
        _ => match read_number(&chars[at..]).filter(|read| read.hundredths < 6000) {
            Some(minute) => at + minute.length + usize::from(chars.get(at + minute.length) == Some(&'分')),
            None => at,
        },
    }
}

/// `两个小时后`, `十分钟以后`, `三天后`.
fn later(chars: &[char]) -> usize {
    let Some(read) = read_number(chars) else { return 0 };
    let mut at = read.length;
    if chars.get(at) == Some(&'个') {
        at += 1;
    }
    let unit = longest(&["小时", "钟头", "分钟", "天", "周", "星期", "礼拜", "月"], &chars[at..]);
    let after = longest(&["以后", "之后", "后"], &chars[at + unit..]);
    if unit > 0 && after > 0 { at + unit + after } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_say_them() {
        let cases = [
            ("大概要五万左右", "50000"),
            ("三万五", "35000"),
            ("一百二", "120"),
            ("十来万吧", "100000"),
            ("3.5万", "35000"),
            ("两千块钱", "2000"),
            ("12,000元", "12000"),
            ("五百零三", "503"),
            ("一千二百五十元", "1250"),
            ("三块五", "3"),
            ("三五万", "50000"),
            ("七八千", "8000"),
            ("二三十万", "300000"),
            ("十五六万", "160000"),
            ("一万二三", "13000"),
            ("三万五六千", "36000"),
            ("三到五万吧", "三到五万"),
            ("三万到五万", "三万到五万"),
            ("十万到账要多久", "100000"),
        ];
        for (said, amount) in cases {
            assert_eq!(find(said).amount.as_deref(), Some(amount), "{said}");
        }
        assert_eq!(find("我没有钱").amount, None);
        assert_eq!(find("三个人").amount, None);
        assert_eq!(find("三个人").number.as_deref(), Some("3"));
    }

    #[test]
    fn a_range_is_told_from_a_sum() {
        for said in
            ["大概三五万", "二三十万", "十五六万", "一万二三", "三到五万吧", "三万到五万", "3-5万", "10万至20万"]
        {
            assert!(holds_range(said), "{said}");
        }
        for said in ["大概10万左右", "三万五", "一百二", "十来万", "十五万", "五百零三", "今天到账吗，五万", "3.5万"]
        {
            assert!(!holds_range(said), "{said}");
        }
    }

    #[test]
    fn times_keep_the_contacts_words() {
        let cases = [
            ("你明天下午三点再打吧", "明天下午三点"),
            ("晚上八点半", "晚上八点半"),
            ("我在开会，晚点再打", "晚点"),
            ("两个小时以后吧", "两个小时以后"),
            ("下周一上午可以", "下周一上午"),
            ("15:30行吗", "15:30"),
        ];
        for (said, time) in cases {
            assert_eq!(find(said).time.as_deref(), Some(time), "{said}");
        }
        assert_eq!(find("便宜点行不行").time, None);
        assert_eq!(find("明天三点要五万").amount.as_deref(), Some("50000"));
    }

    #[test]
    fn absurd_digits_are_no_number() {
        find("99999999999999999999999999999万亿");
        find("万万万亿亿亿十十十百百");
        for digits in 15..24 {
            find(&"九".repeat(digits));
        }
    }
}
