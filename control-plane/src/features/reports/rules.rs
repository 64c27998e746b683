//! The figures of a report and how several campaigns add up. Pure. One place for every definition:
//! connect rate = answered calls ÷ calls that did not fail by our own fault; a label's share = contacts with this label ÷ contacts with
//! any label, so that the shares add up to one (a number that does not exist has a label and is not connected);
//! conversion rate = won leads ÷ leads.

use std::collections::BTreeMap;

/// What is counted; everything else follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Contacts in the campaign.
    pub contacts: u64,
    /// Contacts whose calling is over.
    pub called: u64,
    /// INVITEs sent.
    pub attempts: u64,
    /// Contacts with an answered attempt.
    pub connected: u64,
    /// Contacts by label.
    pub labels: BTreeMap<String, u64>,
    pub leads: u64,
    pub won: u64,
    /// Calls that came to an end, without those that failed by our own fault.
    pub fair_calls: u64,
    pub answered_calls: u64,
    pub talk_ms: u64,
}

impl Figures {
    pub fn add(&mut self, other: &Self) {
        self.contacts += other.contacts;
        self.called += other.called;
        self.attempts += other.attempts;
        self.connected += other.connected;
        for (label, count) in &other.labels {
            *self.labels.entry(label.clone()).or_default() += count;
        }
        self.leads += other.leads;
        self.won += other.won;
        self.fair_calls += other.fair_calls;
        self.answered_calls += other.answered_calls;
        self.talk_ms += other.talk_ms;
    }

    /// `count` contacts of the campaign in one state.
    pub fn add_contacts(
        &mut self,
        state: &str,
        disposition: Option<&str>,
        label: Option<&str>,
        count: u64,
        attempts: u64,
    ) {
        self.contacts += count;
        self.attempts += attempts;
        if state == "done" {
            self.called += count;
            if disposition == Some("answered") {
                self.connected += count;
            }
        }
        if let Some(label) = label {
            *self.labels.entry(label.to_owned()).or_default() += count;
        }
    }

    /// None where no call has ended yet.
    pub fn connect_rate(&self) -> Option<f64> {
        share(self.answered_calls, self.fair_calls)
    }

    /// None where no contact has a label yet.
    pub fn label_share(&self, label: &str) -> Option<f64> {
        share(self.labels.get(label).copied().unwrap_or(0), self.labels.values().sum())
    }

    pub fn conversion_rate(&self) -> Option<f64> {
        share(self.won, self.leads)
    }

    pub fn talk_ms_avg(&self) -> Option<u64> {
        self.talk_ms.checked_div(self.answered_calls)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_follow_their_definitions_and_nothing_is_divided_by_zero() {
        let mut figures = Figures::default();
        assert_eq!((figures.connect_rate(), figures.conversion_rate(), figures.talk_ms_avg()), (None, None, None));
        figures.add_contacts("done", Some("answered"), Some("high"), 3, 4);
        figures.add_contacts("done", Some("no_answer"), None, 5, 10);
        figures.add_contacts("pending", None, None, 2, 0);
        (figures.leads, figures.won, figures.fair_calls, figures.answered_calls, figures.talk_ms) =
            (3, 1, 12, 3, 90_000);
        assert_eq!((figures.contacts, figures.called, figures.attempts, figures.connected), (10, 8, 14, 3));
        assert_eq!(figures.connect_rate(), Some(0.25));
        assert_eq!(figures.label_share("high"), Some(1.0));
        figures.add_contacts("done", Some("invalid"), Some("invalid"), 1, 1);
        assert_eq!(figures.label_share("high").zip(figures.label_share("invalid")), Some((0.75, 0.25)));
        assert_eq!(figures.label_share("low"), Some(0.0));
        assert_eq!(figures.conversion_rate(), Some(1.0 / 3.0));
        assert_eq!(figures.talk_ms_avg(), Some(30_000));
    }

    #[test]
    fn several_campaigns_add_up_before_rates_are_taken() {
        let mut one = Figures { fair_calls: 1, answered_calls: 1, ..Default::default() };
        let other = Figures { fair_calls: 3, labels: BTreeMap::from([("low".into(), 2)]), ..Default::default() };
        one.add(&other);
        assert_eq!(one.connect_rate(), Some(0.25));
        assert_eq!(one.labels["low"], 2);
    }
}
