//! Lists of contacts come in: every row is accounted for, whatever the file holds.

use std::io::{Cursor, Write};

use calamine::{Reader, Xlsx};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::app::{Answer, TestApp};

const TRAPS: &[u8] = include_bytes!("../data/contacts-traps.xlsx");
const GB18030: &[u8] = include_bytes!("../data/contacts-gb18030.csv");
const XLS: &[u8] = include_bytes!("../data/contacts.xls");

pub async fn upload(app: &TestApp, token: &str, name: &str, bytes: &[u8], texts: &[(&str, &str)]) -> Answer {
    send(app, token, "/v1/imports", name, bytes, texts).await
}

pub async fn send(app: &TestApp, token: &str, path: &str, name: &str, bytes: &[u8], texts: &[(&str, &str)]) -> Answer {
    let mut form = Form::new().part("file", Part::bytes(bytes.to_vec()).file_name(name.to_owned()));
    for (key, value) in texts {
        form = form.text((*key).to_owned(), (*value).to_owned());
    }
    let request = app.http.post(format!("{}{path}", app.base)).bearer_auth(token).multipart(form);
    Answer::of(request.send().await.unwrap()).await
}

/// Imports into the group 名单 and waits for the end.
pub async fn import(app: &TestApp, token: &str, name: &str, bytes: &[u8], texts: &[(&str, &str)]) -> Value {
    let mut all = vec![("group", "名单")];
    all.extend(texts);
    let started = upload(app, token, name, bytes, &all).await.ok();
    finished(app, token, started["id"].as_str().unwrap()).await
}

pub async fn finished(app: &TestApp, token: &str, id: &str) -> Value {
    let path = format!("/v1/imports/{id}");
    app.until(async || ["done", "failed"].contains(&app.get(token, &path).await.ok()["state"].as_str().unwrap())).await;
    let import = app.get(token, &path).await.ok();
    let rows = &import["rows"];
    let sum: i64 = ["accepted", "duplicate", "invalid", "blocked"].iter().map(|key| rows[key].as_i64().unwrap()).sum();
    assert_eq!(rows["total"], sum, "every row is accounted for");
    import
}

pub fn summary(import: &Value) -> String {
    let rows = &import["rows"];
    let error = import["error"]["code"].as_str().unwrap_or("");
    format!(
        "{} {}={}+{}+{}+{} {error}",
        import["state"].as_str().unwrap(),
        rows["total"],
        rows["accepted"],
        rows["duplicate"],
        rows["invalid"],
        rows["blocked"]
    )
    .trim_end()
    .to_owned()
}

pub async fn rows(app: &TestApp, token: &str, id: &str) -> String {
    let page = app.get(token, &format!("/v1/imports/{id}/rows?limit=200")).await.ok();
    let line = |row: &Value| {
        let cells: Vec<&str> = row["cells"].as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect();
        format!("{} {} [{}]\n", row["row"], row["code"].as_str().unwrap(), cells.join("|"))
    };
    page["items"].as_array().unwrap().iter().map(line).collect()
}

async fn contacts(app: &TestApp, token: &str) -> String {
    let page = app.get(token, "/v1/contacts?limit=200").await.ok();
    let mut lines: Vec<String> = page["items"].as_array().unwrap().iter().map(contact).collect();
    lines.reverse();
    lines.concat()
}

fn contact(contact: &Value) -> String {
    let text = |key: &str| contact[key].as_str().unwrap_or("-").to_owned();
    format!(
        "{} {} {} {}/{}/{} {} 备注={} {}\n",
        text("name"),
        text("number"),
        text("number_type"),
        text("province"),
        text("city"),
        text("carrier"),
        text("zone"),
        text("remark"),
        contact["fields"]
    )
}

pub async fn download(app: &TestApp, token: &str, path: &str) -> Vec<Vec<String>> {
    let request = app.http.get(format!("{}{path}", app.base)).bearer_auth(token);
    let bytes = request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[tokio::test]
async fn the_trap_sheet_row_by_row() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let import = import(&app, &token, "contacts-traps.xlsx", TRAPS, &[]).await;
    let id = import["id"].as_str().unwrap();
    let trace = format!(
        "{}\n\nrefused\n{}\naccepted\n{}",
        summary(&import),
        rows(&app, &token, id).await,
        contacts(&app, &token).await
    );
    insta::assert_snapshot!(trace);

    let errors = download(&app, &token, &format!("/v1/imports/{id}/errors.xlsx")).await;
    let lines: Vec<String> = errors.iter().map(|row| row.join("|")).collect();
    insta::assert_snapshot!("the_trap_sheets_error_file", lines.join("\n"));
    app.end().await;
}

#[tokio::test]
async fn a_corrected_error_file_is_imported_as_it_is() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let first = import(&app, &token, "a.csv", "姓名,手机\n张三,138\n".as_bytes(), &[]).await;
    let path = format!("/v1/imports/{}/errors.xlsx", first["id"].as_str().unwrap());
    let mut rows = download(&app, &token, &path).await;
    assert_eq!(rows[0], ["姓名", "手机", "错误原因", "错误代码"]);
    rows[1][1] = "13812345678".to_owned();
    let csv: String = rows.iter().map(|row| row.join(",") + "\n").collect();
    assert_eq!(summary(&import(&app, &token, "b.csv", csv.as_bytes(), &[]).await), "done 1=1+0+0+0");
    app.end().await;
}

#[tokio::test]
async fn csv_in_gb18030_utf8_and_utf16_and_xls_are_read_alike() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    assert_eq!(summary(&import(&app, &token, "a.csv", GB18030, &[]).await), "done 50=50+0+0+0");
    assert!(contacts(&app, &token).await.starts_with("杨洋 137****0981 mobile"));

    let text = "姓名;手机;来源\r\n\r\n\"张;三\";13900000001;展会\r\n无号码;;\r\n";
    let with_bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let bom = import(&app, &token, "b.csv", &with_bom, &[]).await;
    assert_eq!(summary(&bom), "done 2=1+0+1+0");
    assert_eq!(
        rows(&app, &token, bom["id"].as_str().unwrap()).await,
        "4 number_missing [无号码]\n",
        "blank lines count"
    );
    let utf16: Vec<u8> = "\u{feff}姓名\t手机\n李四\t13900000002\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(summary(&import(&app, &token, "c.txt", &utf16, &[]).await), "done 1=1+0+0+0");

    let xls = import(&app, &token, "d.xls", XLS, &[]).await;
    assert_eq!(summary(&xls), "done 3=2+0+1+0");
    assert_eq!(rows(&app, &token, xls["id"].as_str().unwrap()).await, "6 number_too_short [王五|123|北京]\n");
    app.end().await;
}

#[tokio::test]
async fn known_numbers_join_the_group_and_blacklisted_ones_do_not() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let csv = |rows: &str| format!("姓名,手机,备注\n{rows}").into_bytes();
    import(&app, &token, "a.csv", &csv("张三,13800000001,旧\n李四,13800000002,\n"), &[]).await;
    app.post(&token, "/v1/blacklist", json!({"number": "13800000009", "reason": "投诉"})).await.ok();

    let second = csv("张三丰,13800000001,\n黑名单,13800000009,\n王五,13800000003,\n王五,+86 13800000003,\n");
    let skipped = import(&app, &token, "b.csv", &second, &[("group", "第二批")]).await;
    assert_eq!(summary(&skipped), "done 4=1+2+0+1");
    assert_eq!(
        rows(&app, &token, skipped["id"].as_str().unwrap()).await,
        "2 duplicate_in_tenant [张三丰|138****0001]\n3 blacklisted [黑名单|138****0009]\n5 duplicate_in_file [王五|+86 138****0003]\n"
    );
    let group = skipped["group"]["id"].as_str().unwrap();
    assert_eq!(skipped["group"]["name"], "第二批");
    let members = app.get(&token, &format!("/v1/contacts?group_id={group}")).await.ok();
    let names: Vec<&str> = members["items"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["王五", "张三"], "the known contact keeps its name and joins the group");

    let updated = import(&app, &token, "b.csv", &second, &[("policy", "overwrite")]).await;
    assert_eq!(summary(&updated), "done 4=0+3+0+1");
    let found = app.get(&token, "/v1/contacts?q=13800000001").await.ok();
    assert_eq!((&found["items"][0]["name"], &found["items"][0]["remark"]), (&json!("张三丰"), &json!("旧")));
    app.end().await;
}

#[tokio::test]
async fn numbers_once_found_dead_are_reported_when_they_come_again() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let csv = "姓名,手机\n张三,13800000001\n李四,13800000002\n".as_bytes();
    import(&app, &token, "a.csv", csv, &[]).await;
    let db = control_plane::tenant_db::TenantDb::of(&app.app.database, app.tenant);
    let sealer = app.app.keys.sealer(app.tenant).await.unwrap();
    let blind = sealer.blind(&shared_proto::phone::Phone::parse("13800000001").unwrap());
    let tx = db.write().await.unwrap();
    control_plane::features::contacts::store::mark_dead(&db, &tx, &blind, 1).await.unwrap();
    tx.commit().await.unwrap();

    let again = import(&app, &token, "a.csv", csv, &[]).await;
    assert_eq!((summary(&again).as_str(), &again["dead"]), ("done 2=0+2+0+0", &json!(1)));
    let found = app.get(&token, "/v1/contacts?q=13800000001").await.ok()["items"][0].clone();
    assert_eq!((&found["dead"], &found["call_status"]), (&json!(true), &json!("invalid")));
    app.delete(&token, &format!("/v1/contacts/{}", found["id"].as_str().unwrap())).await.ok();
    let afresh = import(&app, &token, "a.csv", csv, &[]).await;
    assert_eq!((summary(&afresh).as_str(), &afresh["dead"]), ("done 2=1+1+0+0", &json!(1)));
    app.end().await;
}

#[tokio::test]
async fn what_cannot_be_read_fails_with_a_reason_and_leaves_nothing() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let endless = format!("姓名,手机\n张三,\"{}", "13800000001,\n".repeat(200_000));
    let cases: [(&str, Vec<u8>, &str); 23] = [
        ("l.csv", endless.into_bytes(), "import_quote_open"),
        ("long.csv", format!("姓名,手机\n{},138\n", "长".repeat(400_000)).into_bytes(), "import_row_too_long"),
        ("quote.csv", "姓名,手机\n张三,\"13800000001\n李四,13800000002\n".into(), "import_quote_open"),
        ("a.xlsx", TRAPS[..TRAPS.len() / 2].to_vec(), "import_damaged"),
        ("b.xlsx", b"PK\x03\x04 and nothing more".to_vec(), "import_damaged"),
        ("c.xlsx", zip(&[("word/document.xml", b"<w/>".to_vec())]), "import_is_document"),
        ("slides.xlsx", zip(&[("ppt/presentation.xml", b"<p/>".to_vec())]), "import_is_slides"),
        (
            "ods.csv",
            zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet".to_vec())]),
            "import_is_other_sheet",
        ),
        ("zip.xlsx", zip(&[("list.csv", b"a".to_vec())]), "import_is_archive"),
        ("pdf.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), "import_is_pdf"),
        ("rtf.csv", b"{\\rtf1\\ansi".to_vec(), "import_is_document"),
        ("jpeg.csv", b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), "import_is_image"),
        ("d.csv", b"\x89PNG\r\n\x1a\n\0\0\0".to_vec(), "import_is_image"),
        ("binary.csv", b"\x7fELF\x02\x01\x01\0\0".to_vec(), "import_not_a_sheet"),
        ("e.xls", b"<html><table><tr><td>\xe6\x89\x8b</td></tr></table></html>".to_vec(), "import_is_web_page"),
        ("f.csv", "姓名,城市\n张三,上海\n".as_bytes().to_vec(), "import_no_phone_column"),
        ("bzip2.csv", b"BZh91AY&SY\x01".to_vec(), "import_is_archive"),
        ("letters.csv", b"BZh,a\n1,2\n".to_vec(), "import_no_phone_column"),
        ("g.csv", "姓名,手机\n".as_bytes().to_vec(), "import_empty"),
        ("h.csv", b"\xff\xff\xff,\x81\n".to_vec(), "import_unknown_encoding"),
        ("i.xlsx", bomb(), "import_unpacks_too_large"),
        ("j.xlsx", sheet(&"<mergeCell ref=\"A1:A2\"/>".repeat(10_001)), "import_too_many_merges"),
        (
            "k.xlsx",
            with_shared_texts("<sst count=\"1\" uniqueCount=\"99999999999\"></sst>"),
            "import_unpacks_too_large",
        ),
    ];
    for (name, bytes, code) in cases {
        let import = import(&app, &token, name, &bytes, &[]).await;
        assert_eq!(summary(&import), format!("failed 0=0+0+0+0 {code}"), "{name}");
    }
    assert_eq!(contacts(&app, &token).await, "");
    assert_eq!(app.get(&token, "/v1/groups").await.ok()["items"], json!([]), "the group was made for nothing");
    assert_eq!(app.app.objects.keys("imports").await.unwrap(), [""; 0], "no file stays");
    app.end().await;
}

#[tokio::test]
async fn files_of_broken_off_uploads_are_gone_after_a_restart() {
    let app = TestApp::new().await;
    // It sweeps before it answers: what is put from here on is no longer swept.
    app.login("operator@demo").await;
    for name in [format!("preview-imp_{}", "0".repeat(26)), format!("imp_{}", "0".repeat(26))] {
        app.app.objects.put(&format!("imports/{}/{name}", app.tenant), "x".into()).await.unwrap();
    }
    app.app.objects.put("ten_1/recordings/cal_1.wav", "x".into()).await.unwrap();
    let app = app.restart().await;
    app.until(async || app.app.objects.keys("imports").await.unwrap().is_empty()).await;
    assert_eq!(app.app.objects.keys("ten_1").await.unwrap(), ["ten_1/recordings/cal_1.wav"]);
    app.end().await;
}

#[tokio::test]
async fn numbers_are_masked_however_they_are_written() {
    let app = TestApp::new().await;
    let (token, viewer) = (app.login("operator@demo").await, app.login("viewer@demo").await);
    let csv = "姓名,手机,备注\n199 0000 1334,138 0000 0001,另有138-1234-5678\n王,138-1234,１３９ ００００ ０００２\n"
        .as_bytes();
    let done = import(&app, &token, "13812345678.csv", csv, &[]).await;
    let id = done["id"].as_str().unwrap();
    assert_eq!(done["file_name"], "138****5678.csv");
    assert_eq!(rows(&app, &viewer, id).await, "3 number_too_short [王|13****4|１３９****０００２]\n");
    let contact = app.get(&viewer, "/v1/contacts").await.ok()["items"][0].clone();
    assert_eq!((&contact["name"], &contact["remark"]), (&json!("199****1334"), &json!("另有138****5678")));
    let entry = json!({"number": "13800000009", "reason": "来电 199 0000 1334 投诉"});
    assert_eq!(app.post(&token, "/v1/blacklist", entry).await.ok()["reason"], "来电 199****1334 投诉");
    app.end().await;
}

#[tokio::test]
async fn a_sheet_that_breaks_off_half_way_is_taken_back() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let archived = app.post(&token, "/v1/contacts", json!({"name": "老客户", "number": "13800000002"})).await.ok();
    let archived = format!("/v1/contacts/{}/archive", archived["id"].as_str().unwrap());
    app.post(&token, &archived, json!({})).await.ok();
    let mut rows = String::from("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>手机</t></is></c></row>");
    for row in 2..5_000 {
        rows.push_str(&format!("<row r=\"{row}\"><c r=\"A{row}\"><v>{}</v></c></row>", 13_800_000_000u64 + row));
    }
    let broken = sheet(&format!("{rows}<row r=\"5000\"><c r=\"A5000\"><v>1</wrong>"));
    let import = import(&app, &token, "broken.xlsx", &broken, &[]).await;
    assert_eq!(summary(&import), "failed 0=0+0+0+0 import_damaged");
    assert_eq!(contacts(&app, &token).await, "", "nobody was added, and nobody brought back");
    app.end().await;
}

#[tokio::test]
async fn an_import_goes_on_after_a_restart_and_no_row_is_lost_or_doubled() {
    let mut app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let mut csv = String::from("姓名,手机\n");
    for row in 0..20_000u64 {
        csv.push_str(&format!("客户{row},{}\n", 13_800_000_000 + row % 19_000));
    }
    let started = upload(&app, &token, "big.csv", csv.as_bytes(), &[("group", "名单")]).await.ok();
    let id = started["id"].as_str().unwrap().to_owned();
    let mut stops = 0;
    for stop_at in [1, 6_000, 12_000] {
        let path = format!("/v1/imports/{id}");
        app.until(async || app.get(&token, &path).await.ok()["rows"]["total"].as_i64().unwrap() >= stop_at).await;
        stops += i32::from(app.get(&token, &path).await.ok()["state"] == "running");
        app = app.restart().await;
    }
    assert!(stops > 0, "the import was over before it could be interrupted");
    assert_eq!(summary(&finished(&app, &token, &id).await), "done 20000=19000+1000+0+0");
    let group = app.get(&token, "/v1/groups").await.ok();
    assert_eq!(group["items"][0]["contacts"], 19_000);
    app.end().await;
}

#[tokio::test]
async fn a_preview_says_what_every_column_is_and_which_cells_are_wrong() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    app.post(&token, "/v1/contacts", json!({"name": "旧", "number": "13800000001"})).await.ok();
    let csv = "姓名,手机,城市\n张三,13800000001,上海\n李四,1.38E+10,\n王五,13800000003/13800000004,\n";
    let preview = send(&app, &token, "/v1/imports/preview", "a.csv", csv.as_bytes(), &[]).await.ok();
    insta::assert_json_snapshot!(preview);
    let other = send(&app, &token, "/v1/imports/preview", "a.csv", b"a,b\n1,2\n", &[]).await.ok();
    assert_eq!(other["columns"][1]["field"], "b", "without a number column a person chooses it");
    let chosen = [("mapping", r#"{"1":"number","a":"skip"}"#)];
    let judged = send(&app, &token, "/v1/imports/preview", "a.csv", b"a,b\n1,138\n2,13800000001\n", &chosen).await.ok();
    assert_eq!((&judged["columns"][0]["field"], &judged["columns"][1]["field"]), (&json!(null), &json!("number")));
    assert_eq!(judged["rows"][0][1]["code"], "number_too_short", "and the rows are judged by that");
    assert_eq!(judged["rows"][1][1]["verdict"], "ok", "what the tenant has is for nobody to try out here");
    let unknown = [("mapping", r#"{"7":"number"}"#)];
    let refused = send(&app, &token, "/v1/imports/preview", "a.csv", b"a,b\n1,2\n", &unknown).await;
    assert_eq!(refused.problem(), "422 import_unknown_column");
    assert_eq!(send(&app, &token, "/v1/imports/preview", "a.csv", b"", &[]).await.problem(), "422 import_empty");
    let mapped = import(
        &app,
        &token,
        "a.csv",
        "甲,乙\n13800000005,x\n".as_bytes(),
        &[("mapping", r#"{"0":"number","1":null}"#)],
    );
    assert_eq!(summary(&mapped.await), "done 1=1+0+0+0");
    app.end().await;
}

#[tokio::test]
async fn a_form_that_cannot_be_imported_is_refused_at_once() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let csv = "手机\n13800000001\n".as_bytes();
    let unknown = format!("grp_{}", "0".repeat(26));
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[], "422 group_missing"),
        (&[("group", &unknown)], "422 group_unknown"),
        (&[("group", "g"), ("mapping", "[]")], "422 import_mapping_invalid"),
        (&[("group", "g"), ("policy", "merge")], "422 import_policy_unknown"),
        (&[("group", &"长".repeat(51))], "422 group_name_invalid"),
    ];
    for (texts, problem) in cases {
        assert_eq!(upload(&app, &token, "a.csv", csv, texts).await.problem(), problem);
    }
    assert_eq!(app.post(&token, "/v1/imports", json!({})).await.problem(), "400 form_invalid");
    assert_eq!(app.get(&token, "/v1/groups").await.ok()["items"], json!([]), "a refused form leaves no group");
    app.end().await;
}

#[tokio::test]
async fn a_text_of_a_form_is_not_held_beyond_its_bound() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let long = "x".repeat(40 << 10);
    let texts = [("group", "g"), ("mapping", long.as_str()), ("policy", long.as_str())];
    let csv = "手机\n13800000001\n".as_bytes();
    assert_eq!(upload(&app, &token, "a.csv", csv, &texts).await.problem(), "413 body_too_large");
    app.end().await;
}

#[tokio::test]
async fn the_template_can_be_imported() {
    let app = TestApp::new().await;
    let token = app.login("operator@demo").await;
    let rows = download(&app, &token, "/v1/contacts/template.xlsx").await;
    assert_eq!(rows, [["客户姓名", "联系电话", "备注"]]);
    app.end().await;
}

fn zip(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook whose one sheet holds `rows`.
fn sheet(rows: &str) -> Vec<u8> {
    workbook(rows, "<sst></sst>")
}

/// A workbook with these shared texts and a cell that uses the first.
fn with_shared_texts(texts: &str) -> Vec<u8> {
    workbook("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>", texts)
}

fn workbook(rows: &str, texts: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    zip(&[
        ("_rels/.rels", format!("<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>").into_bytes()),
        ("xl/workbook.xml", format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>").into_bytes()),
        ("xl/_rels/workbook.xml.rels", format!("<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>").into_bytes()),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>").into_bytes()),
        ("xl/sharedStrings.xml", texts.as_bytes().to_vec()),
    ])
}

/// A small file that unpacks to a great deal of nothing.
fn bomb() -> Vec<u8> {
    sheet(&" ".repeat(64 << 20))
}

#[tokio::test]
async fn the_error_file_goes_to_the_person_who_gave_its_numbers() {
    let app = TestApp::new().await;
    let (admin, own) = (app.login("admin@demo").await, app.login("operator@demo").await);
    let body = json!({"email": "second@demo", "name": "second", "role": "operator", "password": "bellbird-test"});
    app.post(&admin, "/v1/users", body).await.ok();
    let second = app.login("second@demo").await;
    let done = import(&app, &own, "a.csv", "手机\n1380000\n13800000001\n".as_bytes(), &[]).await;
    let path = format!("/v1/imports/{}/errors.xlsx", done["id"].as_str().unwrap());
    assert_eq!(app.get(&second, &path).await.problem(), "404 not_found");
    assert_eq!(app.get(&own, &path).await.status, 200);
    app.end().await;
}
