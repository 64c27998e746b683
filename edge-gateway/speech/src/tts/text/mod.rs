//! The Chinese text front end: a sentence in, clauses with numbers spelt out, then phonemes. No sound here.

mod normal;
mod phrases;
mod reading;
mod sandhi;

use std::time::Duration;

pub(crate) use normal::spell_out;
pub(crate) use reading::Pronouncer;

use crate::config::models_folder;
use crate::error::SpeechError;

/// What is spoken in one breath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    /// Characters to be read; numbers are spelt out, 、 marks a short break.
    pub text: String,
    /// Silence after it at normal speed; none after the last clause.
    pub pause: Duration,
}

/// Splits at punctuation. Text without anything to read gives no clause.
pub(crate) fn clauses(text: &str) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut current = String::new();
    let spelt = spell_out(text);
    let mut close = |current: &mut String, ms: u64| {
        let text = std::mem::take(current).trim_matches(|c: char| c == '、' || c.is_whitespace()).to_owned();
        if text.chars().any(|c| is_han(c) || c.is_ascii_alphanumeric()) {
            clauses.push(Clause { text, pause: Duration::from_millis(ms) });
        } else if let Some(before) = clauses.last_mut() {
            before.pause = before.pause.max(Duration::from_millis(ms));
        }
    };
    for c in spelt.chars() {
        match c {
            '，' | ',' => close(&mut current, 180),
            '：' | ':' | '—' => close(&mut current, 220),
            '。' | '！' | '？' | '；' | '…' | '.' | '!' | '?' | ';' | '\n' => close(&mut current, 320),
            _ => current.push(c),
        }
    }
    close(&mut current, 0);
    if let Some(last) = clauses.last_mut() {
        last.pause = Duration::ZERO;
    }
    clauses
}

pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇')
}

/// How a text is read, clause by clause: `ni2 hao3 | wo3 shi4 …`. For tests and for a look at a script's text.
pub fn readings(text: &str) -> Result<String, SpeechError> {
    let pronouncer = Pronouncer::load(&models_folder()?)?;
    let clauses = clauses(text);
    let read: Vec<String> = clauses.iter().map(|clause| pronouncer.syllables(&clause.text)).collect();
    Ok(read.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_where_a_speaker_breathes() {
        let split: Vec<(String, u128)> = clauses("您好！请问是张先生吗？身份证、银行卡，都要带。")
            .into_iter()
            .map(|c| (c.text, c.pause.as_millis()))
            .collect();
        let expected = [("您好", 320), ("请问是张先生吗", 320), ("身份证、银行卡", 180), ("都要带", 0)];
        assert_eq!(split, expected.map(|(text, ms)| (text.to_owned(), ms)));
    }

    #[test]
    fn nothing_to_read_gives_no_clause() {
        assert!(clauses(" …… ？！\n").is_empty());
    }

    #[test]
    fn texts_are_read_as_people_read_them() {
        let pronouncer = Pronouncer::load(&models_folder().unwrap()).unwrap();
        for (text, expected) in [
            ("你好", "ni2 hao3"),
            ("我想了解一下", "wo2 xiang3 liao2 jie3 yi2 xia4"),
            ("您还得还款三千元", "nin2 hai2 dei3 huan2 kuan3 san1 qian1 yuan2"),
            ("银行行长", "yin2 hang2 hang2 zhang3"),
            ("重新办理很重要", "chong2 xin1 ban4 li3 hen3 zhong4 yao4"),
            ("不是不行", "bu2 shi4 bu4 xing2"),
            ("是不是", "shi4 bu5 shi4"),
            ("一步一步看一看", "yi2 bu4 yi2 bu4 kan4 yi5 kan4"),
            ("能分几期还呢，没办法还", "neng2 fen1 ji3 qi1 huan2 ne5 mei2 ban4 fa3 huan2"),
            ("得拿什么", "dei3 na2 shen2 me5"),
            ("随借随还", "sui2 jie4 sui2 huan2"),
            ("已经还了，还没还清", "yi3 jing1 huan2 le5 hai2 mei2 huan2 qing1"),
            ("一个、一百、一万、第一", "yi2 ge4 yi4 bai3 yi2 wan4 di4 yi1"),
            ("十一月二十一日", "shi2 yi1 yue4 er4 shi2 yi1 ri4"),
            ("慢慢地说着话", "man4 man4 de5 shuo1 zhe5 hua4"),
            ("别着急，我记得", "bie2 zhao2 ji2 wo3 ji4 de5"),
            ("利率便宜", "li4 lv4 pian2 yi5"),
            ("处理一会儿", "chu2 li3 yi2 hui4 er5"),
            ("因为为准", "yin1 wei4 wei2 zhun3"),
            ("什么时候方便", "shen2 me5 shi2 hou5 fang1 bian4"),
            ("我也很好", "wo2 ye2 hen2 hao3"),
            ("女士绿色", "nv3 shi4 lv4 se4"),
            ("办不了", "ban4 bu4 liao3"),
            ("有空吗", "you3 kong4 ma5"),
            ("APP", "ei1 pi1 pi1"),
        ] {
            let read: Vec<String> = clauses(text).iter().map(|clause| pronouncer.syllables(&clause.text)).collect();
            assert_eq!(read.join(" "), expected, "{text}");
        }
    }
}
