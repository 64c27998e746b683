//! Contacts, groups and the blacklist by hand.

use serde_json::{Value, json};

use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::Progress;

use crate::app::TestApp;
use crate::campaigns::Stage;
use crate::fake_edge::{FakeEdge, ended};
use crate::imports::import;

async fn names(app: &TestApp, token: &str, query: &str) -> Vec<String> {
    let page = app.get(token, &format!("/v1/contacts?{query}")).await.ok();
    page["items"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_contact_is_added_edited_archived_and_deleted() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let group = app.post(&token, "/v1/groups", json!({"name": "老客户"})).await.ok()["id"].clone();
    let body = json!({"name": "张三", "number": "+86 138-1234-5678", "remark": "老同学", "group_ids": [group], "fields": {"城市": "上海"}});
    let made = app.post(&token, "/v1/contacts", body.clone()).await.ok();
    let mut shown = made.clone();
    (shown["id"], shown["groups"][0]["id"]) = (json!("con"), json!("grp"));
    insta::assert_json_snapshot!(shown);
    assert_eq!(app.post(&token, "/v1/contacts", body).await.problem(), "409 contact_number_taken");
    assert_eq!(app.post(&token, "/v1/contacts", json!({"number": "12345"})).await.problem(), "422 number_too_short");

    let path = format!("/v1/contacts/{}", made["id"].as_str().unwrap());
    let same = json!({"name": "张三丰", "number": "138****5678"});
    assert_eq!(
        app.patch(&token, &path, same).await.ok()["number"],
        "138****5678",
        "the mask sent back changes nothing"
    );
    let moved = app.patch(&token, &path, json!({"number": "010-65551234", "group_ids": []})).await.ok();
    assert_eq!(
        (&moved["number"], &moved["city"], &moved["groups"]),
        (&json!("010****1234"), &json!("北京"), &json!([]))
    );

    app.post(&token, &format!("{path}/archive"), json!({})).await.ok();
    assert_eq!(names(&app, &token, "").await, [""; 0]);
    assert_eq!(names(&app, &token, "archived=true").await, ["张三丰"]);
    app.post(&token, &format!("{path}/unarchive"), json!({})).await.ok();
    assert_eq!(names(&app, &token, "").await, ["张三丰"]);
    app.delete(&token, &path).await.ok();
    assert_eq!(app.get(&token, &path).await.problem(), "404 not_found");
    app.end().await;
}

#[tokio::test]
async fn contacts_are_found_by_name_number_and_the_end_of_a_number() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let csv = "姓名,手机\n张三,13800000001\n张小三,13800001234\n李100%四,13900001234\n".as_bytes();
    import(&app, &token, "a.csv", csv, &[]).await;
    let cases: [(&str, &[&str]); 6] = [
        ("q=张", &["张小三", "张三"]),
        ("q=%25", &["李100%四"]),
        ("q=1234", &["李100%四", "张小三"]),
        ("q=%2B86 13800000001", &["张三"]),
        ("q=无此人", &[]),
        ("status=never&limit=1", &["李100%四"]),
    ];
    for (query, found) in cases {
        assert_eq!(names(&app, &token, query).await, found, "{query}");
    }
    let mut seen = Vec::new();
    let mut path = "/v1/contacts?limit=2".to_owned();
    loop {
        let page: Value = app.get(&token, &path).await.ok();
        seen.extend(page["items"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/contacts?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["李100%四", "张小三", "张三"], "the newest row comes first");
    app.end().await;
}

#[tokio::test]
async fn hidden_digits_of_a_name_find_nothing() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let named = "王五13812345678";
    app.post(&token, "/v1/contacts", json!({"name": named, "number": "13900000001"})).await.ok();
    app.post(&token, "/v1/contacts", json!({"name": "Ann 2026", "number": "13900000002"})).await.ok();
    for query in ["q=2345", "q=王五1381", "q=12345", "q=五13812345678"] {
        assert_eq!(names(&app, &token, query).await, [""; 0], "{query}");
    }
    for query in ["q=王五138", "q=5678", "q=王"] {
        assert_eq!(names(&app, &token, query).await, ["王五138****5678"], "{query}");
    }
    assert_eq!(names(&app, &token, "q=ann 20").await, ["Ann 2026"]);
    for n in 0..3 {
        let body = json!({"name": format!("李1381234000{n}"), "number": format!("1390000100{n}")});
        app.post(&token, "/v1/contacts", body).await.ok();
    }
    app.post(&token, "/v1/contacts", json!({"name": "赵1234", "number": "13900002000"})).await.ok();
    app.post(&token, "/v1/contacts", json!({"name": "李1234", "number": "13900002001"})).await.ok();
    assert_eq!(names(&app, &token, "q=1234&limit=1").await, ["李1234"]);
    assert_eq!(names(&app, &token, "q=李1&limit=3").await.len(), 3, "a page is full though hidden rows lie between");
    app.end().await;
}

#[tokio::test]
async fn whole_numbers_are_searched_for_so_often_and_no_more() {
    let app = TestApp::new().await;
    let (operator, viewer, admin) =
        (app.login("operator@demo").await, app.login("viewer@demo").await, app.login("admin@demo").await);
    let lists = ["calls?number", "contacts?q", "blacklist?number"];
    for n in 0..120 {
        app.get(&operator, &format!("/v1/{}=1381234{n:04}", lists[n % 3])).await.ok();
    }
    for list in lists {
        app.get(&operator, &format!("/v1/{list}=13812340000")).await.ok();
    }
    for list in lists {
        let refused = app.get(&operator, &format!("/v1/{list}=13899991234")).await;
        assert_eq!(refused.problem(), "429 number_search_limited");
        assert_eq!(refused.headers["retry-after"], "3600");
    }
    app.get(&operator, "/v1/contacts?q=1234").await.ok();
    app.get(&viewer, "/v1/contacts?q=13899991234").await.ok();
    let log = app.get(&admin, "/v1/audit?kind=access").await.ok();
    let entries: Vec<_> = log["items"].as_array().unwrap().iter().map(|entry| entry["result"].clone()).collect();
    assert_eq!(entries, ["number_search_limited"], "the limit is told of once");
    app.hand.advance(std::time::Duration::from_hours(1));
    app.get(&operator, "/v1/contacts?q=13899991234").await.ok();
    app.end().await;
}

#[tokio::test]
async fn few_numbers_under_one_mask_are_searched_for_or_entered_in_a_day() {
    let app = TestApp::new().await;
    let (operator, admin) = (app.login("operator@demo").await, app.login("admin@demo").await);
    let number = |n: u32| format!("138{n:04}7391");
    let search = async |n: u32| app.get(&operator, &format!("/v1/contacts?q={}", number(n))).await;
    for n in [1, 2, 3, 1, 2, 3, 4, 5, 1] {
        search(n).await.ok();
    }
    for list in ["calls?number", "contacts?q", "blacklist?number"] {
        let refused = app.get(&operator, &format!("/v1/{list}={}", number(6))).await;
        assert_eq!(refused.problem(), "429 number_mask_tried");
    }
    search(5).await.ok();
    app.get(&operator, "/v1/contacts?q=13800017392").await.ok();
    let log = app.get(&admin, "/v1/audit?kind=access").await.ok();
    assert_eq!(log["items"][0]["result"], "number_mask_tried");
    let enter = async |n: u32| app.post(&operator, "/v1/contacts", json!({"name": "客户", "number": number(n)})).await;
    for n in 0..20 {
        enter(n).await.ok();
    }
    assert_eq!(enter(20).await.problem(), "429 number_mask_tried");
    app.end().await;
}

#[tokio::test]
async fn numbers_are_entered_so_often_and_those_that_are_there_less_often() {
    let app = TestApp::new().await;
    let (operator, second) = (app.login("operator@demo").await, second_operator(&app).await);
    let create = async |token: &str, number: &str| {
        app.post(token, "/v1/contacts", json!({"name": "试", "number": number})).await.problem()
    };
    let listed = app.post(&operator, "/v1/contacts", json!({"name": "张", "number": "13800001234"})).await.ok();
    for _ in 0..119 {
        assert_eq!(create(&operator, "13800001234").await, "409 contact_number_taken");
    }
    let path = format!("/v1/contacts/{}", listed["id"].as_str().unwrap());
    for n in 0..24 {
        app.patch(&operator, &path, json!({"number": format!("138000012{}", 35 + n)})).await.ok();
    }
    assert_eq!(create(&operator, "13800009999").await, "429 number_entry_limited", "whether it is there or not");
    let change = app.patch(&operator, &path, json!({"number": "13800009999"})).await;
    assert_eq!(change.problem(), "429 number_entry_limited");
    let block = app.post(&operator, "/v1/blacklist", json!({"number": "13800009999"})).await;
    assert_eq!(block.problem(), "429 number_entry_limited");
    app.patch(&operator, &path, json!({"name": "张三", "number": "138****1258"})).await.ok();
    assert_eq!(create(&second, "13800001258").await, "409 contact_number_taken", "each person has an own budget");
    app.end().await;
}

/// A second person who may do what the first may.
async fn second_operator(app: &TestApp) -> String {
    let admin = app.login("admin@demo").await;
    let body = json!({"email": "second@demo", "name": "second", "role": "operator", "password": "bellbird-test"});
    app.post(&admin, "/v1/users", body).await.ok();
    app.login("second@demo").await
}

#[tokio::test]
async fn a_group_is_archived_as_a_whole_and_outlives_its_removal_in_its_contacts() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let done = import(&app, &token, "a.csv", "手机\n13800000001\n13800000002\n".as_bytes(), &[]).await;
    let group = done["group"]["id"].as_str().unwrap();
    let archived = app.post(&token, "/v1/contacts/archive", json!({"group_id": group})).await.ok();
    assert_eq!(archived["archived"], 2);
    let again = import(&app, &token, "a.csv", "手机\n13800000001\n".as_bytes(), &[]).await;
    assert_eq!(again["rows"]["duplicate"], 1);
    assert_eq!(names(&app, &token, "").await.len(), 1, "who is imported again comes back from the archive");
    assert_eq!(app.post(&token, "/v1/groups", json!({"name": "名单"})).await.problem(), "409 group_name_taken");
    app.patch(&token, &format!("/v1/groups/{group}"), json!({"name": "新名"})).await.ok();
    app.delete(&token, &format!("/v1/groups/{group}")).await.ok();
    assert_eq!(names(&app, &token, "").await.len(), 1);
    app.end().await;
}

#[tokio::test]
async fn the_blacklist_is_kept_by_number() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    app.post(&token, "/v1/contacts", json!({"name": "张三", "number": "13800000001"})).await.ok();
    let added = app.post(&token, "/v1/blacklist", json!({"number": "138 0000 0001", "reason": "投诉"})).await.ok();
    assert_eq!((&added["number"], &added["source"]), (&json!("138****0001"), &json!("manual")));
    assert_eq!(
        app.post(&token, "/v1/blacklist", json!({"number": "13800000001"})).await.problem(),
        "409 blacklist_taken"
    );
    let listed = app.get(&token, "/v1/blacklist?number=13800000001").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.get(&token, "/v1/contacts").await.ok()["items"][0]["blacklisted"], true);
    app.delete(&token, &format!("/v1/blacklist/{}", added["id"].as_str().unwrap())).await.ok();
    assert_eq!(app.get(&token, "/v1/contacts").await.ok()["items"][0]["blacklisted"], false);
    let contact = app.get(&token, "/v1/contacts").await.ok()["items"][0]["id"].clone();
    app.post(&token, "/v1/blacklist", json!({"contact_id": contact, "reason": "客户要求"})).await.ok();
    assert_eq!(app.get(&token, "/v1/contacts").await.ok()["items"][0]["blacklisted"], true);
    app.end().await;
}

#[tokio::test]
async fn another_tenant_and_a_viewer_get_no_further() {
    let app = TestApp::new().await;
    app.another_tenant("other").await;
    let (operator, stranger, viewer) =
        (app.login("operator@demo").await, app.login("operator@other").await, app.login("viewer@demo").await);
    let made = app
        .post(
            &operator,
            "/v1/contacts",
            json!({"name": "张三", "number": "13800000001", "remark": "另一个13900000002"}),
        )
        .await
        .ok();
    let path = format!("/v1/contacts/{}", made["id"].as_str().unwrap());
    assert_eq!(app.get(&stranger, &path).await.problem(), "404 not_found");
    assert_eq!(app.delete(&stranger, &path).await.problem(), "404 not_found");
    assert_eq!(app.delete(&viewer, &path).await.problem(), "403 forbidden");
    let seen = app.get(&viewer, &path).await.ok();
    assert_eq!((&seen["number"], &seen["remark"]), (&json!("138****0001"), &json!("另一个139****0002")));
    app.end().await;
}

#[tokio::test]
async fn the_list_is_filtered_by_what_it_shows() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 2, "1990000").await;
    let token = &stage.operator;
    let app = &stage.app;
    app.post(token, "/v1/contacts", json!({"name": "outside", "number": "13800000001"})).await.ok();
    app.post(token, "/v1/contacts", json!({"name": "listed", "number": "13800000002"})).await.ok();
    app.post(token, "/v1/blacklist", json!({"number": "13800000002"})).await.ok();
    let campaign = stage.campaign(json!({"max_calls": 1})).await;
    let mut edge = FakeEdge::online(app, &stage.uplink, 1).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    edge.progress(&job, Progress::Dialing).await;
    let shown = async || {
        let mut lines = Vec::new();
        for status in ["never", "waiting", "in_call", "answered", "not_connected", "invalid", "blocked"] {
            let page = app.get(token, &format!("/v1/contacts?status={status}")).await.ok();
            for contact in page["items"].as_array().unwrap() {
                // A call may move on while a page is put together: such a page is looked at again.
                let (name, shown) = (&contact["name"], &contact["call_status"]);
                lines.push(format!("{} {}", name.as_str().unwrap(), shown.as_str().unwrap()));
            }
        }
        lines.join(", ")
    };
    let first =
        if job.number.reveal().ends_with('1') { ["contact 1", "contact 2"] } else { ["contact 2", "contact 1"] };
    let calling = format!("outside never, {} waiting, {} in_call, listed blocked", first[1], first[0]);
    app.until(async || shown().await == calling).await;
    edge.result(ended(&job, Disposition::Answered, Cause::CustomerHangUp)).await;
    stage.ask(&campaign, "stop").await;
    let over = format!("outside never, {} never, {} answered, listed blocked", first[1], first[0]);
    app.until(async || shown().await == over).await;
    stage.app.end().await;
}

/// The number of the stage's only contact does not exist, says its carrier.
async fn found_dead(stage: &Stage, edge: &mut FakeEdge) {
    let campaign = stage.campaign(json!({"name": "once"})).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Invalid, Cause::Refused)).await;
    stage.until(&campaign, "completed total=1 not_connected=1 attempts=1").await;
}

#[tokio::test]
async fn a_number_that_was_found_dead_by_mistake_is_called_again() {
    let stage = Stage::new("sip").await;
    stage.contacts(1, 1, "1381234").await;
    let (app, token) = (&stage.app, &stage.operator);
    let mut edge = FakeEdge::online(app, &stage.uplink, 10).await;
    found_dead(&stage, &mut edge).await;
    let contact = app.get(token, "/v1/contacts").await.ok()["items"][0].clone();
    let standing = |contact: &Value| json!([contact["dead"], contact["call_status"], contact["label"]["key"]]);
    assert_eq!(standing(&contact), json!([true, "invalid", "invalid"]));
    let path = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());
    assert_eq!(app.patch(token, &path, json!({"dead": true})).await.problem(), "422 dead_is_found_by_calls");
    let alive = app.patch(token, &path, json!({"dead": false})).await.ok();
    assert_eq!(standing(&alive), json!([false, "not_connected", null]));
    let log = app.get(&app.login("viewer@demo").await, "/v1/audit?action=contacts.update").await.ok();
    let entry = &log["items"][0];
    assert_eq!((&entry["before"]["dead"], &entry["after"]["dead"]), (&json!(true), &json!(false)));
    let again = stage.campaign(json!({"name": "again"})).await;
    let check = app.get(token, &format!("/v1/campaigns/{again}/check")).await.ok();
    assert_eq!(check["dialable"], 1);
    stage.app.end().await;
}

#[tokio::test]
async fn a_corrected_number_leaves_the_old_one_dead_and_itself_alive() {
    let stage = Stage::new("sip").await;
    stage.contacts(1, 1, "1381234").await;
    let (app, token) = (&stage.app, &stage.operator);
    let mut edge = FakeEdge::online(app, &stage.uplink, 10).await;
    found_dead(&stage, &mut edge).await;
    let contact = app.get(token, "/v1/contacts").await.ok()["items"][0].clone();
    let path = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());
    let corrected = app.patch(token, &path, json!({"number": "13812340009"})).await.ok();
    assert_eq!((&corrected["dead"], &corrected["call_status"]), (&json!(false), &json!("not_connected")));
    assert_eq!(corrected["label"], Value::Null);
    let wrong_again = app.patch(token, &path, json!({"number": "13812340001"})).await.ok();
    assert_eq!((&wrong_again["dead"], &wrong_again["call_status"]), (&json!(true), &json!("invalid")));
    stage.app.end().await;
}

#[tokio::test]
async fn contacts_of_a_list_join_a_group_once() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let mut ids = Vec::new();
    for n in 1..=3 {
        let made = app.post(&token, "/v1/contacts", json!({"number": format!("1380000000{n}")})).await.ok();
        ids.push(made["id"].clone());
    }
    let mut groups = Vec::new();
    for name in ["老客户 100%", "新客户"] {
        groups.push(app.post(&token, "/v1/groups", json!({ "name": name })).await.ok()["id"].clone());
    }
    let path = format!("/v1/groups/{}/contacts", groups[0].as_str().unwrap());
    let add = async |ids: Value| app.post(&token, &path, json!({ "contact_ids": ids })).await;
    assert_eq!(add(json!([ids[0], ids[0], ids[1]])).await.ok(), json!({"added": 2}));
    assert_eq!(add(json!(ids)).await.ok(), json!({"added": 1}));
    assert_eq!(add(json!([])).await.problem(), "422 group_contacts_which");
    assert_eq!(add(json!(vec![&ids[0]; 1001])).await.problem(), "422 group_contacts_which");
    app.delete(&token, &format!("/v1/contacts/{}", ids[2].as_str().unwrap())).await.ok();
    assert_eq!(add(json!(ids)).await.problem(), "422 contact_unknown");
    let named = async |q: &str| {
        let listed = app.get(&token, &format!("/v1/groups?q={q}")).await.ok();
        let line = |group: &Value| format!("{} {}", group["name"].as_str().unwrap(), group["contacts"]);
        listed["items"].as_array().unwrap().iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(named("老客").await, ["老客户 100% 2"]);
    assert_eq!(named("%25").await, ["老客户 100% 2"]);
    assert_eq!(named("客户").await.len(), 2);
    let log = app.get(&app.login("viewer@demo").await, "/v1/audit?action=groups.contacts").await.ok();
    let done = log["items"].as_array().unwrap().iter().find(|entry| entry["result"] == "ok").unwrap();
    assert_eq!((&done["object_id"], &done["after"]["added"]), (&groups[0], &json!(1)));
    app.end().await;
}
