//! The marks of a class, as `deploysim exercise --mark` writes them.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use serde_json::{Value, json};

use crate::course::{Marked, marked, plain};
use crate::files::{open, replace};

use super::folder::replaceable;
use super::terminal::note;

/// The longest table that is read, in bytes.
const LONGEST: u64 = 64 << 20;

const HEADER: [&str; 8] =
    ["student", "exercise", "answer", "expected", "verdict", "mistake", "points", "feedback"];

/// Marks the answers of a table, and writes the marks to `out` as CSV and beside it as JSON.
pub(super) fn write(table: &Path, class: &str, out: &Path) -> anyhow::Result<()> {
    let beside = out.with_extension("json");
    if beside == out {
        bail!("{} is for the marks as CSV: name a file that ends in .csv", out.display());
    }
    let text = read(table).with_context(|| format!("cannot read {}", table.display()))?;
    let marks = marked(&text, class).map_err(|wrong| {
        let file = table.display();
        let lines: Vec<String> = wrong.iter().map(|why| format!("{file}:{why}")).collect();
        anyhow!("nothing is marked, since the table is wrong\n{}", lines.join("\n"))
    })?;
    let json = json!({"class": class, "marks": marks.iter().map(as_json).collect::<Vec<Value>>()});
    let json = serde_json::to_string_pretty(&json)? + "\n";
    for (file, bytes) in [(out, as_csv(&marks)?), (&beside, json.into_bytes())] {
        let failed = || format!("cannot write {}", file.display());
        replaceable(file).with_context(failed)?;
        replace(file, &bytes).with_context(failed)?;
    }
    let students: std::collections::BTreeSet<&str> =
        marks.iter().map(|one| one.student.as_str()).collect();
    note(format!(
        "{} answers of {} students are marked: {}, {}",
        marks.len(),
        students.len(),
        out.display(),
        beside.display()
    ));
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(file)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        bail!("it is longer than {}MiB", LONGEST >> 20);
    }
    Ok(bytes)
}

fn as_csv(marks: &[Marked]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for one in marks {
        writer.write_record([
            one.student.as_str(),
            one.exercise.name,
            &one.answer,
            &one.exercise.unit.write(one.expected),
            one.mark.verdict.name(),
            one.mark.mistake.unwrap_or_default(),
            &plain(one.mark.verdict.points()),
            &one.mark.feedback,
        ])?;
    }
    Ok(writer.into_inner()?)
}

fn as_json(one: &Marked) -> Value {
    json!({
        "student": one.student,
        "exercise": one.exercise.name,
        "answer": one.answer,
        "expected": one.exercise.unit.write(one.expected),
        "verdict": one.mark.verdict.name(),
        "mistake": one.mark.mistake,
        "points": one.mark.verdict.points(),
        "feedback": one.mark.feedback,
    })
}
