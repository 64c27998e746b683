//! Enrolment: a token that works once, or the certificate that is about to run out, buys a certificate.

use shared_proto::ids::EdgeId;
use shared_proto::wire::{EnrolAsk, EnrolReply};

use super::ca::{Ca, CaError};
use super::frames::{self, FrameReader};
use super::store::{self, TokenRefused};
use crate::app::App;

/// Answers one enrolment connection. `known` is the edge that the client's certificate names:
/// it renews with an empty token.
pub async fn serve(app: &App, ca: &Ca, connection: &quinn::Connection, known: Option<EdgeId>) -> anyhow::Result<()> {
    let (mut send, receive) = connection.accept_bi().await?;
    let Some(ask) = FrameReader::new(receive).next::<EnrolAsk>().await? else { return Ok(()) };
    let reply = decide(app, ca, ask, known).await?;
    if let EnrolReply::Refused { code } = &reply {
        tracing::warn!(code, peer = %connection.remote_address(), "an edge was refused enrolment");
    }
    frames::write(&mut send, &reply).await?;
    send.finish()?;
    // The edge closes once it has read the answer.
    let _ = send.stopped().await;
    Ok(())
}

async fn decide(app: &App, ca: &Ca, ask: EnrolAsk, known: Option<EdgeId>) -> anyhow::Result<EnrolReply> {
    let refused = |code: &str| Ok(EnrolReply::Refused { code: code.to_owned() });
    let edge = if ask.token.is_empty() {
        let Some(edge) = known else { return refused("token_unknown") };
        match store::edge(&app.database, edge).await? {
            Some(row) if row.revoked_at.is_none() => edge,
            _ => return refused("token_unknown"),
        }
    } else {
        // The request is read before the token is spent: a broken one costs nothing.
        if let Err(CaError::Request(_)) = ca.issue(EdgeId::from_bits(0), &ask.csr_pem, certificate_now()) {
            return refused("csr_invalid");
        }
        let secret = ask.token.strip_prefix("bbe_").and_then(|rest| rest.split_once('.')).map(|(secret, _)| secret);
        let Some(secret) = secret else { return refused("token_unknown") };
        let tx = app.database.write().await?;
        match store::spend_token(&tx, secret, app.now_ms()).await? {
            Ok(edge) => {
                tx.commit().await?;
                edge
            }
            Err(TokenRefused::Unknown) => return refused("token_unknown"),
            Err(TokenRefused::Used) => return refused("token_used"),
            Err(TokenRefused::Expired) => return refused("token_expired"),
        }
    };
    match ca.issue(edge, &ask.csr_pem, certificate_now()) {
        Ok(issued) => {
            tracing::info!(%edge, "an edge received its certificate");
            Ok(EnrolReply::Granted {
                edge,
                certificate_pem: issued.certificate_pem,
                ca_pem: ca.certificate_pem().to_owned(),
                expires_unix_ms: issued.expires_unix_ms.unsigned_abs(),
            })
        }
        Err(CaError::Request(_)) => refused("csr_invalid"),
        Err(error) => Err(error.into()),
    }
}

/// TLS checks certificates by the system's clock, whatever clock the rest lives by.
pub fn certificate_now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
