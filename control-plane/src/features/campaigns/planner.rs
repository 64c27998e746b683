//! Who is dialled next. Pure: rows, windows, limits and the time in, decisions out. The executor is
//! `dispatcher.rs`. Gates are asked in a fixed order and the first that closes is kept with the contact.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_proto::ids::{CampaignId, TrunkId};
use shared_proto::phone::NumberType;
use shared_proto::window::{self, Verdict, Window};

/// The version of the rules below, kept with every decision.
pub const RULES: u32 = 1;

/// What kind of trunk a campaign dials over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// Real people: calling hours hold, synthetic contacts are refused.
    Sip,
    /// The simulated carrier: no hours, and only for synthetic contacts' numbers to be of use.
    Rehearsal,
}

/// What the gates need to know of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub archived: bool,
    pub dead: bool,
    pub blacklisted: bool,
    pub synthetic: bool,
    pub number_type: NumberType,
    pub zone: Option<String>,
    /// Another attempt to the same number is live in this tenant.
    pub number_live: bool,
}

/// One named check before INVITE, in the order asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    Archived,
    DeadNumber,
    Blacklist,
    NumberType,
    Synthetic,
    UnknownZone,
    Hours,
    NumberLive,
}

impl Gate {
    pub const ALL: [Self; 8] = [
        Self::Archived,
        Self::DeadNumber,
        Self::Blacklist,
        Self::NumberType,
        Self::Synthetic,
        Self::UnknownZone,
        Self::Hours,
        Self::NumberLive,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Archived => "archived",
            Self::DeadNumber => "dead",
            Self::Blacklist => "blacklist",
            Self::NumberType => "number",
            Self::Synthetic => "synthetic",
            Self::UnknownZone => "unknown_zone",
            Self::Hours => "hours",
            Self::NumberLive => "live",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Every gate is open; start no call after `until`, where there are hours.
    Dial { until: Option<DateTime<Utc>> },
    /// No waiting opens this gate.
    Block(Gate),
    /// The gate opens by itself.
    Defer { gate: Gate, next_at: DateTime<Utc> },
}

/// How long a contact whose number is in another call waits.
const NUMBER_LIVE_WAIT_S: i64 = 15;

/// Asks the gates that depend on the contact.
pub fn decide(facts: &Facts, carrier: Carrier, windows: &[Window], now: DateTime<Utc>) -> Decision {
    if facts.archived {
        return Decision::Block(Gate::Archived);
    }
    if facts.dead {
        return Decision::Block(Gate::DeadNumber);
    }
    if facts.blacklisted {
        return Decision::Block(Gate::Blacklist);
    }
    if !dialable(facts.number_type) {
        return Decision::Block(Gate::NumberType);
    }
    if facts.synthetic && carrier == Carrier::Sip {
        return Decision::Block(Gate::Synthetic);
    }
    let until = match carrier {
        Carrier::Rehearsal => None,
        Carrier::Sip => match window::decide(windows, facts.zone.as_deref(), now) {
            Verdict::Open { until } => Some(until),
            Verdict::Closed { opens: Some(next_at) } => return Decision::Defer { gate: Gate::Hours, next_at },
            Verdict::Closed { opens: None } => return Decision::Block(Gate::Hours),
            Verdict::UnknownZone => return Decision::Block(Gate::UnknownZone),
        },
    };
    if facts.number_live {
        let next_at = now + chrono::Duration::seconds(NUMBER_LIVE_WAIT_S);
        return Decision::Defer { gate: Gate::NumberLive, next_at };
    }
    Decision::Dial { until }
}

/// Service and short numbers are nobody's telephone.
pub fn dialable(number_type: NumberType) -> bool {
    !matches!(number_type, NumberType::Service | NumberType::Short | NumberType::TollFree)
}

/// What is kept with an attempt: who decided by which rules, and what each gate said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GateRecord {
    pub gate: &'static str,
    pub verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The record of a contact for whom every gate was open.
pub fn record(carrier: Carrier, zone: Option<&str>, until: Option<DateTime<Utc>>) -> Vec<GateRecord> {
    let hours = match (carrier, until) {
        (Carrier::Rehearsal, _) => Some("rehearsal".to_owned()),
        (Carrier::Sip, until) => until.map(|until| format!("{} until {}", zone.unwrap_or("-"), until.to_rfc3339())),
    };
    let open = |gate: &'static str, detail: Option<String>| GateRecord { gate, verdict: "open", detail };
    let mut out = vec![open("campaign", None)];
    for gate in Gate::ALL {
        let detail = if gate == Gate::Hours { hours.clone() } else { None };
        out.push(open(gate.as_str(), detail));
    }
    out.push(open("slots", None));
    out
}

/// One running campaign that wants slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub campaign: CampaignId,
    pub trunk: TrunkId,
    /// `max_calls` less the calls that are up.
    pub room: u32,
}

/// What a trunk still takes: channels, and calls it may start right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrunkRoom {
    pub channels: u32,
    pub starts: u32,
}

/// Deals the free slots out one at a time, so that no campaign and no tenant starves: each round
/// gives every campaign that can use one a single slot. `first` turns the order from time to time.
pub fn share(
    wishes: &[Wish],
    trunks: &BTreeMap<TrunkId, TrunkRoom>,
    edges_free: u32,
    first: usize,
) -> BTreeMap<CampaignId, u32> {
    let mut left: BTreeMap<TrunkId, u32> =
        trunks.iter().map(|(trunk, room)| (*trunk, room.channels.min(room.starts))).collect();
    let mut free = edges_free;
    let mut given: BTreeMap<CampaignId, u32> = BTreeMap::new();
    loop {
        let before = free;
        for place in 0..wishes.len() {
            let wish = &wishes[(place + first) % wishes.len()];
            let on_trunk = left.entry(wish.trunk).or_default();
            let has = given.entry(wish.campaign).or_default();
            if free > 0 && *on_trunk > 0 && *has < wish.room {
                free -= 1;
                *on_trunk -= 1;
                *has += 1;
            }
        }
        if free == before {
            given.retain(|_, slots| *slots > 0);
            return given;
        }
    }
}

/// Calls per second of one trunk: a bucket that holds one second's worth.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    tokens: f64,
    at_ms: i64,
}

impl Pace {
    pub fn full(per_second: u32, now_ms: i64) -> Self {
        Self { tokens: f64::from(per_second.max(1)), at_ms: now_ms }
    }

    /// How many calls may start now.
    pub fn starts(&mut self, per_second: u32, now_ms: i64) -> u32 {
        let rate = f64::from(per_second.max(1));
        let passed = (now_ms - self.at_ms).max(0) as f64 / 1000.0;
        self.tokens = (self.tokens + passed * rate).min(rate);
        self.at_ms = now_ms;
        self.tokens as u32
    }

    pub fn take(&mut self, calls: u32) {
        self.tokens -= f64::from(calls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            archived: false,
            dead: false,
            blacklisted: false,
            synthetic: false,
            number_type: NumberType::Mobile,
            zone: Some("Asia/Shanghai".into()),
            number_live: false,
        }
    }

    fn workdays() -> Vec<Window> {
        vec![Window { weekdays: vec![1, 2, 3, 4, 5], from: "09:00".into(), to: "12:00".into() }]
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    #[test]
    fn the_first_closed_gate_decides() {
        let open = at("2026-11-23T10:00:00+08:00");
        let decide = |facts: Facts| decide(&facts, Carrier::Sip, &workdays(), open);
        let until = Some(at("2026-11-23T11:59:00+08:00"));
        assert_eq!(decide(facts()), Decision::Dial { until });
        assert_eq!(decide(Facts { dead: true, blacklisted: true, ..facts() }), Decision::Block(Gate::DeadNumber));
        assert_eq!(decide(Facts { blacklisted: true, ..facts() }), Decision::Block(Gate::Blacklist));
        assert_eq!(decide(Facts { number_type: NumberType::Service, ..facts() }), Decision::Block(Gate::NumberType));
        assert_eq!(decide(Facts { synthetic: true, ..facts() }), Decision::Block(Gate::Synthetic));
        assert_eq!(decide(Facts { zone: None, ..facts() }), Decision::Block(Gate::UnknownZone));
        let next_at = open + chrono::Duration::seconds(15);
        let live = Decision::Defer { gate: Gate::NumberLive, next_at };
        assert_eq!(decide(Facts { number_live: true, ..facts() }), live);
    }

    #[test]
    fn outside_the_hours_a_sip_contact_waits_and_a_rehearsal_goes_on() {
        let night = at("2026-11-23T23:00:00+08:00");
        let next_at = at("2026-11-24T09:00:00+08:00");
        let closed = Decision::Defer { gate: Gate::Hours, next_at };
        assert_eq!(decide(&facts(), Carrier::Sip, &workdays(), night), closed);
        let synthetic = Facts { synthetic: true, zone: None, ..facts() };
        assert_eq!(decide(&synthetic, Carrier::Rehearsal, &workdays(), night), Decision::Dial { until: None });
        assert_eq!(decide(&facts(), Carrier::Sip, &[], night), Decision::Block(Gate::Hours));
    }

    fn wish(n: u128, trunk: u128, room: u32) -> Wish {
        Wish { campaign: CampaignId::from_bits(n), trunk: TrunkId::from_bits(trunk), room }
    }

    #[test]
    fn slots_are_dealt_evenly_and_never_beyond_a_limit() {
        let trunks = BTreeMap::from([
            (TrunkId::from_bits(1), TrunkRoom { channels: 5, starts: 100 }),
            (TrunkId::from_bits(2), TrunkRoom { channels: 50, starts: 3 }),
        ]);
        let wishes = [wish(1, 1, 100), wish(2, 1, 100), wish(3, 2, 100), wish(4, 9, 7)];
        let given = share(&wishes, &trunks, 100, 0);
        let slots: Vec<(u128, u32)> = given.iter().map(|(id, n)| (id.bits(), *n)).collect();
        assert_eq!(slots, [(1, 3), (2, 2), (3, 3)]);
        let turned = share(&wishes, &trunks, 1, 1);
        assert_eq!(turned.into_keys().collect::<Vec<_>>(), [CampaignId::from_bits(2)]);
        assert!(share(&[], &trunks, 5, 3).is_empty());
    }

    #[test]
    fn a_trunk_starts_no_more_calls_a_second_than_it_may() {
        let mut pace = Pace::full(10, 0);
        assert_eq!(pace.starts(10, 0), 10);
        pace.take(10);
        assert_eq!(pace.starts(10, 100), 1);
        assert_eq!(pace.starts(10, 60_000), 10);
    }
}
