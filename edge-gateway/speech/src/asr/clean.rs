//! What a Whisper decoder gets wrong in known ways, set right: loops, traditional characters, invented credits,
//! answers in another language. Pure.

use crate::job::Language;
use crate::tts::text::{is_han, spell_out};

/// The usable part of a decoded text; empty when there is none. `prompt` is what the decoder was given to start with.
pub(crate) fn usable(text: &str, language: Language, prompt: &str) -> String {
    let text = text.trim().replace('\u{fffd}', "");
    let text = match language {
        Language::Mandarin => fast2s::convert(&text),
        Language::English => text,
    };
    let text = collapse_repeats(&text);
    let text = text.trim_matches(|c: char| c.is_whitespace() || "，,、-—".contains(c));
    let foreign = language == Language::Mandarin && !chinese(text);
    if foreign || invented(text) || echo(text, prompt) { String::new() } else { text.to_owned() }
}

/// Over noise the decoder goes on reading its prompt.
fn echo(text: &str, prompt: &str) -> bool {
    let plain = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let text = plain(text);
    text.chars().count() >= ECHO && plain(prompt).contains(&text)
}

/// Two vocabulary words in the prompt's order may be an answer; more are an echo.
const ECHO: usize = 6;

/// A loop of the decoder becomes one pass: three equal runs of two or more characters, or two equal runs of at
/// least six. Doubled words as people say them (对对对, 不用了不用了) stay.
pub fn collapse_repeats(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let longest = (chars.len() - at) / 2;
        let found = (1..=longest).find_map(|unit| {
            let runs = 1
                + (1..(chars.len() - at) / unit)
                    .take_while(|n| chars[at..at + unit] == chars[at + n * unit..at + (n + 1) * unit])
                    .count();
            let least = match unit {
                1 => 5,
                2..=5 => 3,
                _ => 2,
            };
            (runs >= least).then_some((unit, runs))
        });
        if let Some((unit, runs)) = found {
            // The token cap may have cut the last pass short.
            let end = at + unit * runs;
            let cut = chars[end..].iter().zip(&chars[at..at + unit]).take_while(|(a, b)| a == b).count();
            let tail = if end + cut == chars.len() { cut } else { 0 };
            let keep = if unit == 1 { 2 } else { unit };
            chars.drain(at + keep..end + tail);
            at += keep;
        } else {
            at += 1;
        }
    }
    chars.into_iter().collect()
}

/// Subtitle credits and the like that the model learned to write over noise.
fn invented(text: &str) -> bool {
    const CREDITS: [&str; 13] = [
        "字幕",
        "谢谢观看",
        "感谢观看",
        "谢谢收看",
        "点赞订阅",
        "点赞 订阅",
        "打赏",
        "明镜",
        "独播剧场",
        "Amara",
        "中文字幕",
        "普通话的句子",
        "普通话的电话",
    ];
    CREDITS.iter().any(|credit| text.contains(credit))
}

/// Numbers count as Chinese: the model writes spoken ones as digits.
fn chinese(text: &str) -> bool {
    let han = text.chars().filter(|&c| is_han(c)).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 1).count();
    han + digits > 0 && han + digits >= words
}

/// Edit distance over characters as spoken (numbers spelt out, punctuation and case dropped), and their count.
pub fn character_error_rate(said: &str, heard: &str) -> (usize, usize) {
    let plain = |text: &str| -> Vec<char> {
        let kept = spell_out(text);
        kept.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
    };
    let (said, heard) = (plain(said), plain(heard));
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, a) in said.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in heard.iter().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    (row[heard.len()], said.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT: &str = "以下是普通话的电话对话：贷款、利率、还款、账单。";

    #[test]
    fn decoder_loops_become_one_pass() {
        for (heard, expected) in [
            ("我想了解一下我想了解一下我想了解一下", "我想了解一下"),
            ("我想了解一下利率，我想了解一下利率，我想了解", "我想了解一下利率，"),
            ("哈哈哈哈哈哈哈哈", "哈哈"),
            ("不需要不需要不需要不需", "不需要"),
        ] {
            assert_eq!(collapse_repeats(heard), expected);
        }
    }

    #[test]
    fn doubled_words_as_people_say_them_stay() {
        for heard in ["对对对", "不用了不用了", "好的好的，谢谢", "", "嗯", "13800138000"] {
            assert_eq!(collapse_repeats(heard), heard);
        }
    }

    #[test]
    fn traditional_characters_become_simplified() {
        assert_eq!(usable(" 這個貸款的利率是多少？", Language::Mandarin, PROMPT), "这个贷款的利率是多少？");
    }

    #[test]
    fn invented_or_foreign_text_is_dropped() {
        for heard in [
            "Thank you for watching.",
            "字幕by索兰娅",
            "請不吝點贊 訂閱 轉發 打賞支持明鏡",
            "以下是普通话的句子。",
            "...",
        ] {
            assert_eq!(usable(heard, Language::Mandarin, PROMPT), "", "{heard}");
        }
    }

    #[test]
    fn numbers_and_foreign_words_inside_chinese_stay() {
        assert_eq!(usable("13800138000", Language::Mandarin, PROMPT), "13800138000");
        assert_eq!(usable("我用的是iPhone手机", Language::Mandarin, PROMPT), "我用的是iPhone手机");
        assert_eq!(usable("No, thanks.", Language::English, PROMPT), "No, thanks.");
    }

    #[test]
    fn the_error_rate_counts_characters_as_spoken() {
        assert_eq!(character_error_rate("还款500元。", "还款五百元"), (0, 5));
        assert_eq!(character_error_rate("没兴趣", "们兴趣啊"), (2, 3));
    }
}
