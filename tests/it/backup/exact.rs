//! Every table, every value: what comes back is what was there.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use resume_optimizer::store::refill::Refill;
use resume_optimizer::store::shape::{Column, Kind, Shape, Table};
use resume_optimizer::store::snapshot::Snapshot;
use resume_optimizer::store::{Access as _, Db, migrate};
use sea_orm::ConnectionTrait as _;
use serde_json::Value;

use crate::backup::archive::{Entries, back_up, entries, manifest, restore, rows, use_everything, wipe};
use crate::support::inside::Inside;
use crate::support::service::World;

/// Values that are easily changed on the way: the largest numbers, JSON that says nothing or more than floating point
/// can, texts with every kind of letter, whole microseconds.
const ODD: [&str; 4] = [
    r#"UPDATE users SET first_name = 'Ö''"\ {id}' || chr(9) || chr(10) || '…😀 ' || chr(127), last_name = '',
        created_at = '2024-02-29T23:59:59.000001+00:00', updated_at = '1969-12-31T23:59:59.999999+00:00'"#,
    r#"UPDATE jobs SET event_seq = 9223372036854775807, job_url = 'null',
        options = '{"a": 0.1234567890123456789, "b": 123456789012345678901234567890, "c": 1.10, "d": "\" \\u0000x \\"}'"#,
    "UPDATE resume_corrections SET resume = 'null'",
    "UPDATE queue_tasks SET payload = '[\"\\\\\", null, {}, -0.0, 1e-7]', lease_seq = 4611686018427387904",
];

/// The rows of every table in an archive, in no order.
fn contents(entries: &Entries) -> BTreeMap<String, Vec<String>> {
    let names = entries.keys().filter_map(|name| name.strip_prefix("tables/")?.strip_suffix(".jsonl"));
    names
        .map(|name| {
            // As texts of values whose members are in order: PostgreSQL keeps no order of them.
            let mut rows: Vec<String> =
                rows(entries, name).iter().map(|row| sorted(row).to_string()).collect();
            rows.sort();
            (name.to_owned(), rows)
        })
        .collect()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().map(|(name, value)| (name, sorted(value))).collect();
            members
                .into_iter()
                .map(|(name, value)| (name.clone(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// A restore adds its own line to the audit log; nothing else may differ.
#[track_caller]
fn same(mut before: BTreeMap<String, Vec<String>>, mut after: BTreeMap<String, Vec<String>>) {
    let (log, longer) = (before.remove("audit_events").unwrap(), after.remove("audit_events").unwrap());
    assert_eq!(longer.len(), log.len() + 1);
    let added: Vec<&String> = longer.iter().filter(|line| !log.contains(line)).collect();
    assert!(added.len() == 1 && added[0].contains("backup_restored"), "{added:?}");
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (table, rows) in before {
        for (before, after) in rows.iter().zip(&after[&table]) {
            // The first difference alone: rows are long.
            let same = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
            let part = |row: &str| {
                String::from_utf8_lossy(&row.as_bytes()[same.saturating_sub(60)..])
                    .chars()
                    .take(120)
                    .collect::<String>()
            };
            assert!(before == after, "{table}: {} became {}", part(before), part(after));
        }
        assert_eq!(rows.len(), after[&table].len(), "{table}");
    }
}

on_both! {
    /// A new table has to be given a row here: then it is known to be kept.
    async fn every_table_of_the_schema_comes_back_as_it_was(world) {
        use_everything(&world).await;
        let inside = Inside::of(&world).await;
        for statement in ODD {
            // SQLite calls it otherwise.
            let name = if world.config().is_postgres() { "chr(" } else { "char(" };
            inside.sql(&statement.replace("chr(", name)).await;
        }
        let before = inside.everything().await;
        inside.close().await;
        let archive = back_up(&world, "all.zip");
        let kept = entries(&archive);
        for (table, there) in &before {
            assert!(!there.is_empty(), "no row of {table} was made, so that nobody knows whether it would come back");
            assert_eq!(manifest(&archive)["tables"][table], there.len(), "{table}");
            assert_eq!(rows(&kept, table).len(), there.len(), "{table}");
        }
        wipe(&world).await;
        restore(&world, &archive, &[]).done();
        let inside = Inside::of(&world).await;
        same(before, inside.everything().await);
        inside.close().await;
    }

    async fn every_kind_of_value_is_told_in_one_line(world) {
        let db = Db::connect(&world.config()).await.unwrap();
        migrate::up(&db).await.unwrap();
        let types = if world.config().is_postgres() {
            ["UUID", "TIMESTAMPTZ", "TIMESTAMPTZ", "JSONB", "BIGINT", "BOOLEAN", "TEXT", "BYTEA"]
        } else {
            ["BLOB", "TEXT", "INTEGER", "TEXT", "INTEGER", "BOOLEAN", "TEXT", "BLOB"]
        };
        let kinds = [Kind::Uuid, Kind::Time, Kind::Instant, Kind::Json, Kind::Integer, Kind::Boolean, Kind::Text, Kind::Bytes];
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let columns: Vec<String> = names.iter().zip(types).map(|(name, kind)| format!("{name} {kind}")).collect();
        db.writes().execute_unprepared(&format!("CREATE TABLE odd ({})", columns.join(", "))).await.unwrap();
        let columns = names.iter().zip(kinds).map(|(name, kind)| Column { name: (*name).to_owned(), kind }).collect();
        let odd = Table { name: "odd".to_owned(), columns };
        let lines = [
            "{}".to_owned(),
            r#"{"a":"0191e9b0-7c3a-7000-8000-0123456789ab","b":"2024-02-29T23:59:59.000001+00:00","c":"1969-12-31T23:59:59.999+00:00","d":{"a":[1.50,null]},"e":-9223372036854775808,"f":true,"g":"\u0001\t\n\"\\ü😀","h":"AAEC/w=="}"#.to_owned(),
            r#"{"d":null,"e":0,"f":false,"g":"","h":""}"#.to_owned(),
            format!(r#"{{"d":"{0}","g":"{0}"}}"#, "long ".repeat(100_000)),
        ];
        let rows = lines.iter().map(|line| odd.parse(line).unwrap()).collect();
        let shape = Shape { tables: vec![odd.clone()] };
        let refill = Refill::begin(&db).await.unwrap().clear(migrate::names().len(), &shape).await.unwrap();
        refill.insert(&odd, rows).await.unwrap();
        refill.finish().await.unwrap().tx.commit().await.unwrap();

        let snapshot = Snapshot::begin(&db).await.unwrap();
        assert_eq!(snapshot.strangers, ["odd"]);
        let told: Vec<String> = snapshot.lines(&odd).await.unwrap().try_collect().await.unwrap();
        let as_postgres_writes = |line: &str| line.replace(r#"{"a":[1.50,null]}"#, r#"{"a": [1.50, null]}"#);
        for line in &lines {
            assert!(told.contains(line) || told.contains(&as_postgres_writes(line)), "{line:.200} is not in {told:.500?}");
        }
        assert_eq!(told.len(), lines.len());
        snapshot.end().await.unwrap();
        db.close().await;
    }

    async fn tables_that_are_not_ours_are_named_and_left_out(world) {
        world.program().args(["migrate", "up"]).run().done();
        let inside = Inside::of(&world).await;
        inside.sql("CREATE TABLE notes (text TEXT)").await;
        let said = world.program().args(["backup", "all.zip"]).run().done().stdout;
        assert!(said.contains("Left out, as they are none of ours: notes."), "{said}");
        assert!(!entries(&world.dir().join("all.zip")).contains_key("tables/notes.jsonl"));
        // A column that nobody would read must not be lost in silence.
        inside.sql("ALTER TABLE users ADD COLUMN shoe_size INTEGER").await;
        world.program().args(["backup", "more.zip"]).run().refused(1, &["users has a strange column shoe_size"]);
        inside.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_goes_from_one_database_to_the_other_and_back() {
    let first = World::on_sqlite();
    use_everything(&first).await;
    // What PostgreSQL cannot keep means nothing, and must not be in the way.
    let inside = Inside::of(&first).await;
    inside
        .sql("UPDATE jobs SET posting_text = 'a' || char(0) || 'b', options = '{\"a\": \"\\u0000\"}'")
        .await;
    inside.sql("UPDATE resume_corrections SET resume = 'null'").await;
    inside.close().await;
    let archive = back_up(&first, "first.zip");
    let clean = |text: &str| text.replace("\\u0000", "");
    let mut told = contents(&entries(&archive));
    for row in told.values_mut().flatten() {
        *row = clean(row);
    }

    let second = World::on_postgresql().await;
    restore(&second, &archive, &[]).done();
    let archive = back_up(&second, "second.zip");
    let there = contents(&entries(&archive));
    same(told, there.clone());
    assert_eq!(
        (&manifest(&archive)["database"], &manifest(&archive)["signing_secret"]),
        (&"postgresql".into(), &false.into())
    );

    let third = World::on_sqlite();
    restore(&third, &archive, &[]).done();
    same(there, contents(&entries(&back_up(&third, "third.zip"))));
}
