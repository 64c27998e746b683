//! What a label may look like, and the five that every tenant has. Pure.

use crate::features::contacts::imports::rules::clean_text;

/// A label that every tenant has from the start.
pub struct Seed {
    pub key: &'static str,
    pub name: &'static str,
    pub color: &'static str,
    pub hot: bool,
}

pub const SEEDS: [Seed; 5] = [
    Seed { key: "high", name: "高意向", color: "#cf1322", hot: true },
    Seed { key: "low", name: "低意向", color: "#d46b08", hot: false },
    Seed { key: "refused", name: "拒绝", color: "#595959", hot: false },
    Seed { key: "callback", name: "待回访", color: "#0958d9", hot: false },
    Seed { key: "invalid", name: "无效号码", color: "#8c8c8c", hot: false },
];

/// Lower-case letters, digits and `_`, a letter first, at most 32.
pub fn key(text: &str) -> Option<String> {
    let text = text.trim();
    let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let fits = text.len() <= 32 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(sign);
    fits.then(|| text.to_owned())
}

pub fn name(text: &str) -> Option<String> {
    let name = clean_text(text);
    (1..=20).contains(&name.chars().count()).then_some(name)
}

/// `#rrggbb`
pub fn color(text: &str) -> Option<String> {
    let digits = text.trim().strip_prefix('#')?;
    let fits = digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit());
    fits.then(|| format!("#{}", digits.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_names_and_colours_are_parsed_at_the_door() {
        assert_eq!(key(" vip_1 ").as_deref(), Some("vip_1"));
        assert!(key("1vip").is_none() && key("VIP").is_none() && key("").is_none());
        assert!(name("  ").is_none() && name(&"长".repeat(21)).is_none());
        assert_eq!(color("#ABCDEF").as_deref(), Some("#abcdef"));
        assert!(color("red").is_none() && color("#12345").is_none());
    }
}
