//! What happens to a campaign beside its calls: commands without bodies, changes that are refused, walks over its
//! contacts that outlive the process, alerts that do not outlive its calling.

use control_plane::features::alerts::{Level, Scope, raise};
use control_plane::tenant_db::TenantDb;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::Progress;

use crate::campaigns::{Stage, summary};
use crate::fake_edge::{FakeEdge, ended};

async fn run(stage: &Stage, sql: &str, values: Vec<sea_orm::Value>) {
    let db = TenantDb::of(&stage.app.app.database, stage.app.tenant);
    let tx = db.write().await.unwrap();
    tx.execute_raw(db.sql(sql, values)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_stop_needs_no_body() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    stage.ask(&campaign, "start").await;
    let path = format!("/v1/campaigns/{campaign}/stop");
    let stopped = stage.app.call(Method::POST, &path, Some(&stage.operator), None).await.ok();
    assert_eq!(summary(&stopped), "stopped total=1 cancelled=1");
    let wrong = stage.app.post(&stage.operator, &path, json!({"calls_in_progress": "maybe"})).await;
    assert_eq!(wrong.problem(), "422 value_unknown");
    stage.app.end().await;
}

#[tokio::test]
async fn a_campaign_names_only_what_its_tenant_has() {
    let stage = Stage::new("rehearsal").await;
    let nobody = "0".repeat(26);
    for (field, id, code) in [("group_id", "grp", "group_unknown"), ("script_id", "scr", "script_unknown")] {
        let body = json!({"name": "x", "windows": [], "max_calls": 1, (field): format!("{id}_{nobody}")});
        let refused = stage.app.post(&stage.operator, "/v1/campaigns", body).await;
        assert_eq!(refused.problem(), format!("422 {code}"));
    }
    stage.app.end().await;
}

#[tokio::test]
async fn campaigns_are_found_by_part_of_their_name_and_by_state() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    stage.campaign(json!({"name": "春季回访"})).await;
    let other = stage.campaign(json!({"name": "100% 回访"})).await;
    stage.campaign(json!({"name": "催收"})).await;
    stage.ask(&other, "start").await;
    let found = async |query: &str| {
        let listed = stage.app.get(&stage.operator, &format!("/v1/campaigns?{query}")).await.ok();
        let names = listed["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(found("q=%E5%9B%9E%E8%AE%BF").await, ["100% 回访", "春季回访"]);
    assert_eq!(found("q=%25").await, ["100% 回访"]);
    assert_eq!(found("state=running").await, ["100% 回访"]);
    assert_eq!(found("q=%E5%9B%9E%E8%AE%BF&state=ready").await, ["春季回访"]);
    stage.app.end().await;
}

#[tokio::test]
async fn a_campaign_that_calls_real_people_keeps_its_hours() {
    let stage = Stage::new("sip").await;
    stage.contacts(1, 1, "1381234").await;
    let campaign = stage.campaign(json!({})).await;
    stage.ask(&campaign, "start").await;
    let path = format!("/v1/campaigns/{campaign}");
    let refused = stage.app.patch(&stage.operator, &path, json!({"windows": []})).await;
    assert_eq!(refused.problem(), "422 campaign_incomplete");
    assert_eq!(refused.body["params"]["missing"], "windows");
    assert_eq!(stage.show(&campaign).await["windows"].as_array().unwrap().len(), 1);
    stage.app.end().await;
}

#[tokio::test]
async fn a_restart_opens_again_who_spoke_and_was_not_heard() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Answered, Cause::Unheard)).await;
    stage.until(&campaign, "completed total=1 connected=1 attempts=1").await;
    assert_eq!(stage.ask(&campaign, "restart").await["state"], "running");
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Answered, Cause::Finished)).await;
    stage.until(&campaign, "completed total=1 connected=1 attempts=2").await;
    let again = stage.app.post(&stage.operator, &format!("/v1/campaigns/{campaign}/restart"), json!({})).await;
    assert_eq!(again.problem(), "409 campaign_nothing_left");
    stage.app.end().await;
}

#[tokio::test]
async fn a_restart_needs_no_group_any_more() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Busy, Cause::Refused)).await;
    stage.until(&campaign, "completed total=1 not_connected=1 attempts=1").await;
    stage.app.delete(&stage.operator, &format!("/v1/groups/{}", stage.group)).await.ok();
    assert_eq!(stage.ask(&campaign, "restart").await["state"], "running");
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Busy, Cause::Refused)).await;
    stage.until(&campaign, "completed total=1 not_connected=1 attempts=2").await;
    stage.app.delete(&stage.admin, &format!("/v1/trunks/{}", stage.trunk)).await.ok();
    let refused = stage.app.post(&stage.operator, &format!("/v1/campaigns/{campaign}/restart"), json!({})).await;
    assert_eq!(
        (refused.problem().as_str(), &refused.body["params"]["missing"]),
        ("422 campaign_incomplete", &json!("trunk"))
    );
    stage.app.end().await;
}

#[tokio::test]
async fn a_restart_that_the_process_did_not_survive_goes_on() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(2).await;
    let (first, second) = (edge.job().await, edge.job().await);
    edge.result(ended(&first, Disposition::Busy, Cause::Refused)).await;
    edge.result(ended(&second, Disposition::Answered, Cause::Finished)).await;
    stage.until(&campaign, "completed total=2 connected=1 not_connected=1 attempts=2").await;

    // The process ended with the restart's commit: no command is there to open the contacts.
    let crashed = "UPDATE campaigns SET state = 'running', snapshot = 'reopening', snapshot_after = '' \
                   WHERE tenant_id = $1 AND id = $2";
    run(&stage, crashed, vec![campaign.as_str().into()]).await;
    stage.app.app.dialer.wake();
    let job = edge.job().await;
    edge.progress(&job, Progress::Dialing).await;
    edge.result(ended(&job, Disposition::NoAnswer, Cause::RingLimit)).await;
    stage.until(&campaign, "completed total=2 connected=1 not_connected=1 attempts=3").await;
    stage.app.end().await;
}

#[tokio::test]
async fn a_long_campaign_restarts_at_once_and_opens_every_contact_once() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    let gone = "INSERT INTO contact_groups (tenant_id, group_id, contact_id) \
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500) \
                SELECT $1, $2, 'con_gone' || i FROM n";
    run(&stage, gone, vec![stage.group.as_str().into()]).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    for attempts in 1..=2 {
        let job = edge.job().await;
        edge.result(ended(&job, Disposition::Busy, Cause::Refused)).await;
        let end = format!("completed total=4501 blocked=4500 not_connected=1 attempts={attempts}");
        stage.until(&campaign, &end).await;
        if attempts == 1 {
            assert_eq!(stage.ask(&campaign, "restart").await["state"], "running");
        }
    }
    stage.app.end().await;
}

#[tokio::test]
async fn a_campaign_deleted_while_it_is_swept_is_swept_to_its_end() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    stage.ask(&campaign, "start").await;
    stage.ask(&campaign, "stop").await;
    let waiting = "UPDATE campaign_contacts SET state = 'pending' WHERE tenant_id = $1 AND campaign_id = $2";
    let deleted = "UPDATE campaigns SET sweeping = TRUE, deleted_at = 1 WHERE tenant_id = $1 AND id = $2";
    for sql in [waiting, deleted] {
        run(&stage, sql, vec![campaign.as_str().into()]).await;
    }
    let db = TenantDb::of(&stage.app.app.database, stage.app.tenant);
    let swept = "SELECT 1 AS one FROM campaigns c JOIN campaign_contacts m ON m.campaign_id = c.id \
                 WHERE c.tenant_id = $1 AND c.id = $2 AND NOT c.sweeping AND m.state = 'cancelled'";
    let swept = async || {
        let statement = db.sql(swept, [campaign.as_str().into()]);
        db.read().query_one_raw(statement).await.unwrap().is_some()
    };
    stage.app.app.dialer.wake();
    stage.app.until(swept).await;
    stage.app.end().await;
}

#[tokio::test]
async fn alerts_about_a_campaign_end_with_its_calling() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    stage.ask(&campaign, "start").await;
    let db = TenantDb::of(&stage.app.app.database, stage.app.tenant);
    let tx = db.write().await.unwrap();
    let scope = Scope { campaign: campaign.parse().ok(), trunk: None };
    let params = json!({"campaign": "campaign", "invalid": 9, "of": 20});
    raise(&stage.app.app, &db, &tx, "many_invalid", Level::Warning, params, scope).await.unwrap();
    tx.commit().await.unwrap();
    let open = async || stage.app.get(&stage.operator, "/v1/alerts?open=true").await.ok()["items"].clone();
    assert_eq!(open().await[0]["code"], "many_invalid");
    stage.ask(&campaign, "stop").await;
    assert_eq!(open().await, Value::Array(vec![]));
    stage.app.end().await;
}

#[tokio::test]
async fn a_group_stays_while_a_campaign_is_to_call_it() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({"name": "春季"})).await;
    let group = format!("/v1/groups/{}", stage.group);
    let refused = stage.app.delete(&stage.operator, &group).await;
    assert_eq!((refused.problem().as_str(), &refused.body["params"]["campaign"]), ("409 group_in_use", &json!("春季")));
    stage.ask(&campaign, "start").await;
    assert_eq!(stage.app.delete(&stage.operator, &group).await.problem(), "409 group_in_use");
    stage.ask(&campaign, "stop").await;
    stage.app.delete(&stage.operator, &group).await.ok();
    stage.app.end().await;
}

#[tokio::test]
async fn who_opts_out_is_listed_by_the_number_that_was_dialled() {
    let stage = Stage::new("rehearsal").await;
    let (_, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    let contacts = stage.app.get(&stage.operator, "/v1/contacts").await.ok();
    let contact = format!("/v1/contacts/{}", contacts["items"][0]["id"].as_str().unwrap());
    stage.app.patch(&stage.operator, &contact, json!({"number": "19900000077"})).await.ok();
    let mut result = ended(&job, Disposition::Answered, Cause::CustomerHangUp);
    result.opt_out = Some("别再打了".into());
    edge.result(result).await;
    let listed = stage.app.get(&stage.operator, "/v1/blacklist").await.ok();
    assert_eq!(listed["items"][0]["number"], "199****0001");
    let call = stage.app.get(&stage.operator, "/v1/calls").await.ok()["items"][0].clone();
    assert_eq!(call["number"], "199****0001");
    stage.app.end().await;
}

#[tokio::test]
async fn a_group_that_a_file_is_still_read_into_is_neither_called_nor_removed() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    let import = async |state: &str| {
        let tx = stage.app.app.database.write().await.unwrap();
        let sql = "INSERT INTO imports VALUES ($1, 'imp_1', $2, '名单.xlsx', '', 'skip', '{}', '[]', $3, 0, 0, 0, 0, 0, 0, 0, \
                   NULL, '{}', '', 0, NULL, NULL, FALSE) ON CONFLICT (tenant_id, id) DO UPDATE SET state = $3";
        let db = TenantDb::of(&stage.app.app.database, stage.app.tenant);
        tx.execute_raw(db.sql(sql, [stage.group.as_str().into(), state.into()])).await.unwrap();
        tx.commit().await.unwrap();
    };
    import("running").await;
    let check = stage.app.get(&stage.operator, &format!("/v1/campaigns/{campaign}/check")).await.ok();
    assert_eq!(check["findings"][0], json!({"code": "group_importing", "params": {"file": "名单.xlsx"}}));
    let start = format!("/v1/campaigns/{campaign}/start");
    let refused = stage.app.post(&stage.operator, &start, json!({})).await;
    assert_eq!(
        (refused.problem().as_str(), &refused.body["params"]["file"]),
        ("409 group_importing", &json!("名单.xlsx"))
    );
    import("done").await;
    stage.ask(&campaign, "start").await;
    stage.ask(&campaign, "stop").await;
    let group = format!("/v1/groups/{}", stage.group);
    import("queued").await;
    assert_eq!(stage.app.delete(&stage.operator, &group).await.problem(), "409 group_importing");
    import("done").await;
    stage.app.delete(&stage.operator, &group).await.ok();
    stage.app.end().await;
}
