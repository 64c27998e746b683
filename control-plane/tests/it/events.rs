//! The event stream: masked by role, resumed, reset, ended with its session.

use std::time::Duration;

use serde_json::json;
use shared_proto::events::Event;
use shared_proto::ids::{AlertId, LeadId, UserId};

use crate::app::TestApp;

struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(app: &TestApp, token: &str, last: Option<&str>) -> Self {
        let mut request = app.http.get(format!("{}/v1/events", app.base)).bearer_auth(token);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let mut stream = Self { response: request.send().await.unwrap(), text: String::new() };
        assert_eq!(stream.response.headers()["content-type"], "text/event-stream");
        assert_eq!(stream.next().await.unwrap().0, "hello");
        stream
    }

    /// Name and id of the next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                let found = (field("event: ").to_owned(), field("id: ").to_owned());
                self.text = rest.to_owned();
                if found.0.is_empty() {
                    continue;
                }
                return Some(found);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await;
            match chunk.expect("the stream speaks or ends").unwrap() {
                Some(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                None => return None,
            }
        }
    }
}

fn alert() -> Event {
    let (code, level) = ("trunk_failing".to_owned(), "urgent".to_owned());
    let params = json!({"trunk": "主线路"});
    Event::AlertRaised { alert_id: AlertId::new(0, 1), code, level, params, at: "2026-03-02T02:00:00.000Z".into() }
}

fn lead(user_id: Option<UserId>) -> Event {
    Event::LeadChanged { lead_id: LeadId::new(0, 1), user_id, status: "accepted".into() }
}

#[tokio::test]
async fn each_role_hears_what_it_may_read() {
    let app = TestApp::new().await;
    let (agent, admin) = (app.login("agent@demo").await, app.login("admin@demo").await);
    let id: UserId = app.get(&agent, "/v1/me").await.ok()["user"]["id"].as_str().unwrap().parse().unwrap();
    let mut agents = Stream::open(&app, &agent, None).await;
    let mut admins = Stream::open(&app, &admin, None).await;
    app.app.events.publish(app.tenant, lead(None));
    app.app.events.publish(app.tenant, alert());
    app.app.events.publish(app.tenant, lead(Some(id)));
    assert_eq!(agents.next().await.unwrap().0, "lead.changed");
    assert_eq!(admins.next().await.unwrap().0, "alert.raised");
    drop((agents, admins));
    app.end().await;
}

#[tokio::test]
async fn a_stream_resumes_after_the_last_event_or_is_told_to_reset() {
    let app = TestApp::new().await;
    let admin = app.login("admin@demo").await;
    let mut stream = Stream::open(&app, &admin, None).await;
    app.app.events.publish(app.tenant, alert());
    let (_, last) = stream.next().await.unwrap();
    drop(stream);
    app.app.events.publish(app.tenant, Event::AlertClosed { alert_id: AlertId::new(0, 1) });
    let mut resumed = Stream::open(&app, &admin, Some(&last)).await;
    assert_eq!(resumed.next().await.unwrap().0, "alert.closed");
    let mut stale = Stream::open(&app, &admin, Some("1-1")).await;
    assert_eq!(stale.next().await.unwrap().0, "reset");
    drop((resumed, stale));
    app.end().await;
}

#[tokio::test]
async fn a_stream_ends_soon_after_its_session() {
    let app = TestApp::new().await;
    let viewer = app.login("viewer@demo").await;
    let mut stream = Stream::open(&app, &viewer, None).await;
    app.delete(&viewer, "/v1/sessions").await.ok();
    assert_eq!(stream.next().await, None);
    app.end().await;
}

#[tokio::test]
async fn a_stream_does_not_hold_up_the_end_of_the_server() {
    let app = TestApp::new().await;
    let viewer = app.login("viewer@demo").await;
    let stream = Stream::open(&app, &viewer, None).await;
    app.end().await;
    drop(stream);
}
