//! From how SIP ended to the outcome people read: disposition, cause and side.
use super::uac::End;
use shared_proto::outcome::{Cause, Disposition, Outcome, Side};

/// The outcome of a call that was never answered. A Q.850 cause refines the status code (RFC 3398 section 8.2.6.1).
pub fn of_unanswered(end: End) -> Outcome {
    let plain = |disposition, cause, side| Outcome { disposition, cause, side, sip_code: None, q850: None };
    match end {
        End::Refused { code, q850, .. } => {
            let (disposition, side) = refused(code, q850);
            let q850 = q850.and_then(|q| u8::try_from(q).ok());
            Outcome { disposition, cause: Cause::Refused, side, sip_code: Some(code), q850 }
        }
        End::AuthFailed { code } => {
            Outcome { sip_code: Some(code), ..plain(Disposition::Failed, Cause::AuthFailed, Side::Carrier) }
        }
        End::NoResponse => plain(Disposition::Failed, Cause::NoResponse, Side::Carrier),
        End::RingLimit => plain(Disposition::NoAnswer, Cause::RingLimit, Side::Customer),
        End::Cancelled | End::LocalHangUp => plain(Disposition::Failed, Cause::Cancelled, Side::System),
        End::NoMedia => plain(Disposition::Failed, Cause::Media, Side::Carrier),
        End::RemoteHangUp { .. } => plain(Disposition::Failed, Cause::Refused, Side::Carrier),
    }
}

/// What a refusal says of the contact, and whose doing it was.
fn refused(code: u16, q850: Option<u16>) -> (Disposition, Side) {
    use Disposition as D;
    match q850 {
        // 1 unallocated, 22 changed, 28 invalid format.
        Some(1 | 22 | 28) => return (D::Invalid, Side::Carrier),
        Some(17) => return (D::Busy, Side::Customer),
        // 18 no user responding, 19 no answer.
        Some(18 | 19) => return (D::NoAnswer, Side::Customer),
        // 20 subscriber absent: switched off or out of coverage.
        Some(20) => return (D::PoweredOff, Side::Customer),
        Some(21) => return (D::Rejected, Side::Customer),
        // 2, 3 no route, 27 destination out of order.
        Some(2 | 3 | 27) => return (D::Unreachable, Side::Carrier),
        // 34, 38, 41, 42, 44, 47: no circuit, congestion, out of resources.
        Some(34 | 38 | 41 | 42 | 44 | 47) => return (D::Failed, Side::Carrier),
        _ => {}
    }
    match code {
        404 | 410 | 484 | 604 => (D::Invalid, Side::Carrier),
        486 | 600 => (D::Busy, Side::Customer),
        480 => (D::Unreachable, Side::Customer),
        408 | 487 => (D::NoAnswer, Side::Customer),
        403 | 603 | 607 => (D::Rejected, Side::Customer),
        _ => (D::Failed, Side::Carrier),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_read_as_people_mean_them() {
        let of = |code, q850| of_unanswered(End::Refused { code, q850, retry_after_s: None });
        let rows: Vec<String> = [
            (404, None),
            (410, None),
            (484, None),
            (604, None),
            (486, None),
            (600, None),
            (480, None),
            (408, None),
            (403, None),
            (603, None),
            (302, None),
            (503, None),
            (500, Some(1)),
            (480, Some(20)),
            (480, Some(19)),
        ]
        .iter()
        .map(|(code, q)| {
            let o = of(*code, *q);
            format!("{code} {q:?} {} {}", o.disposition.as_str(), o.side.as_str())
        })
        .collect();
        assert_eq!(
            rows.join("\n"),
            "404 None invalid carrier\n410 None invalid carrier\n484 None invalid carrier\n604 None invalid carrier\n\
             486 None busy customer\n600 None busy customer\n480 None unreachable customer\n408 None no_answer customer\n\
             403 None rejected customer\n603 None rejected customer\n302 None failed carrier\n503 None failed carrier\n\
             500 Some(1) invalid carrier\n480 Some(20) powered_off customer\n480 Some(19) no_answer customer"
        );
    }
}
