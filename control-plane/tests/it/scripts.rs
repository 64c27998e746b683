//! Scripts and labels: drafts, checking, publishing, rolling back, trying out.

use control_plane::features::contacts::store as contacts;
use control_plane::features::scripts;
use control_plane::tenant_db::TenantDb;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::campaigns::Stage;

async fn made(app: &TestApp, token: &str) -> Value {
    app.post(token, "/v1/scripts", json!({"name": "活动邀约", "category": "marketing"})).await.ok()
}

fn path(script: &Value, rest: &str) -> String {
    format!("/v1/scripts/{}{rest}", script["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_draft_is_saved_from_the_revision_it_was_read_at() {
    let app = TestApp::new().await;
    let token = app.login("scripter@demo").await;
    let script = made(&app, &token).await;
    assert_eq!((&script["draft"]["revision"], &script["published"]), (&json!(1), &Value::Null));
    let mut flow = script["draft"]["flow"].clone();
    flow["nodes"][3]["text"] = json!("好的，再见。");
    let change = json!({"flow": flow, "revision": 1});
    let saved = app.patch(&token, &path(&script, ""), change.clone()).await.ok();
    assert_eq!(saved["draft"]["revision"], 2);
    let stale = app.patch(&token, &path(&script, ""), change).await;
    assert_eq!((stale.problem().as_str(), &stale.body["params"]["revision"]), ("409 script_stale", &json!(2)));
    let blind = app.patch(&token, &path(&script, ""), json!({"flow": flow})).await;
    assert_eq!(blind.problem(), "422 revision_missing");
    flow["colour"] = json!(1);
    let odd = app.patch(&token, &path(&script, ""), json!({"flow": flow, "revision": 2})).await;
    assert_eq!(odd.problem(), "422 flow_invalid");
    assert!(odd.body["title"].as_str().unwrap().contains("colour"));
    let renamed = app.patch(&token, &path(&script, ""), json!({"name": "新名字"})).await.ok();
    assert_eq!((&renamed["name"], &renamed["draft"]["revision"]), (&json!("新名字"), &json!(2)));
    app.end().await;
}

#[tokio::test]
async fn a_faulty_draft_is_not_published_and_says_where() {
    let app = TestApp::new().await;
    let token = app.login("scripter@demo").await;
    let script = made(&app, &token).await;
    let mut flow = script["draft"]["flow"].clone();
    flow["nodes"][1]["branches"][0]["next"] = json!("nowhere");
    app.patch(&token, &path(&script, ""), json!({"flow": flow, "revision": 1})).await.ok();
    let findings = app.post(&token, &path(&script, "/lint"), json!({})).await.ok();
    let first = &findings["findings"][0];
    assert_eq!((&first["code"], &first["severity"]), (&json!("node_missing"), &json!("error")));
    assert_eq!(first["path"], "/nodes/1/branches/0/next");
    assert!(first["text"].as_str().unwrap().contains("nowhere"));
    let refused = app.post(&token, &path(&script, "/publish"), json!({})).await;
    assert_eq!(refused.problem(), "422 script_invalid");
    assert_eq!(refused.body["params"]["findings"][0]["code"], "node_missing");
    assert_eq!(app.get(&token, &path(&script, "/versions")).await.ok()["items"], json!([]));
    app.end().await;
}

#[tokio::test]
async fn versions_never_change_and_rolling_back_publishes_anew() {
    let app = TestApp::new().await;
    let token = app.login("scripter@demo").await;
    let script = made(&app, &token).await;
    let one = app.post(&token, &path(&script, "/publish"), json!({"note": "首版"})).await.ok();
    assert_eq!((&one["number"], &one["note"]), (&json!(1), &json!("首版")));
    app.hand.advance(std::time::Duration::from_secs(60));
    let mut flow = script["draft"]["flow"].clone();
    flow["nodes"][3]["text"] = json!("再见。");
    app.patch(&token, &path(&script, ""), json!({"flow": flow, "revision": 1})).await.ok();
    app.hand.advance(std::time::Duration::from_secs(60));
    app.post(&token, &path(&script, "/publish"), json!({"revision": 2})).await.ok();
    let back = app.post(&token, &path(&script, "/rollback"), json!({"version_id": one["id"]})).await.ok();
    assert_eq!((&back["number"], &back["note"]), (&json!(3), &json!("v1")));
    let now = app.get(&token, &path(&script, "")).await.ok();
    assert_eq!(now["published"]["version_id"], back["id"]);
    assert_eq!(now["draft"]["flow"], script["draft"]["flow"]);
    let versions = app.get(&token, &path(&script, "/versions?limit=2")).await.ok();
    let numbers: Vec<_> = versions["items"].as_array().unwrap().iter().map(|v| v["number"].clone()).collect();
    assert_eq!(numbers, [3, 2]);
    let second = app.get(&token, &path(&script, &format!("/versions/{}", one["id"].as_str().unwrap()))).await.ok();
    assert_eq!(second["flow"], script["draft"]["flow"]);
    assert_eq!(app.delete(&token, &path(&script, "")).await.problem(), "409 script_published");
    app.end().await;
}

#[tokio::test]
async fn a_try_out_talks_like_the_phone() {
    let app = TestApp::new().await;
    let db = TenantDb::of(&app.app.database, app.tenant);
    let demo = scripts::seed_demo(&db, &app.app.clock).await.unwrap();
    let token = app.login("scripter@demo").await;
    let url = format!("/v1/scripts/{}/try", demo.loan_offer);
    let lines = json!(["对，我是", "利息多少啊", "可以，正好需要周转", "五万左右", "方便的"]);
    let tried = app.post(&token, &url, json!({"variables": {"姓名": "王小明"}, "lines": lines})).await.ok();
    assert_eq!(tried["turns"][0]["text"], "您好，请问是王小明吗？");
    assert_eq!((&tried["turns"][3]["intent"], &tried["turns"][3]["who"]), (&json!("rate"), &json!("customer")));
    assert!(tried["turns"][3]["why"].as_str().unwrap().contains("利息"));
    assert_eq!((&tried["ended"], &tried["label"]["key"]), (&json!(true), &json!("high")));
    assert_eq!((&tried["label"]["name"], &tried["slots"]["意向金额"]), (&json!("高意向"), &json!("50000")));
    let out = app.post(&token, &url, json!({"lines": ["别再给我打电话了"]})).await.ok();
    assert_eq!((&out["opted_out"], &out["label"]["key"]), (&json!(true), &json!("refused")));
    let published = app.get(&token, "/v1/scripts?published=true").await.ok();
    assert_eq!(published["items"].as_array().unwrap().len(), 2);
    for script in [demo.loan_offer, demo.payment_notice] {
        let findings = app.post(&token, &format!("/v1/scripts/{script}/lint"), json!({})).await.ok();
        assert_eq!(findings["findings"], json!([]));
    }
    app.end().await;
}

#[tokio::test]
async fn five_labels_are_there_from_the_start_and_stay() {
    let app = TestApp::new().await;
    let token = app.login("scripter@demo").await;
    let labels = app.get(&token, "/v1/labels").await.ok();
    let keys: Vec<_> = labels["items"].as_array().unwrap().iter().map(|label| label["key"].clone()).collect();
    assert_eq!(keys, ["high", "low", "refused", "callback", "invalid"]);
    let id = |label: &Value| format!("/v1/labels/{}", label["id"].as_str().unwrap());
    assert_eq!(app.delete(&token, &id(&labels["items"][0])).await.problem(), "409 label_seeded");
    let new = json!({"key": "vip", "name": "重点客户", "color": "#123456", "hot": true});
    let vip = app.post(&token, "/v1/labels", new.clone()).await.ok();
    assert_eq!(app.post(&token, "/v1/labels", new).await.problem(), "409 label_key_taken");
    let changed = app.patch(&token, &id(&vip), json!({"name": "贵宾"})).await.ok();
    assert_eq!((&changed["name"], &changed["hot"]), (&json!("贵宾"), &json!(true)));

    let script = made(&app, &token).await;
    let mut flow = script["draft"]["flow"].clone();
    flow["labels"][1]["label"] = json!("vip");
    app.patch(&token, &path(&script, ""), json!({"flow": flow, "revision": 1})).await.ok();
    assert_eq!(app.delete(&token, &id(&vip)).await.problem(), "409 label_in_use");
    app.delete(&token, &path(&script, "")).await.ok();
    let operator = app.login("operator@demo").await;
    let contact = app.post(&operator, "/v1/contacts", json!({"name": "张三", "number": "13800000001"})).await.ok();
    let contact_id = contact["id"].as_str().unwrap();
    let db = TenantDb::of(&app.app.database, app.tenant);
    let tx = db.write().await.unwrap();
    let to_contact = contact_id.parse().unwrap();
    let number = contacts::find(&db, to_contact).await.unwrap().unwrap().number_blind;
    contacts::set_last_call(&db, &tx, to_contact, &number, "answered", Some("vip"), 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.delete(&token, &id(&vip)).await.problem(), "409 label_carried");
    app.delete(&operator, &format!("/v1/contacts/{contact_id}")).await.ok();
    app.delete(&token, &id(&vip)).await.ok();
    app.end().await;
}

#[tokio::test]
async fn a_label_stays_while_a_campaign_calls_by_an_older_version_that_gives_it() {
    let stage = Stage::new("rehearsal").await;
    let scripter = stage.app.login("scripter@demo").await;
    let vip = json!({"key": "vip", "name": "重点客户", "color": "#123456", "hot": true});
    let vip = stage.app.post(&scripter, "/v1/labels", vip).await.ok();
    let vip = format!("/v1/labels/{}", vip["id"].as_str().unwrap());
    let script = format!("/v1/scripts/{}", stage.script);
    let publish = async |label: &str| {
        let draft = stage.app.get(&scripter, &script).await.ok()["draft"].clone();
        let mut flow = draft["flow"].clone();
        flow["labels"][1]["label"] = json!(label);
        let change = json!({"flow": flow, "revision": draft["revision"]});
        stage.app.patch(&scripter, &script, change).await.ok();
        stage.app.post(&scripter, &format!("{script}/publish"), json!({})).await.ok();
    };
    publish("vip").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({"name": "春季"})).await;
    stage.ask(&campaign, "start").await;
    stage.ask(&campaign, "pause").await;
    publish("high").await;
    let refused = stage.app.delete(&scripter, &vip).await;
    assert_eq!(
        (refused.problem().as_str(), &refused.body["params"]["campaign"]),
        ("409 label_in_campaign", &json!("春季"))
    );
    stage.ask(&campaign, "stop").await;
    stage.app.delete(&scripter, &vip).await.ok();
    stage.app.end().await;
}

#[tokio::test]
async fn scripts_of_another_tenant_are_not_found() {
    let app = TestApp::new().await;
    app.another_tenant("other").await;
    let (ours, theirs) = (app.login("scripter@demo").await, app.login("scripter@other").await);
    let script = made(&app, &theirs).await;
    assert_eq!(app.get(&ours, &path(&script, "")).await.problem(), "404 not_found");
    assert_eq!(app.post(&ours, &path(&script, "/publish"), json!({})).await.problem(), "404 not_found");
    assert_eq!(app.post(&ours, &path(&script, "/try"), json!({})).await.problem(), "404 not_found");
    app.end().await;
}
