//! Telephone and other long numbers in free text, hidden however they are written: in one run, in groups
//! (`199 0000 1334`, `138-1234-5678`), in full-width or Chinese digits. Amounts, dates and times stay.

/// From so many digits on a number may be somebody's.
const LONG: usize = 7;
/// Signs that may stand between two groups of one number, as in `138 - 1234`.
const BETWEEN_MOST: usize = 3;
/// A separator that also lists and amounts have joins only groups as long as those of a telephone number.
const GROUP_LEAST: usize = 3;

/// Hides the middle of every number of seven or more digits: `138****5678`, `1101****1234`, `65****4`.
pub fn mask_digits(text: &str) -> String {
    rewritten(text, |run, out| run.pieces().into_iter().for_each(|piece| piece.masked(out)))
}

/// Hides every number that has at least `least` digits, whatever it counts: `***`.
pub fn hide_digits(text: &str, least: usize) -> String {
    rewritten(text, |run, out| match run.digits() {
        digits if digits >= least => out.push_str("***"),
        _ => out.extend(run.signs()),
    })
}

/// Copies what is no digit and lets `write` decide on each run of groups.
fn rewritten(text: &str, mut write: impl FnMut(&Run, &mut String)) -> String {
    if !text.chars().any(is_digit) {
        return text.to_owned();
    }
    let signs: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < signs.len() {
        let masked = masked_at(&signs[at..]);
        if masked > 0 {
            out.extend(&signs[at..at + masked]);
            at += masked;
        } else if is_digit(signs[at]) {
            let run = Run::at(&signs, at);
            at += run.signs().count();
            write(&run, &mut out);
        } else {
            out.push(signs[at]);
            at += 1;
        }
    }
    out
}

/// The length of a number that begins here and is masked already; what stands beside it is another's.
fn masked_at(signs: &[char]) -> usize {
    let digits = |from: usize| signs[from..].iter().take_while(|sign| is_digit(**sign)).count();
    let first = digits(0);
    let stars = signs[first..].iter().take_while(|sign| **sign == '*').count();
    let last = digits(first + stars);
    let fits = (1..=4).contains(&first) && stars == 4 && (1..=4).contains(&last);
    if fits { first + stars + last } else { 0 }
}

fn is_digit(sign: char) -> bool {
    sign.is_ascii_digit() || ('０'..='９').contains(&sign) || "零〇一二三四五六七八九幺两".contains(sign)
}

/// Stands between the groups of telephone numbers.
fn separates(sign: char) -> bool {
    sign.is_whitespace() && sign != '\n'
        || "-－—–‐‑−_()（）·・•\u{200b}\u{200e}\u{202a}\u{202c}\u{202d}\u{2060}\u{feff}".contains(sign)
}

/// Stands between groups too, but also in dates, lists and amounts.
fn may_separate(sign: char) -> bool {
    ".．。/／\\,，、:：|".contains(sign)
}

/// A group of digits and the signs before it in the same run.
struct Group<'a> {
    before: &'a [char],
    digits: &'a [char],
}

/// Groups that may be one number.
struct Run<'a>(Vec<Group<'a>>);

impl<'a> Run<'a> {
    fn at(signs: &'a [char], start: usize) -> Self {
        let group = |from: usize| &signs[from..from + signs[from..].iter().take_while(|sign| is_digit(**sign)).count()];
        let first = group(start);
        let mut end = start + first.len();
        let mut groups = vec![Group { before: &[], digits: first }];
        loop {
            let between = signs[end..].iter().take_while(|sign| separates(**sign) || may_separate(**sign)).count();
            let next = group(end + between);
            let before = &signs[end..end + between];
            let ended = between == 0 || between > BETWEEN_MOST || next.is_empty();
            if ended || masked_at(&signs[end + between..]) > 0 || !joins(&groups, before, next) {
                return Self(groups);
            }
            end += between + next.len();
            groups.push(Group { before, digits: next });
        }
    }

    fn digits(&self) -> usize {
        self.0.iter().map(|group| group.digits.len()).sum()
    }

    fn signs(&self) -> impl Iterator<Item = char> {
        self.0.iter().flat_map(|group| group.before.iter().chain(group.digits)).copied()
    }

    /// Dates by themselves, groups that are long enough alone by themselves, and what lies between together.
    fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut from = 0;
        let mut at = 0;
        while at < self.0.len() {
            let alone = match &self.0[at..] {
                rest if is_date(rest) => 3,
                [group, ..] if group.digits.len() >= LONG => 1,
                _ => 0,
            };
            if alone > 0 {
                pieces.push(Piece { groups: &self.0[from..at], keep: false });
                pieces.push(Piece { groups: &self.0[at..at + alone], keep: alone == 3 });
                from = at + alone;
            }
            at += alone.max(1);
        }
        pieces.push(Piece { groups: &self.0[from..], keep: false });
        pieces
    }
}

fn joins(groups: &[Group<'_>], between: &[char], next: &[char]) -> bool {
    let [.., last] = groups else { return false };
    match between.iter().copied().find(|sign| may_separate(*sign)) {
        None => true,
        // 1,234,567
        Some(',' | '，') if between.len() == 1 && next.len() == 3 && last.digits.len() <= 3 => false,
        // A date is one run, so that it is known as such.
        Some('/' | '.') if between.len() == 1 && next.len() <= 2 => match groups {
            [.., year, month] if month.before == between && year.digits.len() == 4 => true,
            _ => last.digits.len() == 4,
        },
        Some(_) => last.digits.len() >= GROUP_LEAST && next.len() >= GROUP_LEAST,
    }
}

/// `2026-12-01` in its usual spellings.
fn is_date(groups: &[Group<'_>]) -> bool {
    let [year, month, day, ..] = groups else { return false };
    let number = |digits: &[char]| String::from_iter(digits).parse::<u32>().ok();
    let same = month.before.len() == 1 && month.before == day.before && "-/.".contains(month.before[0]);
    same && year.digits.len() == 4
        && number(year.digits).is_some_and(|year| (1900..2100).contains(&year))
        && number(month.digits).is_some_and(|month| (1..=12).contains(&month))
        && day.digits.len() <= 2
        && number(day.digits).is_some_and(|day| (1..=31).contains(&day))
}

/// Groups that are shown or hidden together.
struct Piece<'a> {
    groups: &'a [Group<'a>],
    keep: bool,
}

impl Piece<'_> {
    fn masked(&self, out: &mut String) {
        let digits: Vec<char> = self.groups.iter().flat_map(|group| group.digits).copied().collect();
        if self.keep || digits.len() < LONG {
            let signs = self.groups.iter().flat_map(|group| group.before.iter().chain(group.digits));
            return out.extend(signs);
        }
        let mut groups = self.groups;
        out.extend(groups[0].before);
        // A country code that stands apart stays so.
        if let [code, national, ..] = groups
            && digits.len() > 11
            && ["86", "0086", "８６"].contains(&String::from_iter(code.digits).as_str())
        {
            out.extend(code.digits.iter().chain(national.before));
            groups = &groups[1..];
        }
        let digits: Vec<char> = groups.iter().flat_map(|group| group.digits).copied().collect();
        let (first, last) = match digits.len() {
            0..=8 => (2, 1),
            length => ((length - 8).min(4), 4),
        };
        out.extend(&digits[..first]);
        out.push_str("****");
        out.extend(&digits[digits.len() - last..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_number_is_hidden_however_it_is_written() {
        let cases = [
            ("电话13812345678，尾号5678", "电话138****5678，尾号5678"),
            ("199 0000 1334", "199****1334"),
            ("138-1234-5678", "138****5678"),
            ("138 - 1234 - 5678", "138****5678"),
            ("138.1234.5678", "138****5678"),
            ("138，1234，5678", "138****5678"),
            ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
            ("138\u{a0}1234\u{3000}5678", "138****5678"),
            ("+86 138 1234 5678", "+86 138****5678"),
            ("+86 13812345678", "+86 138****5678"),
            ("0086-138-1234-5678", "0086-138****5678"),
            ("１３８１２３４５６７８", "１３８****５６７８"),
            ("１３８ １２３４ ５６７８", "１３８****５６７８"),
            ("幺三八零零零零一三三四", "幺三八****一三三四"),
            ("13806252221 17317874421", "138****2221 173****4421"),
            ("13806252221/17317874421", "138****2221/173****4421"),
            ("(0755) 2345 6789", "(0755****6789"),
            ("010-65551234", "010-65****4"),
            ("65551234", "65****4"),
            ("身份证110101199003071234", "身份证1101****1234"),
            ("2026-12-01 110101199003071234", "2026-12-01 1101****1234"),
            ("2026-12-01 138 1234 5678", "2026-12-01 138****5678"),
        ];
        for (text, shown) in cases {
            assert_eq!(mask_digits(text), shown, "{text}");
            assert_eq!(mask_digits(shown), shown, "what is masked stays so: {text}");
        }
    }

    #[test]
    fn amounts_dates_times_and_lists_stay() {
        let cases = [
            "2026-12-01 10:30:00",
            "2026/12/01",
            "2026.1.5至2026.12.31",
            "1,234,567.00元",
            "12345.67",
            "10.5 3.2",
            "分3、6、12、24、36期",
            "二〇二六年三月一日",
            "张三",
            "尾号 5678",
            "138****5678",
            "",
        ];
        for text in cases {
            assert_eq!(mask_digits(text), text);
        }
    }

    #[test]
    fn numbers_are_hidden_whole_from_as_many_digits_as_asked() {
        assert_eq!(hide_digits("打我138 1234 5678吧", 3), "打我***吧");
        assert_eq!(hide_digits("幺三八零零一二,要50万", 3), "***,要50万");
        assert_eq!(hide_digits("两点吧", 3), "两点吧");
        assert_eq!(hide_digits("还差5000元，打13812345678", 7), "还差5000元，打***");
    }
}
