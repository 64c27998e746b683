//! `/v1/events`: what happens in a tenant as server-sent events. Each role hears what it may read;
//! a stream resumes by `Last-Event-ID`, or is told to `reset` and load afresh.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use parking_lot::Mutex;
use shared_proto::events::Event;
use shared_proto::ids::{TenantId, UserId};
use tokio::sync::{broadcast, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use crate::app::App;
use crate::features::identity::permissions::{Key, Role, Scope, SignedIn};
use crate::features::identity::{Actor, Can, store};

/// Events a stream can catch up with after a broken connection.
const KEPT: usize = 1024;
/// A stream says something at least this often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(4);
/// How soon a stream ends after its session has ended.
const SESSION_CHECK: Duration = Duration::from_secs(3);

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream_events))
}

/// Where features publish. One per process; tenants do not hear each other.
#[derive(Clone)]
pub struct EventHub {
    /// Tells the ids of this process from those of an earlier one.
    epoch: i64,
    tenants: Arc<Mutex<HashMap<TenantId, Channel>>>,
    published: watch::Sender<u64>,
}

struct Channel {
    next: u64,
    kept: VecDeque<Arc<Numbered>>,
    live: broadcast::Sender<Arc<Numbered>>,
}

#[derive(Debug)]
struct Numbered {
    number: u64,
    event: Event,
}

impl EventHub {
    pub fn new(epoch: i64) -> Self {
        Self { epoch, tenants: Arc::default(), published: watch::Sender::new(0) }
    }

    /// Counts the events of all tenants: who waits for what is only in memory looks again when there was one.
    pub fn published(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    /// Publishes after the commit of what it tells. Never blocks; who is too slow is told to reset.
    pub fn publish(&self, tenant: TenantId, event: Event) {
        let mut tenants = self.tenants.lock();
        let channel = tenants.entry(tenant).or_insert_with(Channel::new);
        channel.next += 1;
        let numbered = Arc::new(Numbered { number: channel.next, event });
        if channel.kept.len() == KEPT {
            channel.kept.pop_front();
        }
        channel.kept.push_back(numbered.clone());
        // An error means that nobody listens at the moment.
        let _ = channel.live.send(numbered);
        self.published.send_modify(|count| *count += 1);
    }

    /// What was missed since `last`, and what is to come.
    fn subscribe(&self, tenant: TenantId, last: Option<&str>) -> (CatchUp, broadcast::Receiver<Arc<Numbered>>) {
        let mut tenants = self.tenants.lock();
        let channel = tenants.entry(tenant).or_insert_with(Channel::new);
        let live = channel.live.subscribe();
        let Some(last) = last else { return (CatchUp::New(channel.next), live) };
        let number = last.split_once('-').filter(|(epoch, _)| *epoch == self.epoch.to_string());
        let number = number.and_then(|(_, number)| number.parse::<u64>().ok());
        let oldest = channel.kept.front().map_or(channel.next + 1, |first| first.number);
        let catch_up = match number {
            Some(number) if number <= channel.next && number + 1 >= oldest => {
                CatchUp::Missed(channel.kept.iter().filter(|kept| kept.number > number).cloned().collect())
            }
            _ => CatchUp::Reset(channel.next),
        };
        (catch_up, live)
    }

    fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.epoch)
    }
}

impl Channel {
    fn new() -> Self {
        Self { next: 0, kept: VecDeque::new(), live: broadcast::channel(KEPT).0 }
    }
}

enum CatchUp {
    /// Who begins here has missed nothing; the number is that of the last event so far.
    New(u64),
    Missed(Vec<Arc<Numbered>>),
    /// What was missed cannot be told; the number as in `New`.
    Reset(u64),
}

/// Who hears an event, in one place: what its REST row needs, and whose it is for roles that see only their own.
fn audience(event: &Event) -> (Key, Option<UserId>) {
    match event {
        Event::CallState { .. }
        | Event::CallTurn { .. }
        | Event::CallHearing { .. }
        | Event::CallSaying { .. }
        | Event::CampaignChanged { .. } => (Key::CampaignsRead, None),
        Event::ImportProgress { .. } => (Key::ImportsRead, None),
        Event::LeadOffered { user_id, .. } => (Key::LeadsRead, Some(*user_id)),
        Event::LeadChanged { user_id, .. } => (Key::LeadsRead, *user_id),
        // An alert about a campaign names it.
        Event::AlertRaised { params, .. } if params.get("campaign").is_some() => (Key::CampaignsRead, None),
        Event::AlertRaised { .. } | Event::AlertClosed { .. } => (Key::AlertsRead, None),
        Event::TrunkChanged { .. } => (Key::TrunksRead, None),
        Event::EdgeChanged { .. } => (Key::EdgesRead, None),
    }
}

fn hears(role: Role, user: UserId, event: &Event) -> bool {
    let (key, owner) = audience(event);
    role.may(key) && (role.scope() == Scope::All || owner == Some(user))
}

/// Listen to what happens (server-sent events)
#[utoipa::path(get, path = "/v1/events", tag = "events",
    params(("last-event-id" = Option<String>, Header, description = "Resume after this event")),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn stream_events(can: Can<SignedIn>, State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let (catch_up, live) = app.events.subscribe(can.actor.tenant_id, last);
    let stream = follow(app, can.actor, catch_up, live);
    // A named event, which pages can hear: a comment keeps a connection open but tells a page nothing.
    let ping = KeepAlive::new().interval(SIGN_OF_LIFE).event(Line::default().event("ping").data("{}"));
    let mut response = Sse::new(stream).keep_alive(ping).into_response();
    // A proxy that buffers would hold events back.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

type Line = axum::response::sse::Event;

fn follow(
    app: App,
    actor: Actor,
    catch_up: CatchUp,
    mut live: broadcast::Receiver<Arc<Numbered>>,
) -> impl Stream<Item = Result<Line, Infallible>> {
    let reset = || Line::default().event("reset").data("{}");
    async_stream::stream! {
        let hello = Line::default().event("hello").data("{}").retry(Duration::from_secs(2));
        // With its place, so that whoever breaks off before the first event can go on from here.
        match catch_up {
            CatchUp::New(number) => yield Ok(hello.id(app.events.id(number))),
            CatchUp::Reset(number) => {
                yield Ok(hello);
                yield Ok(reset().id(app.events.id(number)));
            }
            CatchUp::Missed(missed) => {
                yield Ok(hello);
                for numbered in missed {
                    if let Some(line) = line(&app.events, &actor, &numbered) {
                        yield Ok(line);
                    }
                }
            }
        }
        let mut check = tokio::time::interval(SESSION_CHECK);
        loop {
            tokio::select! {
                () = app.tasks.stop.cancelled() => break,
                _ = check.tick() => {
                    if !still_signed_in(&app, &actor).await {
                        break;
                    }
                }
                received = live.recv() => match received {
                    Ok(numbered) => {
                        if let Some(line) = line(&app.events, &actor, &numbered) {
                            yield Ok(line);
                        }
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => yield Ok(reset()),
                    Err(broadcast::error::RecvError::Closed) => break,
                },
            }
        }
    }
}

fn line(hub: &EventHub, actor: &Actor, numbered: &Numbered) -> Option<Line> {
    if !hears(actor.role, actor.user_id, &numbered.event) {
        return None;
    }
    let data = serde_json::to_string(&numbered.event).ok()?;
    Some(Line::default().id(hub.id(numbered.number)).event(numbered.event.name()).data(data))
}

/// The session stands and the account still has the role that this stream filters by.
async fn still_signed_in(app: &App, actor: &Actor) -> bool {
    match store::session_by_id(&app.database, actor.tenant_id, actor.session_id).await {
        Ok(found) => found.is_some_and(|(role, expires_at)| role == actor.role && expires_at > app.now_ms()),
        Err(error) => {
            tracing::warn!(%error, "a stream's session could not be checked; the stream ends");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_proto::ids::{AlertId, LeadId};

    fn alert(n: u128) -> Event {
        Event::AlertClosed { alert_id: AlertId::new(0, n) }
    }

    fn missed(hub: &EventHub, last: Option<&str>) -> Option<Vec<u64>> {
        match hub.subscribe(TenantId::new(0, 0), last).0 {
            CatchUp::Missed(missed) => Some(missed.iter().map(|numbered| numbered.number).collect()),
            CatchUp::New(_) => Some(vec![]),
            CatchUp::Reset(_) => None,
        }
    }

    #[test]
    fn a_stream_that_broke_off_before_its_first_event_misses_nothing() {
        let hub = EventHub::new(77);
        let tenant = TenantId::new(0, 0);
        (0..3).for_each(|n| hub.publish(tenant, alert(n)));
        let CatchUp::New(number) = hub.subscribe(tenant, None).0 else { panic!("nothing was heard before") };
        hub.publish(tenant, alert(4));
        assert_eq!(missed(&hub, Some(&hub.id(number))), Some(vec![4]));
    }

    #[test]
    fn a_stream_resumes_where_it_broke_off_or_resets() {
        let hub = EventHub::new(77);
        let tenant = TenantId::new(0, 0);
        (0..3).for_each(|n| hub.publish(tenant, alert(n)));
        assert_eq!(missed(&hub, None), Some(vec![]), "a new stream starts now");
        assert_eq!(missed(&hub, Some("77-1")), Some(vec![2, 3]));
        assert_eq!(missed(&hub, Some("77-3")), Some(vec![]));
        assert_eq!(missed(&hub, Some("76-1")), None, "the id of an earlier process");
        assert_eq!(missed(&hub, Some("77-9")), None, "an id from the future");
        (0..2 * KEPT as u128).for_each(|n| hub.publish(tenant, alert(n)));
        assert_eq!(missed(&hub, Some("77-3")), None, "too much was missed");
    }

    #[test]
    fn an_agent_hears_of_own_leads_only() {
        let (own, other) = (UserId::new(0, 1), UserId::new(0, 2));
        let of = |user_id| Event::LeadChanged { lead_id: LeadId::new(0, 1), user_id, status: "accepted".into() };
        assert!(hears(Role::Agent, own, &of(Some(own))));
        assert!(!hears(Role::Agent, own, &of(Some(other))));
        assert!(hears(Role::Viewer, own, &of(Some(other))));
        assert!(!hears(Role::Scripter, own, &of(Some(own))));
        assert!(!hears(Role::Agent, own, &alert(1)));
    }
}
