//! The flows that tests talk to: the demo scripts, the one that a new script begins with, and small graphs.

use dialogue::{Dialogue, Script, Step, Then, label};
use shared_proto::flow::Flow;
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn loan() -> Arc<Flow> {
    flow(include_str!("../../../../control-plane/demo/loan-offer.json"))
}

pub fn payment() -> Arc<Flow> {
    flow(include_str!("../../../../control-plane/demo/payment-notice.json"))
}

pub fn starter() -> Arc<Flow> {
    flow(include_str!("../../../../control-plane/src/features/scripts/starter.json"))
}

pub const SMALL: &str = r#"{"schema":1,"start":"a","nodes":[
  {"kind":"opening","key":"a","text":"您好，请问您是{姓名}吗？",
   "branches":[{"intents":["affirm"],"next":"b"},{"intents":["deny"],"next":"bye"}]},
  {"kind":"statement","key":"b","text":"给您送个优惠。","next":"c"},
  {"kind":"question","key":"c","text":"您要吗？","branches":[{"intents":["affirm","interested"],"next":"bye"}]},
  {"kind":"closing","key":"bye","text":"再见。"}],
 "variables":[{"name":"姓名","fallback":"您"}],
 "silence":{"replies":["能听到吗？"],"then":"bye"},"not_understood":{"replies":[""],"then":"bye"},
 "opt_out":{"reply":"好的，不再打扰。"},
 "limits":{"max_turns":8,"max_duration_s":120,"wait_ms":5000,"goodbye":"bye"},
 "labels":[{"label":"high","when":[{"is":"heard","intents":["interested"],"nodes":["c"]}]},{"label":"low"}]}"#;

/// Asks for two sums and reads the second back.
pub const SUMS: &str = r#"{"schema":1,"start":"a","nodes":[
  {"kind":"opening","key":"a","text":"您需要贷款吗？",
   "branches":[{"intents":["affirm","interested","acknowledge"],"next":"income"},{"intents":["deny"],"next":"bye"}]},
  {"kind":"question","key":"income","text":"您月收入多少？","slot":{"name":"月收入","kind":"amount"},
   "branches":[{"intents":["slot"],"next":"wish"}]},
  {"kind":"question","key":"wish","text":"您想贷多少？","slot":{"name":"想贷","kind":"amount"},
   "branches":[{"intents":["slot"],"next":"confirm"}]},
  {"kind":"question","key":"confirm","text":"跟您确认一下，是这个数对吗？",
   "branches":[{"intents":["affirm"],"next":"bye"},{"intents":["deny"],"next":"wish"}]},
  {"kind":"closing","key":"bye","text":"再见。"}],
 "silence":{"replies":["能听到吗？"],"then":"bye"},"not_understood":{"replies":["","",""],"then":"bye"},
 "opt_out":{"reply":"好的，不再打扰。"},
 "limits":{"max_turns":12,"max_duration_s":120,"wait_ms":5000,"goodbye":"bye"},
 "labels":[{"label":"low","name":"谈完了"}]}"#;

/// Asks for one sum, after a question that has nothing to do with it, and reads it back.
pub const ONE_SUM: &str = r#"{"schema":1,"start":"a","nodes":[
  {"kind":"opening","key":"a","text":"您需要贷款吗？",
   "branches":[{"intents":["affirm","interested","acknowledge"],"next":"house"}]},
  {"kind":"question","key":"house","text":"您有房吗？",
   "branches":[{"intents":["affirm","deny","interested"],"next":"wish"}],"otherwise":"wish",
   "not_understood":{"replies":[],"then":"wish"}},
  {"kind":"question","key":"wish","text":"您想贷多少？","slot":{"name":"想贷","kind":"amount"},
   "branches":[{"intents":["slot"],"next":"confirm"}]},
  {"kind":"question","key":"confirm","text":"跟您确认一下，是这个数对吗？",
   "branches":[{"intents":["affirm"],"next":"bye"},{"intents":["deny"],"next":"wish"}]},
  {"kind":"closing","key":"bye","text":"再见。"}],
 "silence":{"replies":["能听到吗？"],"then":"bye"},"not_understood":{"replies":["","",""],"then":"bye"},
 "opt_out":{"reply":"好的，不再打扰。"},
 "limits":{"max_turns":12,"max_duration_s":120,"wait_ms":5000,"goodbye":"bye"},
 "labels":[{"label":"low","name":"谈完了"}]}"#;

pub fn flow(json: &str) -> Arc<Flow> {
    Arc::new(Flow::parse(json).expect("a flow"))
}

pub fn values() -> BTreeMap<String, String> {
    [("姓名", "王小明"), ("金额", "三千二百元"), ("还款日", "十二月五号")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// Runs lines (`-` is silence, `?` unintelligible speech) and writes down what happened.
pub fn trace(flow: &Arc<Flow>, values: BTreeMap<String, String>, lines: &[&str]) -> String {
    let (mut dialogue, step) = Dialogue::start(Script::new(flow.clone()), values);
    let mut trace = bot(&step);
    let mut silences = 0;
    let mut over = step.then == Then::HangUp;
    for line in lines {
        if over {
            break;
        }
        silences = if *line == "-" { silences + 1 } else { 0 };
        let step = match *line {
            "-" => dialogue.silent(silences),
            "?" => dialogue.not_understood(),
            said => dialogue.heard(said),
        };
        let meant = step.understood.as_ref().map_or(String::new(), |u| {
            let also: String = u.also.iter().map(|also| format!("+{}", also.intent)).collect();
            format!(" [{}{also}]", u.intent)
        });
        trace += &format!("客: {line}{meant}\n{}", bot(&step));
        over = step.then == Then::HangUp;
    }
    let mut facts = dialogue.facts();
    if !over {
        facts.contact_hung_up(30_000);
        trace += "客: (挂断)\n";
    }
    match label(&flow.labels, &facts) {
        Some(decision) => trace + &format!("= {} {}\n", decision.key, decision.rule),
        None => trace + "= -\n",
    }
}

fn bot(step: &Step) -> String {
    let said: String = step.say.iter().map(|prompt| prompt.text.as_str()).collect();
    let end = if step.then == Then::HangUp { " (挂断)" } else { "" };
    format!("机: {said}{end}\n")
}
