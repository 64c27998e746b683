//! Whether somebody tells what keeps them from talking, in words that no phrase names: 我在菜摊前挑菜 says what is being done
//! here and now, and 等俩钟头吧 when there will be time.

use super::polarity::{clause, contains, has, starts_with};
use super::units::Unit;

/// What is offered, and who offers it: 我在你们那办过, 我正缺钱, 我先问问.
const OFFER: &str = "钱款贷借息额办需缺想你您骗买卖问看听知说了解";
const LATER: [&str; 5] = ["点以后", "点之后", "刻钟", "钟头", "分钟"];

pub(super) fn tells_of_being_occupied(said: &[Unit]) -> bool {
    let asks = said.iter().any(|unit| unit.asks);
    let mut clauses = (0..said.len()).filter(|at| said[*at].starts).map(|at| &said[clause(said, at)]);
    !asks && clauses.any(is_occupied)
}

fn is_occupied(own: &[Unit]) -> bool {
    if has(own, OFFER) {
        return false;
    }
    let opening = own.iter().position(|unit| !unit.is("我俺们咱这那边儿会人还都")).unwrap_or(own.len());
    let deed = &own[opening..];
    let said_of_oneself = deed.len() < own.len();
    let doing = starts_with(deed, "在") || starts_with(deed, "正");
    let about_to = said_of_oneself && ["先", "马上", "就要", "得去", "要去"].iter().any(|word| starts_with(deed, word));
    ((doing || about_to) && deed.len() > 3) || LATER.iter().any(|words| contains(own, words))
}
