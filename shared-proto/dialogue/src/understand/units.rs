//! An utterance as comparable units: one per Han character with its readings, one per Latin word or digit group.
//! Particles and hums are dropped, traditional characters simplified. It knows nothing of intents.

use pinyin::ToPinyin;

/// Longer utterances are cut here; nobody says more in one go that matters.
const LONGEST: usize = 120;

/// Words that carry tone, not meaning.
const PARTICLES: &str = "嗯恩呃额唔啊呢吧哦噢喔嘛呀啦诶欸唉哎喽咯嘞哟吗嚒";

#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// One simplified character, or a lower-case word.
    pub text: String,
    /// The text as a number, for comparing.
    code: u64,
    /// How it may sound; silent for a word.
    readings: [Reading; 2],
    /// Byte range in the utterance.
    pub from: usize,
    pub to: usize,
    /// A clause starts before this unit, ends after it, and asks.
    pub starts: bool,
    pub ends: bool,
    pub asks: bool,
}

/// A syllable without tone and the same with confusable sounds folded, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    plain: u64,
    fuzzy: u64,
}

const SILENT: Reading = Reading { plain: 0, fuzzy: 0 };

/// What is left when the particles are gone, and whether anything was said at all.
#[derive(Debug)]
pub(crate) struct Units {
    pub units: Vec<Unit>,
    /// Nothing but hums and particles.
    pub only_hum: bool,
}

/// How well two units sound alike.
pub(crate) const EXACT: f32 = 1.0;
pub(crate) const SAME_SOUND: f32 = 0.9;
pub(crate) const NEAR_SOUND: f32 = 0.75;

impl Unit {
    fn new(text: String, readings: [Reading; 2], from: usize, to: usize, starts: bool) -> Self {
        Self { code: number(&text), text, readings, from, to, starts, ends: false, asks: false }
    }

    /// 0 where they are different words.
    pub(crate) fn likeness(&self, other: &Unit) -> f32 {
        if self.code == other.code {
            return EXACT;
        }
        let mut best = 0.0;
        for a in self.readings.iter().filter(|reading| **reading != SILENT) {
            for b in &other.readings {
                if a.plain == b.plain {
                    return SAME_SOUND;
                }
                if a.fuzzy == b.fuzzy {
                    best = NEAR_SOUND;
                }
            }
        }
        best
    }

    /// The word as a number; equal words have equal numbers.
    pub(crate) fn code(&self) -> u64 {
        self.code
    }

    /// How it usually sounds, without tone, as a number; a word that is no Han character sounds like itself.
    pub(crate) fn sound(&self) -> u64 {
        if self.is_word() { self.code } else { self.readings[0].plain }
    }

    pub(crate) fn is_word(&self) -> bool {
        self.readings[0] == SILENT
    }

    pub(crate) fn is(&self, chars: &str) -> bool {
        let mut own = self.text.chars();
        matches!((own.next(), own.next()), (Some(c), None) if chars.contains(c))
    }
}

/// Cuts a phrase of the grammar, exactly as an utterance is cut.
pub(crate) fn phrase(text: &str) -> Vec<Unit> {
    utterance(text).units
}

/// Cuts an utterance.
pub(crate) fn utterance(text: &str) -> Units {
    let mut units: Vec<Unit> = Vec::new();
    let mut boundary = true;
    let mut hummed = false;
    let mut word: Option<(usize, String)> = None;
    let end = text.len();
    for (at, c) in text.char_indices().chain([(end, '\n')]) {
        let c = simplify(half_width(c));
        if c.is_ascii_alphanumeric() || (c == '\'' && word.is_some()) || (c == '.' && starts_digit(text, at + 1)) {
            let (_, letters) = word.get_or_insert_with(|| (at, String::new()));
            if c != '\'' {
                letters.push(c.to_ascii_lowercase());
            }
            continue;
        }
        if let Some((from, text)) = word.take() {
            units.push(Unit::new(text, [SILENT; 2], from, at, boundary));
            boundary = false;
        }
        if PARTICLES.contains(c) {
            hummed = true;
            if matches!(c, '吗' | '嚒') {
                mark_question(&mut units);
            }
        } else if c.is_alphabetic() {
            let readings = readings(c);
            let to = at + text[at..].chars().next().map_or(0, char::len_utf8);
            let text = c.to_string();
            units.push(Unit::new(text, readings, at, to, boundary));
            boundary = false;
        } else if !(c == ' ' && units.last().is_some_and(|unit| unit.is_word())) {
            if matches!(c, '？' | '?') {
                mark_question(&mut units);
            }
            if let Some(last) = units.last_mut() {
                last.ends = true;
            }
            boundary = true;
        }
        if units.len() >= LONGEST {
            break;
        }
    }
    if let Some(last) = units.last_mut() {
        last.ends = true;
    }
    Units { only_hum: units.is_empty() && hummed, units }
}

/// Marks the clause that ends here as a question.
fn mark_question(units: &mut [Unit]) {
    for unit in units.iter_mut().rev() {
        unit.asks = true;
        if unit.starts {
            break;
        }
    }
}

fn starts_digit(text: &str, at: usize) -> bool {
    at > 1
        && text.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
        && text.as_bytes().get(at.wrapping_sub(2)).is_some_and(u8::is_ascii_digit)
}

fn readings(c: char) -> [Reading; 2] {
    let usual = c.to_pinyin().map(|pinyin| pinyin.plain());
    let others = OTHER_READINGS.iter().filter(|(of, _)| *of == c).map(|(_, plain)| *plain);
    let mut found = [SILENT; 2];
    for (place, plain) in found.iter_mut().zip(usual.into_iter().chain(others)) {
        *place = Reading { plain: number(plain), fuzzy: number(&fuzzy(plain)) };
    }
    found
}

/// A short text as a number (FNV-1a); equal numbers are taken for equal texts.
fn number(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Everyday second readings. A dictionary's rare ones would make strangers sound alike (大概 and 太贵).
#[rustfmt::skip]
const OTHER_READINGS: &[(char, &str)] = &[
    ('行', "hang"), ('还', "huan"), ('了', "liao"), ('得', "dei"), ('都', "du"), ('长', "zhang"), ('谁', "shei"),
    ('哪', "nei"), ('那', "nei"), ('这', "zhei"), ('便', "pian"), ('会', "kuai"), ('重', "zhong"), ('差', "cha"),
    ('调', "diao"), ('着', "zhao"), ('地', "di"), ('的', "di"), ('乐', "yue"), ('给', "ji"), ('没', "mo"),
];

/// Folds the sounds that accents and a narrow line confuse: zh/z, ch/c, sh/s, n/l, ing/in, eng/en, ang/an, and
/// 没 heard as 们.
fn fuzzy(plain: &str) -> String {
    let mut sound = plain.to_owned();
    for (long, short) in [("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")] {
        if let Some(rest) = sound.strip_prefix(long) {
            sound = format!("{short}{rest}");
            break;
        }
    }
    if ["ing", "eng", "ang"].iter().any(|nasal| sound.ends_with(nasal)) {
        sound.pop();
    }
    if sound == "men" { "mei".to_owned() } else { sound }
}

fn half_width(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// The traditional characters a recogniser is likely to mix in; all others still match by sound.
fn simplify(c: char) -> char {
    const PAIRS: &str = "們们嗎吗電电話话貸贷號号碼码額额說说還还會会開开點点對对謝谢問问誰谁麼么麻麻煩烦騷骚擾扰別别現现\
        時时間间沒没興兴絡络聯联繫系錢钱銀银資资過过幾几萬万個个買买賣卖請请聽听講讲這这裡里裏里幹干麽么應应該该當当無无\
        從从單单刪删黑黑歡欢騙骗詐诈錯错認认識识車车飯饭兒儿機机關关麵面長长遠远進进邊边週周禮礼將将來来為为什什麼么";
    let mut pairs = PAIRS.chars().filter(|c| !c.is_whitespace());
    while let (Some(traditional), Some(simplified)) = (pairs.next(), pairs.next()) {
        if traditional == c {
            return simplified;
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds(a: &str, b: &str) -> Vec<f32> {
        utterance(a).units.iter().zip(phrase(b)).map(|(a, b)| a.likeness(&b)).collect()
    }

    #[test]
    fn homophones_of_the_recogniser_sound_alike() {
        assert_eq!(sounds("们兴趣", "没兴趣"), [NEAR_SOUND, EXACT, EXACT]);
        assert_eq!(sounds("带款", "贷款"), [SAME_SOUND, EXACT]);
        assert_eq!(sounds("不敢兴趣", "不感兴趣"), [EXACT, SAME_SOUND, EXACT, EXACT]);
        assert_eq!(sounds("離席", "利息"), [SAME_SOUND, SAME_SOUND]);
    }

    #[test]
    fn accents_fold_and_other_sounds_do_not() {
        for (a, b) in [("资", "知"), ("四", "是"), ("草", "吵"), ("蓝", "男"), ("金", "经"), ("人", "扔")] {
            assert_eq!(sounds(a, b), [NEAR_SOUND], "{a} {b}");
        }
        for (a, b) in [("不", "要"), ("没", "有"), ("好", "行"), ("大", "他")] {
            assert_eq!(sounds(a, b), [0.0], "{a} {b}");
        }
    }

    #[test]
    fn particles_go_and_clauses_stay() {
        let cut = utterance("嗯，好的呀，利息多少吗？OK");
        let words: Vec<&str> = cut.units.iter().map(|u| u.text.as_str()).collect();
        assert_eq!(words, ["好", "的", "利", "息", "多", "少", "ok"]);
        assert!(cut.units[0].starts && cut.units[1].ends && cut.units[2].starts);
        assert!(cut.units[3].asks && !cut.units[1].asks);
        assert!(utterance("嗯嗯。").only_hum && !utterance("。").only_hum);
    }

    #[test]
    fn traditional_characters_become_simplified() {
        let words: String = utterance("沒興趣，別再打電話").units.iter().map(|u| u.text.clone()).collect();
        assert_eq!(words, "没兴趣别再打电话");
    }
}
