//! What campaigns have come to: the same figures as JSON, as a spreadsheet and on the contact's card.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use control_plane::tenant_db::TenantDb;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::app::TestApp;

const CAMPAIGN: &str = "cmp_00000000000000000000000001";
const OTHER: &str = "cmp_00000000000000000000000002";

/// Two campaigns that have called: rows as the dialler leaves them.
async fn called(app: &TestApp, contact: &str) {
    let db = TenantDb::of(&app.app.database, app.tenant);
    let tx = db.write().await.unwrap();
    let run = async |sql: &str, values: Vec<sea_orm::Value>| {
        tx.execute_raw(db.sql(sql, values)).await.unwrap();
    };
    for (id, name, started) in [(CAMPAIGN, "=贷款意向", 1_000), (OTHER, "回访", 2_000)] {
        let sql = "INSERT INTO campaigns (tenant_id, id, name, remark, windows, max_calls, retry_attempts, \
                   retry_interval_s, state, epoch, snapshot, snapshot_after, snapshot_total, sweeping, created_by, \
                   created_at, updated_at, started_at, ended_at) \
                   VALUES ($1, $2, $3, '', '[]', 1, 1, 0, 'completed', 0, 'done', '', 0, FALSE, 'usr', 0, 0, $4, $4)";
        run(sql, vec![id.into(), name.into(), i64::from(started).into()]).await;
    }
    let members = [
        (CAMPAIGN, contact, "done", Some("answered"), Some("high"), 1),
        (CAMPAIGN, "con_b", "done", Some("answered"), Some("refused"), 2),
        (CAMPAIGN, "con_c", "done", Some("no_answer"), None, 3),
        (CAMPAIGN, "con_d", "done", Some("invalid"), Some("invalid"), 1),
        (CAMPAIGN, "con_e", "blocked", None, None, 0),
        (OTHER, contact, "done", Some("answered"), Some("low"), 1),
    ];
    for (campaign, contact, state, disposition, label, attempts) in members {
        let sql = "INSERT INTO campaign_contacts (tenant_id, campaign_id, contact_id, state, attempts, tries, next_at, \
                   disposition, label_key) VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7)";
        let values: Vec<sea_orm::Value> = vec![
            campaign.into(),
            contact.into(),
            state.into(),
            i64::from(attempts).into(),
            disposition.into(),
            label.into(),
        ];
        run(sql, values).await;
    }
    let calls = [
        ("cal_1", CAMPAIGN, contact, "answered", Some("high"), Some(30_000)),
        ("cal_2", CAMPAIGN, "con_b", "answered", Some("refused"), Some(10_500)),
        ("cal_3", CAMPAIGN, "con_c", "no_answer", None, None),
        ("cal_4", OTHER, contact, "answered", Some("low"), Some(60_000)),
    ];
    for (id, campaign, contact, disposition, label, talk) in calls {
        let sql = "INSERT INTO calls (tenant_id, id, campaign_id, contact_id, number_blind, number_masked, number_tail, \
                   trunk_id, edge_id, version_id, disposition, cause, side, label_key, dialed_at, ended_at, talk_ms, \
                   turns, slots, gates, recording_state) VALUES ($1, $2, $3, $4, $5, '138****0001', '0001', '', '', '', \
                   $6, 'normal', 'customer', $7, 1000, 2000, $8, '[]', '{}', '[]', 'none')";
        let values: Vec<sea_orm::Value> = vec![
            id.into(),
            campaign.into(),
            contact.into(),
            vec![1u8].into(),
            disposition.into(),
            label.into(),
            talk.map(i64::from).into(),
        ];
        run(sql, values).await;
    }
    for (id, status) in [("led_1", "won"), ("led_2", "dropped")] {
        let sql = "INSERT INTO leads (tenant_id, id, contact_id, call_id, campaign_id, label_key, label_rule, status, \
                   offers, created_at, updated_at) VALUES ($1, $2, $3, $2, $4, 'high', 'r', $5, 0, 0, 0)";
        run(sql, vec![id.into(), contact.into(), CAMPAIGN.into(), status.into()]).await;
    }
    tx.commit().await.unwrap();
}

async fn contact(app: &TestApp, token: &str) -> String {
    let made = app.post(token, "/v1/contacts", json!({"name": "张三", "number": "13800000001"})).await.ok();
    made["id"].as_str().unwrap().to_owned()
}

fn line(report: &Value) -> String {
    let percent = |value: &Value| value.as_f64().map_or("-".to_owned(), |share| format!("{:.1}%", share * 100.0));
    let labels: Vec<String> = report["labels"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|label| label["count"] != 0)
        .map(|label| format!("{} {} {}", label["name"].as_str().unwrap(), label["count"], percent(&label["share"])))
        .collect();
    format!(
        "{} contacts, {} called, {} attempts, {} connected {}, [{}], {} leads, {} won {}, talk {}",
        report["contacts"],
        report["called"],
        report["attempts"],
        report["connected"],
        percent(&report["connect_rate"]),
        labels.join(", "),
        report["leads"],
        report["won"],
        percent(&report["conversion_rate"]),
        report["talk_ms_avg"]
    )
}

#[tokio::test]
async fn campaigns_are_reported_each_and_together() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let contact = contact(&app, &token).await;
    called(&app, &contact).await;

    let one = app.get(&token, &format!("/v1/reports/campaigns?ids={CAMPAIGN}")).await.ok();
    assert_eq!(
        line(&one["items"][0]),
        "5 contacts, 4 called, 7 attempts, 2 connected 66.7%, [高意向 1 33.3%, 拒绝 1 33.3%, 无效号码 1 33.3%], \
         2 leads, 1 won 50.0%, talk 20250"
    );
    let all = app.get(&app.login("viewer@demo").await, "/v1/reports/campaigns").await.ok();
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        line(&all["total"]),
        "6 contacts, 5 called, 8 attempts, 3 connected 75.0%, [高意向 1 25.0%, 低意向 1 25.0%, 拒绝 1 25.0%, \
         无效号码 1 25.0%], 2 leads, 1 won 50.0%, talk 33500"
    );
    let later = app.get(&token, "/v1/reports/campaigns?from=1970-01-01T00:00:02Z").await.ok();
    assert_eq!(later["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        line(&later["total"]),
        "0 contacts, 0 called, 0 attempts, 0 connected -, [], 0 leads, 0 won -, talk null"
    );
    let first = "/v1/reports/campaigns?from=1970-01-01T00:00:00Z&to=1970-01-01T00:00:01.500Z";
    let first = app.get(&token, first).await.ok();
    assert_eq!(
        line(&first["items"][0]),
        "3 contacts, 3 called, 3 attempts, 2 connected 66.7%, [高意向 1 50.0%, 拒绝 1 50.0%], 2 leads, 1 won 50.0%, \
         talk 20250"
    );
    let twice = app.get(&token, &format!("/v1/reports/campaigns?ids={CAMPAIGN},{CAMPAIGN}")).await.ok();
    assert_eq!(twice["items"], one["items"]);
    let unknown = format!("/v1/reports/campaigns?ids={CAMPAIGN},cmp_{}", "0".repeat(26));
    assert_eq!(app.get(&token, &unknown).await.problem(), "404 not_found");
    let in_a_period = format!("{unknown}&from=1970-01-01T00:00:00Z");
    assert_eq!(app.get(&token, &in_a_period).await.problem(), "404 not_found");
    let before = format!("/v1/reports/campaigns?ids={OTHER}&to=1970-01-01T00:00:00Z");
    assert_eq!(app.get(&token, &before).await.ok()["items"], json!([]), "known, and not under way then");
    app.end().await;
}

#[tokio::test]
async fn a_report_says_how_many_campaigns_it_leaves_out() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let db = TenantDb::of(&app.app.database, app.tenant);
    let tx = db.write().await.unwrap();
    let sql = "INSERT INTO campaigns (tenant_id, id, name, remark, windows, max_calls, retry_attempts, \
               retry_interval_s, state, epoch, snapshot, snapshot_after, snapshot_total, sweeping, created_by, \
               created_at, updated_at, started_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
               WHERE i < 203) SELECT $1, 'cmp_' || i, 'c', '', '[]', 1, 1, 0, 'completed', 0, 'done', '', 0, FALSE, \
               'usr', 0, 0, 1 FROM n";
    tx.execute_raw(db.sql(sql, [])).await.unwrap();
    tx.commit().await.unwrap();
    let all = app.get(&token, "/v1/reports/campaigns").await.ok();
    assert_eq!((all["items"].as_array().unwrap().len(), all["omitted"].as_u64()), (200, Some(3)));
    app.end().await;
}

#[tokio::test]
async fn the_exported_report_holds_the_same_figures_and_no_formula() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let contact = contact(&app, &token).await;
    called(&app, &contact).await;
    let url = format!("{}/v1/reports/campaigns/export.xlsx", app.base);
    let response = app.http.get(url).bearer_auth(&token).send().await.unwrap();
    let bytes = response.error_for_status().unwrap().bytes().await.unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let lines: Vec<String> =
        range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect();
    let labels = ["高意向", "低意向", "拒绝", "待回访", "无效号码"].map(|name| format!("{name}|{name} 占比"));
    assert_eq!(
        lines[0],
        format!(
            "外呼任务|客户数|已呼叫客户|呼叫次数|接通客户|接通率|{}|线索数|成交数|转化率|平均通话时长（秒）",
            labels.join("|")
        )
    );
    assert_eq!(lines[1], "回访|1|1|1|1|1|0|0|1|1|0|0|0|0|0|0|0|0||60");
    assert_eq!(
        lines[2],
        "'=贷款意向|5|4|7|2|0.6666666666666666|1|0.3333333333333333|0|0|1|0.3333333333333333|0|0|1|0.3333333333333333|2|1|0.5|20.3"
    );
    assert!(lines[3].starts_with("合计|6|5|8|3|0.75|1|0.25"), "{}", lines[3]);
    let log = app.get(&app.login("admin@demo").await, "/v1/audit?kind=access").await.ok();
    assert_eq!(log["items"][0]["action"], "reports.campaigns.export.xlsx.read");
    app.end().await;
}

#[tokio::test]
async fn a_card_shows_calls_label_history_follow_ups_and_campaigns() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let contact = contact(&app, &token).await;
    called(&app, &contact).await;
    let card = app.get(&token, &format!("/v1/contacts/{contact}")).await.ok();
    let calls: Vec<&str> = card["calls"].as_array().unwrap().iter().map(|call| call["id"].as_str().unwrap()).collect();
    assert_eq!(calls, ["cal_4", "cal_1"]);
    assert_eq!(card["calls"][1]["campaign"]["name"], "=贷款意向");
    let labels: Vec<&str> =
        card["labels"].as_array().unwrap().iter().map(|change| change["label"]["name"].as_str().unwrap()).collect();
    assert_eq!(labels, ["低意向", "高意向"]);
    assert_eq!(card["campaigns"].as_array().unwrap().len(), 2);
    assert_eq!(card["follow_ups"], json!([]));
    app.end().await;
}
