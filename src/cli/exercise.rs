//! `deploysim exercise`: a question with a student's own numbers, marked.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::course::{Exercise, LESSONS, Mark, Numbers, class_of, find, is_class, new_key};
use crate::files::replace;
use crate::text::wrapped;

use super::folder::replaceable;
use super::options::Format;
use super::terminal::{note, print, print_json, width};
use super::{OK, marks};

#[derive(Args)]
pub(super) struct Arguments {
    /// Which exercise; all are listed if none is named
    name: Option<String>,
    /// Whose numbers: any name that is always written the same
    #[arg(long, value_name = "ID")]
    student: Option<String>,
    /// The code of a class, from which its students' numbers follow
    #[arg(long, value_name = "CODE")]
    class: Option<String>,
    /// Mark this answer, such as 12.5ms
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, conflicts_with_all = ["hint", "worked"])]
    answer: Option<String>,
    /// Print a hint: 1 first, each further one says more
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, conflicts_with = "worked")]
    hint: Option<i64>,
    /// Print how the answer is found, and what it is; in a class, with the key only
    #[arg(long)]
    worked: bool,
    /// Print the scenario that belongs to the numbers
    #[arg(long, conflicts_with_all = ["answer", "hint", "worked"])]
    scenario: bool,
    /// Write that scenario to a file; with --mark, write the marks to this file, and to one beside
    /// it that ends in .json
    #[arg(long, value_name = "FILE", conflicts_with_all = ["answer", "hint", "worked"])]
    out: Option<PathBuf>,
    /// The key of the class, which its teacher has
    #[arg(long, value_name = "KEY", requires = "class")]
    key: Option<String>,
    /// Mark the answers of a class: a CSV file with the columns student,exercise,answer
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with_all = ["name", "student", "answer", "hint", "worked", "scenario"])]
    mark: Option<PathBuf>,
    /// Make a key and the code of a class that belongs to it
    #[arg(long, exclusive = true)]
    new_key: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Arguments {
    /// Whether an option was given that makes sense of one exercise only.
    fn is_about_one(&self) -> bool {
        self.answer.is_some()
            || self.hint.is_some()
            || self.out.is_some()
            || self.worked
            || self.scenario
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let class = class(arguments)?;
    match (&arguments.name, &arguments.mark) {
        _ if arguments.new_key => make_key()?,
        (_, Some(table)) => {
            let out = arguments.out.as_deref().unwrap_or(Path::new("marks.csv"));
            marks::write(table, &class, out)?;
        }
        (None, None) if arguments.is_about_one() => bail!(
            "which exercise? Name it: `deploysim exercise NAME --student ID`; `deploysim exercise` \
             lists those that there are"
        ),
        (None, None) => list(arguments)?,
        (Some(name), None) => {
            let (lesson, exercise) = find(name)
                .map_err(|why| anyhow!("{why}\n`deploysim exercise` lists those that there are"))?;
            let student = arguments.student.as_deref().map(str::trim).unwrap_or_default();
            if student.is_empty() {
                bail!(
                    "whose numbers? Say the name of a student: `deploysim exercise {name} \
                     --student ID`"
                );
            }
            let numbers = Numbers::of(exercise, &class, student);
            Asked { lesson, exercise, student, class: &class, numbers, arguments }.answer()?;
        }
    }
    Ok(OK)
}

/// The code of the class, empty for none; an error if the key is not its own.
fn class(arguments: &Arguments) -> anyhow::Result<String> {
    let class = arguments.class.as_deref().unwrap_or_default().trim().to_lowercase();
    if arguments.class.is_some() && !is_class(&class) {
        bail!(
            "{class:?} is not the code of a class: expected 16 digits from 0 to 9 and a to f, as \
             `deploysim exercise --new-key` makes them"
        );
    }
    if arguments.key.as_deref().is_some_and(|key| class_of(key) != class) {
        bail!("this is not the key of class {class}");
    }
    Ok(class)
}

fn make_key() -> anyhow::Result<()> {
    let key = new_key();
    print(&format!("class  {}\nkey    {key}\n", class_of(&key)))?;
    note(
        "Give the class to the students: --class CODE. Keep the key: it opens worked answers and \
         marks, and cannot be found again.",
    );
    Ok(())
}

fn list(arguments: &Arguments) -> anyhow::Result<()> {
    let lessons = LESSONS.iter().enumerate();
    if arguments.format == Format::Json {
        let exercises = lessons.flat_map(|(index, lesson)| {
            lesson.exercises.iter().map(move |exercise| {
                json!({"lesson": index + 1, "title": lesson.title, "exercise": exercise.name,
                       "question": exercise.title})
            })
        });
        return print_json(&exercises.collect::<Vec<Value>>());
    }
    let all = LESSONS.iter().flat_map(|lesson| lesson.exercises);
    let names = all.map(|exercise| exercise.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, lesson) in lessons {
        text += &format!("{} {}\n", index + 1, lesson.title);
        for exercise in lesson.exercises {
            let line = format!("  {:names$}  {}", exercise.name, exercise.title);
            text += &(wrapped(&line, width(), names + 4) + "\n");
        }
    }
    text += "\n`deploysim exercise NAME --student ID` asks with numbers of your own.\n";
    print(&text)
}

/// An exercise as a student asked for it.
struct Asked<'a> {
    lesson: &'static str,
    exercise: &'static Exercise,
    student: &'a str,
    /// Empty for none.
    class: &'a str,
    numbers: Numbers,
    arguments: &'a Arguments,
}

impl Asked<'_> {
    fn answer(&self) -> anyhow::Result<()> {
        let arguments = self.arguments;
        let json = arguments.format == Format::Json;
        if let Some(answer) = &arguments.answer {
            return self.marked(answer, json);
        }
        if let Some(number) = arguments.hint {
            let text = self.hint(number)?;
            return if json { print_json(&json!({"hint": text})) } else { paragraphs(&[&text]) };
        }
        if arguments.worked {
            let text = self.worked()?;
            return if json { print_json(&json!({"worked": text})) } else { paragraphs(&[&text]) };
        }
        match &arguments.out {
            Some(file) => self.write(file),
            None if arguments.scenario => print(&self.scenario()),
            None if json => print_json(&self.as_json()),
            None => self.question(),
        }
    }

    fn fill(&self, text: &str) -> String {
        self.numbers.fill(text)
    }

    fn scenario(&self) -> String {
        let Asked { exercise, student, .. } = self;
        let student = crate::text::one_line(student);
        format!("# Exercise {}, with the numbers of {student}.\n", exercise.name)
            + &exercise.scenario(&self.numbers)
    }

    fn write(&self, file: &Path) -> anyhow::Result<()> {
        let failed = || format!("cannot write {}", file.display());
        replaceable(file).with_context(failed)?;
        replace(file, self.scenario().as_bytes()).with_context(failed)?;
        note(format!("{0} is written: change it, then `deploysim run {0}`", file.display()));
        Ok(())
    }

    fn question(&self) -> anyhow::Result<()> {
        let exercise = self.exercise;
        let name = exercise.name;
        let hand_in = format!("Hand in: {}.", exercise.unit.expected());
        let next = format!(
            "To be marked: `deploysim exercise {name} --student ID --answer VALUE`. Hints: --hint 1 \
             to --hint {}. A scenario to run and to change: --scenario, or --out FILE.",
            exercise.hints.len()
        );
        let heading = format!("{}: {name}", self.lesson);
        let tolerance = self.tolerance();
        paragraphs(&[&heading, &self.fill(exercise.question), &hand_in, &tolerance, &next])
    }

    fn tolerance(&self) -> String {
        let tolerance = &self.exercise.tolerance;
        let percent = |share: f64| crate::course::plain(share * 100.0);
        format!(
            "Right within {}%, close within {}%: {}.",
            percent(tolerance.right),
            percent(tolerance.close),
            tolerance.why
        )
    }

    fn as_json(&self) -> Value {
        let exercise = self.exercise;
        let parameters = exercise.parameters.iter().map(|parameter| {
            json!({"name": parameter.name, "meaning": parameter.meaning,
                   "value": self.numbers.get(parameter.name)})
        });
        json!({
            "exercise": exercise.name,
            "lesson": self.lesson,
            "title": exercise.title,
            "student": self.student,
            "class": self.class,
            "question": self.fill(exercise.question),
            "parameters": parameters.collect::<Vec<Value>>(),
            "unit": exercise.unit.name(),
            "hand_in": exercise.unit.expected(),
            "right_within": exercise.tolerance.right,
            "close_within": exercise.tolerance.close,
            "tolerance": exercise.tolerance.why,
            "hints": exercise.hints.len(),
            "scenario": self.scenario(),
        })
    }

    fn hint(&self, number: i64) -> anyhow::Result<String> {
        let hints = self.exercise.hints;
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let hint = index.and_then(|index| hints.get(index));
        let hint = hint.ok_or_else(|| {
            anyhow!("there is no hint {number}: {} has 1 to {}", self.exercise.name, hints.len())
        })?;
        Ok(self.fill(hint))
    }

    fn worked(&self) -> anyhow::Result<String> {
        if !self.class.is_empty() && self.arguments.key.is_none() {
            bail!("in a class the worked answer is the teacher's: it takes --key KEY");
        }
        let exercise = self.exercise;
        let expected = exercise.unit.write((exercise.expected)(&self.numbers));
        let text = self.fill(exercise.worked).replace("<expected>", &expected);
        Ok(format!("{text} Source: {}", exercise.source))
    }

    fn marked(&self, answer: &str, json: bool) -> anyhow::Result<()> {
        let unit = self.exercise.unit;
        let value = unit
            .read(answer)
            .ok_or_else(|| anyhow!("{answer:?} is not an answer: write {}", unit.expected()))?;
        let Mark { verdict, mistake, feedback } = self.exercise.mark(&self.numbers, value);
        if !json {
            return paragraphs(&[&feedback, &format!("Points: {} of 1.", verdict.points())]);
        }
        print_json(&json!({
            "exercise": self.exercise.name,
            "student": self.student,
            "class": self.class,
            "answer": answer,
            "unit": unit.name(),
            "value": value,
            "verdict": verdict.name(),
            "mistake": mistake,
            "points": verdict.points(),
            "feedback": feedback,
        }))
    }
}

/// Prints paragraphs, wrapped, with a blank line between two.
fn paragraphs(all: &[&str]) -> anyhow::Result<()> {
    let wrapped: Vec<String> = all.iter().map(|text| wrapped(text, width(), 0)).collect();
    print(&(wrapped.join("\n\n") + "\n"))
}
