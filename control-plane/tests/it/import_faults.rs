//! Lists with something wrong in them, and imports that bring nobody in: nothing is swallowed, and nothing stays.

use control_plane::features::contacts::groups::store as groups;
use control_plane::features::contacts::imports::store;
use control_plane::tenant_db::TenantDb;
use futures_util::future::join_all;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use shared_proto::ids::{GroupId, ImportId};

use crate::app::TestApp;
use crate::imports::{download, finished, import, rows, send, summary, upload};

#[tokio::test]
async fn a_group_that_was_made_for_nobody_goes_again() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let groups = async || app.get(&token, "/v1/groups").await.ok()["items"].as_array().unwrap().len();
    let none = import(&app, &token, "a.csv", "手机\n138\n".as_bytes(), &[]).await;
    assert_eq!((summary(&none).as_str(), &none["group"], groups().await), ("done 1=0+0+1+0", &json!(null), 0));

    // Two lists go into one new group, and the one that has made it fails first.
    let db = TenantDb::of(&app.app.database, app.tenant);
    let (group, first, second) = (GroupId::new(1, 1), ImportId::new(1, 1), ImportId::new(1, 2));
    let tx = db.write().await.unwrap();
    groups::insert(&db, &tx, group, "两份名单", "").await.unwrap();
    for (id, made_it) in [(first, true), (second, false)] {
        let text = || Set(String::new());
        let row = store::ActiveModel {
            group_id: Set(group.to_string()),
            group_is_new: Set(made_it),
            file_name: text(),
            object_key: text(),
            policy: text(),
            mapping: text(),
            created_by: text(),
            ..store::queued(id, 1)
        };
        store::insert(&db, &tx, row).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (id, left) in [(first, 1), (second, 0)] {
        store::remove_unused_group(&db, &group.to_string(), &id.to_string()).await.unwrap();
        store::set_failed(&db, &id.to_string(), "import_empty", "{}").await.unwrap();
        assert_eq!(groups().await, left);
    }

    // A group that people have made stays, however little comes in.
    app.post(&token, "/v1/groups", json!({"name": "名单"})).await.ok();
    import(&app, &token, "b.csv", "手机\n138\n".as_bytes(), &[]).await;
    assert_eq!(groups().await, 1);
    app.end().await;
}

#[tokio::test]
async fn a_quotation_mark_out_of_place_swallows_no_row_unseen() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let open = "姓名,手机,备注\n张三,13800000001,好\n李四,13800000002,\"差\n王五,13800000003,\n";
    for path in ["/v1/imports", "/v1/imports/preview"] {
        let answer = send(&app, &token, path, "a.csv", open.as_bytes(), &[("group", "名单")]).await;
        let told = match answer.body["id"].as_str() {
            Some(id) => finished(&app, &token, id).await["error"].clone(),
            None => answer.body,
        };
        assert_eq!((&told["code"], &told["params"]["row"]), (&json!("import_quote_open"), &json!(3)), "{path}");
    }
    // A second mark closes the first, and two customers would be one's remark.
    let stray = "姓名,手机,备注\n张三,13800000001,\"好\n李四,13800000002,\n王五,13800000003,\"旧\"\n\
                 赵六,13800000004,\"第一行, 甲\n第二行\"\n孙七,138,\n";
    let done = import(&app, &token, "b.csv", stray.as_bytes(), &[]).await;
    assert_eq!(summary(&done), "done 3=1+0+2+0");
    let rows = rows(&app, &token, done["id"].as_str().unwrap()).await;
    assert!(rows.starts_with("2 quote_swallowed [张三|138****0001|好\n李四"), "{rows}");
    assert!(rows.ends_with("7 number_too_short [孙七|138]\n"), "{rows}");

    // In a list of two columns a line of a remark may look like a row.
    let narrow =
        "手机,备注\n13800000011,\"备用：\n13800000012,儿子\"\n13800000013,\"好\n13800000014,\"差\"\n13800000015,好\n";
    let preview = send(&app, &token, "/v1/imports/preview", "c.csv", narrow.as_bytes(), &[]).await.ok();
    let codes: Vec<_> = preview["rows"].as_array().unwrap().iter().map(|row| row[1]["code"].clone()).collect();
    assert_eq!(codes, [json!(null), json!("quote_swallowed"), json!(null)]);
    let done = import(&app, &token, "c.csv", narrow.as_bytes(), &[]).await;
    assert_eq!(summary(&done), "done 3=2+0+1+0");
    app.end().await;
}

#[tokio::test]
async fn a_long_cell_is_cut_where_it_is_shown_and_whole_where_it_is_mended() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let long = "长".repeat(2_000);
    let csv = format!("姓名,手机\n{long},13800000001\n=1+1{},138\n", "长".repeat(40_000));
    let done = import(&app, &token, "a.csv", csv.as_bytes(), &[]).await;
    let id = done["id"].as_str().unwrap();
    let cut = "长".repeat(60);
    let shown = rows(&app, &token, id).await;
    assert!(shown.starts_with(&format!("2 text_too_long [{cut}…|138****0001]\n")), "{shown}");
    let preview = send(&app, &token, "/v1/imports/preview", "a.csv", csv.as_bytes(), &[]).await.ok();
    assert_eq!(preview["rows"][0][0]["value"], format!("{cut}…"));
    let errors = download(&app, &token, &format!("/v1/imports/{id}/errors.xlsx")).await;
    assert_eq!(errors[1][0], long);
    assert!(errors[2][0].starts_with("'=1+1") && errors[2][0].chars().count() == 32_767, "as much as a cell holds");
    app.end().await;
}

#[tokio::test]
async fn a_person_imports_so_many_files_in_an_hour_and_no_more() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    for _ in 0..120 {
        assert_eq!(upload(&app, &token, "a.csv", b"", &[("group", "g")]).await.problem(), "422 import_empty");
    }
    assert_eq!(upload(&app, &token, "a.csv", b"", &[("group", "g")]).await.problem(), "429 import_files_limited");
    app.end().await;
}

#[tokio::test]
async fn a_file_that_tries_a_mask_is_refused_before_it_has_changed_anybody() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    for (name, number) in [("旧", "13800000001"), ("客户", "13856781234")] {
        app.post(&token, "/v1/contacts", json!({"name": name, "number": number})).await.ok();
    }
    let others = (0..1_500).map(|n| format!("新,1390000{n:04}\n"));
    let csv: String =
        ["姓名,手机\n新,13800000001\n".to_owned()].into_iter().chain(others).chain(guesses(0..200)).collect();
    let refused = import(&app, &token, "a.csv", csv.as_bytes(), &[("policy", "overwrite")]).await;
    assert_eq!(summary(&refused), "failed 0=0+0+0+0 import_guesses");
    assert_eq!(refused["error"]["params"], json!({"mask": "138****1234", "numbers": 200}));
    let contacts = app.get(&token, "/v1/contacts?limit=200").await.ok();
    let names: Vec<&str> =
        contacts["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["客户", "旧"], "its contacts are as they were");
    app.end().await;
}

#[tokio::test]
async fn a_mask_is_not_tried_file_by_file_but_ones_own_list_may_come_again() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let file = |from: u32, to: u32| format!("姓名,手机\n{}", guesses(from..to).collect::<String>());
    let send = async |csv: String| summary(&import(&app, &token, "a.csv", csv.as_bytes(), &[]).await);
    assert_eq!(send(file(0, 80)).await, "done 80=80+0+0+0", "numbers of a company, and nobody else's among them");
    assert_eq!(send(file(0, 90)).await, "done 90=10+80+0+0", "and again, with some more");

    app.hand.advance(std::time::Duration::from_hours(24));
    let token = app.login("operator@demo").await;
    app.post(&token, "/v1/contacts", json!({"name": "客户", "number": "13856781234"})).await.ok();
    let send = async |csv: String| summary(&import(&app, &token, "a.csv", csv.as_bytes(), &[]).await);
    assert_eq!(send(file(100, 108)).await, "done 8=8+0+0+0");
    assert_eq!(send(file(108, 116)).await, "failed 0=0+0+0+0 import_guesses");
    app.hand.advance(std::time::Duration::from_hours(24));
    let token = app.login("operator@demo").await;
    let later = import(&app, &token, "a.csv", file(108, 116).as_bytes(), &[]).await;
    assert_eq!(summary(&later), "done 8=8+0+0+0", "the next day begins anew");
    app.end().await;
}

#[tokio::test]
async fn files_that_come_at_once_and_hide_what_they_try_count_together() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    app.post(&token, "/v1/contacts", json!({"name": "客户", "number": "13856781234"})).await.ok();
    let file = |from: u32| {
        let others = (0..400).map(|n| format!("新,1390000{n:04}\n"));
        let tried = guesses(from * 8..(from + 1) * 8);
        format!("姓名,手机\n{}", others.chain(tried).collect::<String>())
    };
    let files: Vec<String> = (0..4).map(file).collect();
    let sent = files.iter().map(|csv| import(&app, &token, "a.csv", csv.as_bytes(), &[]));
    let refused = join_all(sent).await.iter().filter(|done| done["state"] == "failed").count();
    assert_eq!(refused, 3, "whichever comes second is one too many");
    app.end().await;
}

#[tokio::test]
async fn a_preview_judges_long_cells_as_the_import_does() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let csv =
        format!("姓名,手机,备注,旧\n{},13800000001,{},{}\n", "名".repeat(101), "长".repeat(1_000), "略".repeat(1_001));
    let mapping = [("mapping", r#"{"旧": null}"#)];
    let preview = send(&app, &token, "/v1/imports/preview", "a.csv", csv.as_bytes(), &mapping).await.ok();
    let codes: Vec<_> = preview["rows"][0].as_array().unwrap().iter().map(|cell| cell["code"].clone()).collect();
    assert_eq!(codes, [json!("text_too_long"), json!(null), json!(null), json!(null)]);
    app.end().await;
}

/// Rows with numbers that one mask hides.
fn guesses(middles: std::ops::Range<u32>) -> impl Iterator<Item = String> {
    middles.map(|middle| format!("新,138{middle:04}1234\n"))
}
