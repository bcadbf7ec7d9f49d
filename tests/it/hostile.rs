//! Files made to hurt their reader: each is one file that cannot be read, and nobody else notices.

use std::io::{Cursor, Read as _, Write as _};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::support::documents::{POSTING, expected};
use crate::support::ground::{long, sized};
use crate::support::service::World;

/// What every file is answered in.
const ANSWERED: Duration = Duration::from_secs(10);
/// What the service may grow by, in kilobytes.
const GROWTH_KB: u64 = 50_000;

/// A DOCX in which one part is replaced.
fn docx_with(part: &str, bytes: &[u8]) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(&expected().documents["docx"])).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut entry = from.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        to.start_file(&name, SimpleFileOptions::default()).unwrap();
        let mut old = Vec::new();
        entry.read_to_end(&mut old).unwrap();
        to.write_all(if name == part { bytes } else { &old }).unwrap();
    }
    to.finish().unwrap().into_inner()
}

fn zip_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

/// A PDF of these objects, numbered from 1; the first is its catalog.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", number + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    file.extend(
        format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF", objects.len() + 1).bytes(),
    );
    file
}

fn stream(entries: &str, bytes: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {entries} /Length {} >>\nstream\n", bytes.len()).into_bytes();
    object.extend(bytes);
    object.extend(b"\nendstream");
    object
}

fn deflated(bytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..bytes >> 20 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

/// One page with that content.
fn one_page(content: Vec<u8>) -> Vec<u8> {
    pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>".to_vec(),
        content,
    ])
}

/// Macros of ten times the one before.
fn laughing_latex() -> String {
    let macros = (b'b'..=b'z').map(|letter| {
        let before = format!("\\x{}", char::from(letter - 1)).repeat(10);
        format!("\\def\\x{}{{{before}}}", char::from(letter))
    });
    let macros: String = macros.collect();
    format!("\\documentclass{{article}}\\def\\xa{{ha}}{macros}\\begin{{document}}\\xz\\end{{document}}")
}

fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let laughs = "<!DOCTYPE w [<!ENTITY a \"ha\">".to_owned()
        + &(1..30).map(|level| {
            let (this, last) = (char::from(b'a' + level % 26), char::from(b'a' + (level - 1) % 26));
            format!("<!ENTITY {this}{level} \"&{last};&{last};&{last};&{last};&{last};&{last};&{last};&{last};\">")
        }).collect::<String>()
        + "]><w:document xmlns:w=\"x\"><w:body><w:p><w:r><w:t>&b1;</w:t></w:r></w:p></w:body></w:document>";
    let deep_xml = "<w:tbl>".repeat(200_000);
    let nested = (0..6).fold(vec![b'0'; 10 << 20], |inner, level| zip_of(&format!("{level}.zip"), &inner));
    let deep_array = [b"[".repeat(500_000), b"]".repeat(500_000)].concat();
    let kids: String = (0..100_000).map(|number| format!("{} 0 R ", number + 3)).collect();
    let mut pages = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count 100000 >>").into_bytes(),
    ];
    pages.extend((0..100_000).map(|_| b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>".to_vec()));
    let round = b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>".to_vec();
    vec![
        ("a gigabyte of blanks.docx", docx_with("word/document.xml", &vec![b' '; 1 << 30])),
        ("laughs.docx", docx_with("word/document.xml", laughs.as_bytes())),
        ("deep.docx", docx_with("word/document.xml", deep_xml.as_bytes())),
        ("nested.docx", nested),
        ("a gigabyte of blanks.pdf", one_page(stream("/Filter /FlateDecode", &deflated(1 << 30)))),
        ("deep.pdf", one_page(deep_array)),
        ("pages.pdf", pdf(&pages)),
        ("round.pdf", pdf(&[b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), round])),
        ("operators.pdf", one_page(stream("", &b"q BT (a) Tj ET Q ".repeat(500_000)))),
        ("groups.rtf", [b"{\\rtf1 ".as_slice(), &b"{".repeat(5_000_000)].concat()),
        ("runs.rtf", [b"{\\rtf1 ".as_slice(), &b"{\\b a}{\\i b}".repeat(700_000)].concat()),
        ("laughs.tex", laughing_latex().into_bytes()),
        ("brackets.html", [b"<html><body>".as_slice(), &b"<div>".repeat(500_000)].concat()),
        ("brackets.json", b"[".repeat(5_000_000)),
        ("line.txt", b"a".repeat(9_000_000)),
    ]
}

/// Texts within every bound that are costly for whoever compares each part with each other, or tries all ways to part
/// a line; of so many lines and characters.
fn hard_texts(lines: usize, characters: usize) -> Vec<(&'static str, String)> {
    const HEAD: &str = "Ada Example\nada@example.org\n\n";
    let connectors = ["and", "or", "und", "et", "y", "e", "en", "i", "/", ","];
    let joined: String = (0..36).map(|n| format!("w{n} {} ", connectors[n % connectors.len()])).collect();
    let long = |part: &str| HEAD.to_owned() + &part.repeat(characters / part.len());
    let high = |section: &str, entry: &str| {
        format!(
            "{HEAD}{section}\n\n{}",
            entry.repeat((lines - 8) / entry.lines().filter(|line| !line.is_empty()).count())
        )
    };
    vec![
        (
            "connectors.txt",
            format!(
                "{joined}\n{}",
                high("EXPERIENCE", &format!("{joined}: x\n")).chars().take(characters).collect::<String>()
            ),
        ),
        ("slashes.txt", format!("{}\n{HEAD}", "a/".repeat(characters / 2))),
        ("chapters.txt", high("", "Skills\n\nRust\n\n")),
        ("years.txt", long("2019, ")),
        ("ranges.txt", long("Jan 2019 - Mar 2020 (1 yr 3 mos) ")),
        ("wrapped.txt", high("EXPERIENCE\n\n- a", "  bcd efg hij\n")),
        ("sentence.txt", long("we built the thing and the thing built us, ")),
        ("one_word.txt", long("a ")),
        ("entries.txt", high("EXPERIENCE", "Engineer, Vireo, 2014 – 2016\n• Built\n\n")),
        ("heads.txt", high("EXPERIENCE", "Engineer\nVireo Labs\nOslo\n2014 – 2016\n")),
        ("studies.txt", high("EDUCATION", "BSc, Physics; Ridge University, 2014\n")),
        ("skills.txt", long("Rust, Go, SQL (Postgres), ")),
        ("addresses.txt", long("a@b.example, https://c.example/d ")),
        ("numbers.txt", long("+49 30 1234567 ")),
        ("cells.txt", high("", "a\tb\tc\n")),
        ("tabs.txt", long("a\t")),
        ("brackets.txt", long("(")),
        ("items.txt", high("PROJECTS", "1. built it\n")),
        ("cells.md", high("| a | b |\n|---|---|", "| Rust | 2014 |\n")),
        (
            "skills.json",
            format!("{{\"basics\":{{\"name\":\"A\"}},\"skills\":[{}\"\"]}}", "\"Rust\",".repeat(lines / 2)),
        ),
    ]
}

/// The file with some of its bytes changed, moved, doubled or cut off.
fn mutated(file: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut file = file.to_vec();
    for _ in 0..random.random_range(1..20) {
        let at = random.random_range(0..file.len().max(1));
        let end = (at + random.random_range(1..200)).min(file.len());
        match random.random_range(0..6) {
            0 => file.truncate(at.max(8)),
            1 => {
                let part = file[at..end].to_vec();
                let to = random.random_range(0..=file.len());
                file.splice(to..to, part);
            }
            2 => drop(file.drain(at..end)),
            3 => file[at..end].iter_mut().for_each(|byte| *byte = random.random()),
            // Numbers are lengths and places.
            4 => file[at..end].iter_mut().filter(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = b'9'),
            _ => file[at] ^= 1 << random.random_range(0..8),
        }
        if file.is_empty() {
            break;
        }
    }
    file
}

fn memory_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_made_to_hurt_is_one_file_that_cannot_be_read() {
    let world = World::on_sqlite()
        .with("RESUME_OPTIMIZER__FILES__MAX_PER_USER", "100000")
        .with("RESUME_OPTIMIZER__TIERS__FREE__STORAGE_MB", "0");
    let service = world.serve(&["--all"]);
    let mira = service.api().register("mira@example.org").await;
    // A first job, so that what is made once is made.
    mira.ended(&mira.ask().await).await;
    let before = memory_kb(service.pid());

    let seed =
        std::env::var("FAULT_SEED").map_or_else(|_| rand::rng().random(), |seed| seed.parse().unwrap());
    eprintln!("FAULT_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut files: Vec<(String, Vec<u8>)> =
        bombs().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    for number in 0..sized(60, 2_000) {
        let kind = if number % 2 == 0 { "pdf" } else { "docx" };
        let whole = &expected().documents[kind];
        let file = if kind == "docx" && number % 4 == 1 {
            // Within the archive, whose own checks would otherwise be all that is tried.
            let mut archive = ZipArchive::new(Cursor::new(whole)).unwrap();
            let mut part = Vec::new();
            archive.by_name("word/document.xml").unwrap().read_to_end(&mut part).unwrap();
            docx_with("word/document.xml", &mutated(&part, &mut random))
        } else {
            mutated(whole, &mut random)
        };
        files.push((format!("{number}.{kind}"), file));
    }
    let (count, mut longest, mut read) = (files.len(), Duration::ZERO, 0);
    let answers = futures_util::stream::iter(files).map(|(name, bytes)| {
        let mira = mira.clone();
        async move {
            let began = Instant::now();
            let answer = mira.upload("/files", &name, &bytes, &[]).await;
            (name, answer, began.elapsed())
        }
    });
    let mut answers = answers.buffer_unordered(2);
    while let Some((name, answer, took)) = answers.next().await {
        assert!(took <= ANSWERED, "{name} took {took:?}");
        longest = longest.max(took);
        match answer.status.as_u16() {
            200 | 201 => read += 1,
            413 | 415 | 422 => {}
            status => panic!("{name}: {status}: {}", answer.text()),
        }
    }
    drop(answers);
    let job = mira.ended(&mira.ask().await).await;
    assert_eq!(job["status"], "completed", "others go on");
    let after = memory_kb(service.pid());
    assert!(after < before + GROWTH_KB, "from {before} to {after} kB");
    assert!(service.log().iter().all(|line| line["level"] != "ERROR"), "nothing broke on our side");
    if long() {
        eprintln!("{count} files, {read} read; the longest took {longest:?}; from {before} to {after} kB");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_made_to_hurt_is_understood_or_refused_in_time() {
    let world = World::on_sqlite().with("RESUME_OPTIMIZER__TIERS__FREE__STORAGE_MB", "0");
    let service = world.serve(&["--api"]);
    let mira = service.api().register("mira@example.org").await;
    // The long form goes to the bounds; without optimization everything takes twenty times as long.
    for (name, text) in hard_texts(sized(500, 5_000), sized(20_000, 290_000)) {
        let file = mira.upload("/files", name, text.as_bytes(), &[]).await.expect(201).json();
        let file = file["id"].as_str().unwrap().to_owned();
        let began = Instant::now();
        mira.get(&format!("/files/{file}/resume")).await.expect(200);
        let read = began.elapsed();
        mira.post("/analyze", &json!({ "file_id": file, "posting_text": POSTING })).await.expect(200);
        let all = began.elapsed();
        assert!(
            read <= ANSWERED && all - read <= ANSWERED,
            "{name}: read in {read:?}, with the match {all:?}"
        );
        if long() {
            eprintln!("{name}: {} bytes, read in {read:?}, with the match {all:?}", text.len());
        }
    }
}

/// Children of a process, as the system knows them: whether system calls are filtered, and whether they can get new rights.
fn readers(parent: u32) -> Vec<(bool, bool)> {
    let field = |status: &str, name: &str| {
        status.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
    };
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let each = processes.filter_map(|entry| {
        let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
        if field(&status, "PPid:")? != parent.to_string() {
            return None;
        }
        Some((field(&status, "Seccomp:")? == "2", field(&status, "NoNewPrivs:")? == "0"))
    });
    each.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_a_file_has_no_way_out() {
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let mira = service.api().register("mira@example.org").await;
    let slow = one_page(stream("", &b"q BT (a) Tj ET Q ".repeat(500_000)));
    let reading = async {
        for number in 0..10 {
            mira.upload("/files", "slow.pdf", &[slow.as_slice(), &[number]].concat(), &[]).await;
        }
    };
    let pid = service.pid();
    let watching = tokio::task::spawn_blocking(move || {
        let until = Instant::now() + Duration::from_secs(20);
        // A reader confines itself before it looks at the first byte, not before it is born.
        while Instant::now() < until {
            if readers(pid).contains(&(true, false)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        false
    });
    let ((), confined) = tokio::join!(reading, watching);
    assert!(confined.unwrap(), "no reader was seen that is confined");
}
