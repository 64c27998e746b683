//! Where a number is at home: province, city and carrier by its prefix, and the time zone of who answers it.
//! The data and its layout are described in `control-plane/data/README.md`. Numbers that moved to another
//! carrier keep their first one here.

use std::collections::HashMap;
use std::sync::LazyLock;

use shared_proto::phone::{NumberType, Phone};

/// What a prefix tells. Empty where it tells nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Home {
    pub province: Option<&'static str>,
    pub city: Option<&'static str>,
    pub carrier: Option<&'static str>,
    /// The IANA zone whose calling hours hold; none where the number could be in several.
    pub zone: Option<&'static str>,
}

impl Home {
    pub fn of(phone: &Phone) -> Self {
        let Some(national) = phone.reveal().strip_prefix("+86") else {
            return Self { zone: zone_abroad(phone.reveal()), ..Self::default() };
        };
        // Civil time in all of China is Beijing time, in Urumqi too.
        let china = Self { zone: Some("Asia/Shanghai"), ..Self::default() };
        match phone.number_type() {
            NumberType::Mobile | NumberType::Virtual => DATA.mobile(national, china),
            NumberType::Landline => DATA.landline(national, china),
            _ => china,
        }
    }
}

static DATA: LazyLock<Data> = LazyLock::new(|| {
    read(include_bytes!("../../../data/number_regions.bin")).expect("the data file travels with the program")
});

const FIRST_PREFIX: usize = 1_300_000;

struct Data {
    carriers: Vec<&'static str>,
    /// Province and city.
    regions: Vec<(&'static str, &'static str)>,
    /// By seven-digit prefix from 1300000: 0 unknown, else (region + 1) * 16 + carrier.
    prefixes: Vec<u16>,
    /// By area code without its 0: the province, and the city where the code has but one.
    areas: HashMap<&'static str, (&'static str, Option<&'static str>)>,
}

impl Data {
    fn mobile(&self, national: &str, home: Home) -> Home {
        let prefix = national.get(..7).and_then(|digits| digits.parse::<usize>().ok());
        let value = prefix.and_then(|prefix| self.prefixes.get(prefix.checked_sub(FIRST_PREFIX)?)).copied();
        match value {
            None | Some(0) => home,
            Some(value) => {
                let region = self.regions.get(usize::from(value / 16) - 1);
                let carrier = self.carriers.get(usize::from(value % 16)).copied();
                let (province, city) = region.copied().unzip();
                Home { province, city, carrier: carrier.filter(|name| !name.is_empty()), ..home }
            }
        }
    }

    fn landline(&self, national: &str, home: Home) -> Home {
        let long = national.get(..3).and_then(|code| self.areas.get(code));
        let area = long.or_else(|| national.get(..2).and_then(|code| self.areas.get(code)));
        match area {
            Some((province, city)) => Home { province: Some(province), city: *city, ..home },
            None => home,
        }
    }
}

fn read(bytes: &'static [u8]) -> Option<Data> {
    let rest = bytes.strip_prefix(b"BBR1")?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (text, mut runs) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let mut lines = std::str::from_utf8(text).ok()?.lines();
    let carriers = lines.next()?.split('|').collect();
    let mut regions = Vec::new();
    let mut areas = HashMap::new();
    for line in lines {
        let mut parts = line.split('|');
        let (province, city, area) = (parts.next()?, parts.next()?, parts.next()?);
        regions.push((province, city));
        areas
            .entry(area.strip_prefix('0').unwrap_or(area))
            .and_modify(|known: &mut (&str, Option<&str>)| known.1 = None)
            .or_insert((province, Some(city)));
    }
    let mut prefixes = Vec::with_capacity(700_000);
    while !runs.is_empty() {
        let (length, rest) = leb128(runs)?;
        let (value, rest) = rest.split_first_chunk::<2>()?;
        prefixes.extend(std::iter::repeat_n(u16::from_le_bytes(*value), length));
        runs = rest;
    }
    Some(Data { carriers, regions, prefixes, areas })
}

fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate().take(4) {
        number |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[place + 1..]));
        }
    }
    None
}

/// Countries that keep one civil time. Where there are several (+1, +7, +61, +55 …) nothing is said,
/// and calling hours then block the number.
fn zone_abroad(e164: &str) -> Option<&'static str> {
    let number = phonenumber::parse(None, e164).ok()?;
    let zone = match number.country().code() {
        27 => "Africa/Johannesburg",
        20 => "Africa/Cairo",
        30 => "Europe/Athens",
        31 => "Europe/Amsterdam",
        32 => "Europe/Brussels",
        33 => "Europe/Paris",
        36 => "Europe/Budapest",
        39 => "Europe/Rome",
        40 => "Europe/Bucharest",
        41 => "Europe/Zurich",
        43 => "Europe/Vienna",
        44 => "Europe/London",
        45 => "Europe/Copenhagen",
        46 => "Europe/Stockholm",
        47 => "Europe/Oslo",
        48 => "Europe/Warsaw",
        49 => "Europe/Berlin",
        51 => "America/Lima",
        57 => "America/Bogota",
        60 => "Asia/Kuala_Lumpur",
        63 => "Asia/Manila",
        65 => "Asia/Singapore",
        66 => "Asia/Bangkok",
        81 => "Asia/Tokyo",
        82 => "Asia/Seoul",
        84 => "Asia/Ho_Chi_Minh",
        90 => "Europe/Istanbul",
        91 => "Asia/Kolkata",
        92 => "Asia/Karachi",
        94 => "Asia/Colombo",
        95 => "Asia/Yangon",
        98 => "Asia/Tehran",
        234 => "Africa/Lagos",
        254 => "Africa/Nairobi",
        353 => "Europe/Dublin",
        358 => "Europe/Helsinki",
        420 => "Europe/Prague",
        852 => "Asia/Hong_Kong",
        853 => "Asia/Macau",
        855 => "Asia/Phnom_Penh",
        856 => "Asia/Vientiane",
        880 => "Asia/Dhaka",
        886 => "Asia/Taipei",
        965 => "Asia/Kuwait",
        966 => "Asia/Riyadh",
        968 => "Asia/Muscat",
        971 => "Asia/Dubai",
        972 => "Asia/Jerusalem",
        973 => "Asia/Bahrain",
        974 => "Asia/Qatar",
        977 => "Asia/Kathmandu",
        _ => return None,
    };
    Some(zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(text: &str) -> String {
        let home = Home::of(&Phone::parse(text).unwrap());
        let word = |part: Option<&'static str>| part.unwrap_or("-");
        format!("{} {} {} {}", word(home.province), word(home.city), word(home.carrier), word(home.zone))
    }

    #[test]
    fn prefixes_tell_province_city_and_carrier() {
        assert_eq!(home("13800138000"), "北京 北京 移动 Asia/Shanghai");
        assert_eq!(home("18955512345"), "安徽 马鞍山 电信 Asia/Shanghai");
        assert_eq!(home("010-65551234"), "北京 北京 - Asia/Shanghai");
        assert_eq!(home("0993-6555123"), "新疆 石河子 - Asia/Shanghai");
        assert_eq!(home("0731-86551234"), "湖南 - - Asia/Shanghai");
        assert_eq!(home("4008101234"), "- - - Asia/Shanghai");
    }

    #[test]
    fn foreign_numbers_have_a_zone_only_where_the_country_has_one() {
        assert_eq!(home("+852 2345 6789"), "- - - Asia/Hong_Kong");
        assert_eq!(home("+1 415 555 2671"), "- - - -");
    }

    #[test]
    fn every_zone_is_one_that_exists() {
        for line in include_str!("regions.rs").lines().filter(|line| line.contains(" => \"")) {
            let zone = line.split('"').nth(1).unwrap();
            assert!(zone.parse::<chrono_tz::Tz>().is_ok(), "{zone}");
        }
    }
}
