//! Background jobs through their table: run once, tried again, given up, resumed after a crash.

use control_plane::jobs::{self, NewJob};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::app::TestApp;

async fn enqueue(app: &TestApp, kind: &'static str, max_attempts: i64) {
    let tx = app.app.database.write().await.unwrap();
    let job = NewJob { max_attempts, ..NewJob::now(app.tenant, kind, json!({})) };
    jobs::enqueue(&app.app, &tx, job).await.unwrap();
    tx.commit().await.unwrap();
    app.app.jobs.wake();
}

async fn state(app: &TestApp) -> Vec<(String, i64)> {
    let read = app.app.database.read();
    let statement = Statement::from_string(read.get_database_backend(), "SELECT state, attempts FROM jobs");
    let rows = read.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "state").unwrap(), row.try_get("", "attempts").unwrap())).collect()
}

#[tokio::test]
async fn a_job_of_an_unknown_kind_waits_for_a_build_that_knows_it_and_is_given_up_in_the_end() {
    let app = TestApp::new().await;
    enqueue(&app, "nobody.knows", 2).await;
    app.until(async || state(&app).await == [("waiting".to_owned(), 1)]).await;
    app.hand.advance(std::time::Duration::from_secs(5));
    app.until(async || state(&app).await == [("failed".to_owned(), 2)]).await;
    assert_eq!(jobs::counts(&app.app.database).await.unwrap(), (0, 1));
    app.app.tasks.stop.cancel();
}

#[tokio::test]
async fn who_leaves_long_jobs_to_others_takes_the_short_one_behind_them() {
    let app = TestApp::new().await;
    app.app.tasks.stop.cancel();
    app.app.tasks.finish().await;
    for kind in ["long", "long", "short"] {
        enqueue(&app, kind, 5).await;
    }
    let claimed = async |leaves: &[&'static str]| match jobs::claim(&app.app.database, leaves).await.unwrap() {
        jobs::Claim::Leased(job) => job.kind,
        jobs::Claim::Spent(_) | jobs::Claim::NextAt(_) => "none".to_owned(),
    };
    assert_eq!(claimed(&["long"]).await, "short");
    assert_eq!(claimed(&["long"]).await, "none");
    assert_eq!([claimed(&[]).await, claimed(&[]).await], ["long", "long"]);
}

#[tokio::test]
async fn a_job_with_a_key_is_added_once() {
    let app = TestApp::new().await;
    let tx = app.app.database.write().await.unwrap();
    for _ in 0..2 {
        let run_at = app.app.now_ms() + 1_000_000;
        let job = NewJob { unique_key: Some("k"), run_at, ..NewJob::now(app.tenant, "nobody.knows", json!({})) };
        jobs::enqueue(&app.app, &tx, job).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(state(&app).await, [("waiting".to_owned(), 0)]);
    app.end().await;
}

/// A job that ends the process leaves its attempts counted and says nothing.
#[tokio::test]
async fn an_import_that_took_the_process_with_it_each_time_is_given_up_without_another_run() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let csv = "姓名,手机\n张三,13800000001\n".as_bytes();
    let import = crate::imports::import(&app, &token, "a.csv", csv, &[]).await;
    let (id, key) =
        (import["id"].as_str().unwrap(), format!("imports/{}/{}", app.tenant, import["id"].as_str().unwrap()));
    app.app.objects.put(&key, csv.into()).await.unwrap();
    let tx = app.app.database.write().await.unwrap();
    let order = json!({"import": id, "group_is_new": false});
    let job = NewJob { run_at: app.app.now_ms() + 1_000, ..NewJob::now(app.tenant, "contacts.import", order) };
    jobs::enqueue(&app.app, &tx, job).await.unwrap();
    tx.execute_unprepared("UPDATE imports SET state = 'running'").await.unwrap();
    tx.execute_unprepared("UPDATE jobs SET attempts = max_attempts").await.unwrap();
    tx.commit().await.unwrap();
    app.hand.advance(std::time::Duration::from_secs(2));
    app.until(async || state(&app).await == [("failed".to_owned(), 6)]).await;
    let over = app.get(&token, &format!("/v1/imports/{id}")).await.ok();
    assert_eq!((&over["state"], &over["error"]["code"]), (&json!("failed"), &json!("import_interrupted")));
    assert_eq!(app.get(&token, "/v1/contacts").await.ok()["items"], json!([]), "nothing half-done stays");
    assert!(app.app.objects.keys("imports").await.unwrap().is_empty(), "nor the file");
    app.app.tasks.stop.cancel();
}
