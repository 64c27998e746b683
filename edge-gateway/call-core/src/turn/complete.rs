//! Whether a text looks like a finished utterance: words that call for more keep the floor a little longer.

/// Ends after which Chinese speakers go on.
const OPEN_ENDS: &[&str] = &[
    "因为",
    "所以",
    "然后",
    "但是",
    "不过",
    "如果",
    "的话",
    "而且",
    "还有",
    "比如",
    "就是",
    "那个",
    "这个",
    "那么",
    "或者",
    "以及",
    "关于",
    "我想",
    "我要",
    "我觉得",
    "你们的",
    "我们",
    "你们",
    "是不是",
    "能不能",
    "可不可以",
    "想问",
    "问一下",
    "请问",
    "另外",
    "要是",
    "虽然",
    "除了",
    "为了",
    "跟",
    "和",
    "把",
    "被",
    "给",
    "对于",
    "从",
    "到",
    "在",
    "嗯",
    "呃",
    "额",
    "那",
    "我",
    "你",
    "等等，",
    "、",
    "，",
    ",",
    "…",
    "—",
];

/// False when the last words call for more.
pub fn looks_complete(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['。', '.', '？', '?', '！', '!', ' ']);
    if text.is_empty() {
        return false;
    }
    !OPEN_ENDS.iter().any(|end| text.ends_with(end) && text != *end || text == *end && is_hesitation(end))
}

/// On its own a filler is the start of something; `我` or `在` alone may be an answer.
fn is_hesitation(word: &str) -> bool {
    matches!(word, "呃" | "额" | "那个" | "这个" | "就是" | "然后" | "我想" | "请问" | "因为" | "但是")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_complete_and_beginnings_are_not() {
        for text in ["好的", "不需要，谢谢。", "利息是多少？", "嗯", "在", "我没有时间"] {
            assert!(looks_complete(text), "{text}");
        }
        for text in ["", "我想问一下", "如果我提前还的话", "那个", "好的，然后", "可以，但是", "我跟"]
        {
            assert!(!looks_complete(text), "{text}");
        }
    }
}
