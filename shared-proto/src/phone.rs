//! A phone number in E.164 that prints itself masked. What a spreadsheet cell holds is cleaned elsewhere.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A valid number in E.164, for example `+8613812345678`.
///
/// `Display` and `Debug` are masked (`138****5678`); [`Phone::reveal`] is the only way to the digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberType {
    Mobile,
    /// A mobile prefix of a virtual operator (162, 165, 167, 170, 171).
    Virtual,
    Landline,
    TollFree,
    /// 95xxx and 96xxx service numbers.
    Service,
    Short,
    Foreign,
}

impl NumberType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Virtual => "virtual",
            Self::Landline => "landline",
            Self::TollFree => "toll_free",
            Self::Service => "service",
            Self::Short => "short",
            Self::Foreign => "foreign",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("the number is empty")]
    Empty,
    #[error("the number holds letters or other signs")]
    NotDigits,
    #[error("the number is too short")]
    TooShort,
    #[error("the number is too long")]
    TooLong,
    #[error("no such number range")]
    NoSuchRange,
}

impl PhoneError {
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "phone_empty",
            Self::NotDigits => "phone_not_digits",
            Self::TooShort => "phone_too_short",
            Self::TooLong => "phone_too_long",
            Self::NoSuchRange => "phone_no_such_range",
        }
    }
}

impl Phone {
    /// Reads what a person wrote: full-width digits, spaces, hyphens, brackets, `+86`, `0086`, a trunk 0.
    /// Numbers without a country code are Chinese.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let mut digits = String::with_capacity(16);
        let mut plus = false;
        for sign in text.trim().trim_start_matches('\'').chars() {
            match sign {
                '0'..='9' => digits.push(sign),
                '０'..='９' => digits.push(char::from(b'0' + (sign as u32 - '０' as u32) as u8)),
                '+' | '＋' if digits.is_empty() && !plus => plus = true,
                ' ' | '\u{a0}' | '\u{3000}' | '-' | '－' | '—' | '–' | '(' | ')' | '（' | '）' | '.' | '\t'
                | '\u{200b}' | '\u{202c}' | '\u{202d}' | '\u{feff}' => {}
                _ => return Err(PhoneError::NotDigits),
            }
        }
        if digits.is_empty() {
            return Err(PhoneError::Empty);
        }
        if !plus && let Some(rest) = digits.strip_prefix("00") {
            digits = rest.to_owned();
            plus = true;
        }
        if plus && !digits.starts_with("86") {
            return Self::foreign(digits);
        }
        // `861012345678` without a plus is a full number too, where nothing shorter could be meant.
        let written_whole = plus || (digits.len() == 13 && digits.starts_with("861"));
        match digits.strip_prefix("86") {
            Some(rest) if written_whole => Self::chinese(rest, true),
            _ => Self::chinese(&digits, false),
        }
    }

    fn foreign(digits: String) -> Result<Self, PhoneError> {
        let text = format!("+{digits}");
        let number = phonenumber::parse(None, &text).map_err(|_| PhoneError::NoSuchRange)?;
        if phonenumber::is_valid(&number) { Ok(Self(text)) } else { Err(PhoneError::NoSuchRange) }
    }

    /// `national` as dialled inside China, or, where a country code stood before it, without the trunk 0.
    fn chinese(national: &str, country_code: bool) -> Result<Self, PhoneError> {
        let n = national.strip_prefix('0').unwrap_or(national);
        let area_code_given = country_code || n.len() != national.len();
        let service = !area_code_given || country_code;
        let bytes = n.as_bytes();
        let ok = match (bytes.first().copied().unwrap_or(b'0'), bytes.get(1).copied().unwrap_or(b'0')) {
            (b'1', b'3'..=b'9') if n.len() == 11 => true,
            (b'1', b'3'..=b'9') => return Err(length_error(n.len(), 11)),
            (b'1', b'0') if area_code_given && n.len() == 10 => true,
            (b'1', b'0'..=b'2') if service && (3..=6).contains(&n.len()) => true,
            (b'4' | b'8', _) if n.len() == 10 && (n.starts_with("400") || n.starts_with("800")) => true,
            (b'9', b'5' | b'6') if service && (5..=8).contains(&n.len()) => true,
            // Two-digit area codes are 20-29, all others have three digits before seven or eight.
            (b'2', _) => area_code_given && n.len() == 10,
            (b'3'..=b'9', _) => area_code_given && (10..=11).contains(&n.len()),
            _ => false,
        };
        if ok {
            return Ok(Self(format!("+86{n}")));
        }
        Err(match n.len() {
            0..=6 => PhoneError::TooShort,
            13.. => PhoneError::TooLong,
            _ => PhoneError::NoSuchRange,
        })
    }

    /// Takes text that is already E.164, such as a decrypted column.
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let fine = (3..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        fine.then(|| Self(text.to_owned()))
    }

    /// The full number in E.164. Everything that is not dialling, sealing or an audited reveal shows the mask.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// As a Chinese person writes and dials it: mobiles bare, landlines with the trunk 0, foreign numbers with `+`.
    pub fn national(&self) -> String {
        match self.0.strip_prefix("+86") {
            Some(n) if self.number_type() == NumberType::Landline => format!("0{n}"),
            Some(n) => n.to_owned(),
            None => self.0.clone(),
        }
    }

    pub fn number_type(&self) -> NumberType {
        let Some(n) = self.0.strip_prefix("+86") else { return NumberType::Foreign };
        let virtual_prefixes = ["162", "165", "167", "170", "171"];
        match n.len() {
            11 if n.starts_with('1') && virtual_prefixes.iter().any(|p| n.starts_with(p)) => NumberType::Virtual,
            11 if n.starts_with('1') && n.as_bytes()[1] >= b'3' => NumberType::Mobile,
            10 if n.starts_with("400") || n.starts_with("800") => NumberType::TollFree,
            5..=8 if n.starts_with("95") || n.starts_with("96") => NumberType::Service,
            3..=6 => NumberType::Short,
            _ => NumberType::Landline,
        }
    }

    /// `138****5678`: the middle is hidden, and at least half of a short number.
    pub fn masked(&self) -> String {
        let n = self.national();
        let digits: Vec<char> = n.chars().collect();
        match digits.len() {
            0..=4 => "*".repeat(digits.len()),
            5..=8 => {
                format!("{}****{}", String::from_iter(&digits[..2]), String::from_iter(&digits[digits.len() - 1..]))
            }
            len => {
                format!("{}****{}", String::from_iter(&digits[..len - 8]), String::from_iter(&digits[len - 4..]))
            }
        }
    }
}

fn length_error(len: usize, want: usize) -> PhoneError {
    if len < want { PhoneError::TooShort } else { PhoneError::TooLong }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

/// On the wire between control plane and edge the number travels whole.
impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::from_e164(&text).ok_or_else(|| serde::de::Error::custom("not an E.164 number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_becomes_e164() {
        let cases = [
            ("13812345678", "+8613812345678"),
            (" 138 1234-5678 ", "+8613812345678"),
            ("'13812345678", "+8613812345678"),
            ("１３８１２３４５６７８", "+8613812345678"),
            ("+86 138 1234 5678", "+8613812345678"),
            ("0086-13812345678", "+8613812345678"),
            ("8613812345678", "+8613812345678"),
            ("010-12345678", "+861012345678"),
            ("(0755) 2345 6789", "+8675523456789"),
            ("4008001234", "+864008001234"),
            ("95588", "+8695588"),
            ("+86 10 6555 1234", "+861065551234"),
            ("+86 (0755) 2345 6789", "+8675523456789"),
            ("0086 21 6555 1234", "+862165551234"),
            ("0898-6555123", "+868986555123"),
            ("+852 2345 6789", "+85223456789"),
            ("+1 415 555 2671", "+14155552671"),
        ];
        for (written, e164) in cases {
            assert_eq!(Phone::parse(written).map(|p| p.reveal().to_owned()), Ok(e164.to_owned()), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_dialled_says_why() {
        let cases = [
            ("", PhoneError::Empty),
            ("abc", PhoneError::NotDigits),
            ("1381234567", PhoneError::TooShort),
            ("138123456789", PhoneError::TooLong),
            ("12345678901", PhoneError::NoSuchRange),
            ("65551234", PhoneError::NoSuchRange),
            ("021-6555123", PhoneError::NoSuchRange),
            ("+1 415 555 26711", PhoneError::NoSuchRange),
            ("13806252221/17317874421", PhoneError::NotDigits),
            ("1.3812E+10", PhoneError::NotDigits),
        ];
        for (written, error) in cases {
            assert_eq!(Phone::parse(written), Err(error), "{written}");
        }
    }

    #[test]
    fn a_phone_never_prints_itself_whole() {
        let phone = Phone::parse("13812345678").unwrap();
        assert_eq!(format!("{phone} {phone:?}"), "138****5678 Phone(138****5678)");
        assert_eq!(Phone::parse("010-12345678").unwrap().masked(), "010****5678");
        assert_eq!(Phone::parse("95588").unwrap().masked(), "95****8");
    }

    #[test]
    fn number_types_follow_the_ranges() {
        let of = |text: &str| Phone::parse(text).unwrap().number_type();
        assert_eq!(of("13812345678"), NumberType::Mobile);
        assert_eq!(of("17012345678"), NumberType::Virtual);
        assert_eq!(of("02112345678"), NumberType::Landline);
        assert_eq!(of("4008001234"), NumberType::TollFree);
        assert_eq!(of("95588"), NumberType::Service);
    }
}
