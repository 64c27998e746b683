//! Tone changes between neighbours: 一, 不, and third tones in a row. Pure.

use super::reading::{Place, Syllable};

pub(super) fn apply(syllables: &mut [Syllable]) {
    one_and_not(syllables);
    third_tones(syllables);
}

/// 一 is yi2 before a fourth tone and yi4 before the others, but keeps its tone in numbers and ordinals;
/// 不 is bu2 before a fourth tone. Between a doubled verb both are neutral (看一看, 是不是).
fn one_and_not(syllables: &mut [Syllable]) {
    for at in 0..syllables.len() {
        let character = syllables[at].character;
        if character != '一' && character != '不' {
            continue;
        }
        let first = syllables[at].place == Place::AfterBreak;
        let before = at.checked_sub(1).filter(|_| !first).map(|i| syllables[i].character);
        let next = syllables.get(at + 1).filter(|next| next.place != Place::AfterBreak);
        let Some(next) = next else {
            if character == '一' {
                syllables[at].tone = 1;
            }
            continue;
        };
        // 一步一步 is counted, not doubled.
        let counted = at >= 2 && syllables[at - 2].character == character;
        let digit = "一二三四五六七八九零".contains(next.character);
        let doubled = before == Some(next.character) && !digit && !counted;
        let number = before.is_some_and(|c| "第十百千零〇一二三四五六七八九点年期".contains(c))
            || "月日号楼零一二三四五六七八九十点".contains(next.character) && !"点".contains(next.character);
        let fourth = next.tone == 4 || next.character == '个';
        syllables[at].tone = match character {
            _ if doubled => 5,
            '一' if number => 1,
            '一' if fourth => 2,
            '一' => 4,
            _ if syllables[at].tone == 5 => 5,
            _ if fourth => 2,
            _ => 4,
        };
    }
}

/// A third tone before a third tone becomes a second: first inside words, then where a word of one syllable
/// leans on the next.
fn third_tones(syllables: &mut [Syllable]) {
    let starts: Vec<usize> = (0..syllables.len()).filter(|&at| syllables[at].place != Place::InWord).collect();
    let words: Vec<(usize, usize)> =
        starts.iter().enumerate().map(|(n, &at)| (at, starts.get(n + 1).copied().unwrap_or(syllables.len()))).collect();
    for &(start, end) in &words {
        for at in start..end.saturating_sub(1) {
            if syllables[at].tone == 3 && syllables[at + 1].tone == 3 {
                syllables[at].tone = 2;
            }
        }
    }
    for pair in words.windows(2) {
        let ((start, end), (next, _)) = (pair[0], pair[1]);
        let single = end - start == 1;
        let broken = syllables[next].place == Place::AfterBreak;
        if single && !broken && syllables[end - 1].tone == 3 && syllables[next].tone == 3 {
            syllables[end - 1].tone = 2;
        }
    }
}
