//! Every exercise for many students: what is asked, what is right, and that no wrong way is taken
//! for a right one.

use super::exercise::Exercise;
use super::marking::{NEAR, Verdict};
use super::*;
use crate::Results;
use crate::scenario::Scenario;

fn students() -> impl Iterator<Item = String> {
    (1..=200).map(|number| format!("student {number}"))
}

/// Each exercise with the numbers of each student.
fn variants() -> impl Iterator<Item = (&'static Exercise, Numbers)> {
    let of = |(_, exercise)| students().map(move |one| (exercise, Numbers::of(exercise, "", &one)));
    all().flat_map(of)
}

/// Each exercise with each list of numbers that some student has, once.
fn distinct() -> Vec<(&'static Exercise, Numbers)> {
    let mut all: Vec<(&'static Exercise, Numbers)> = Vec::new();
    for (exercise, numbers) in variants() {
        let mut same = all.iter().filter(|(known, _)| known.name == exercise.name);
        if same.all(|(_, known)| *known != numbers) {
            all.push((exercise, numbers));
        }
    }
    all
}

#[test]
fn every_lesson_has_exercises_of_different_names() {
    assert!(LESSONS.iter().all(|lesson| lesson.exercises.len() >= 2));
    let names: std::collections::BTreeSet<_> = all().map(|(_, exercise)| exercise.name).collect();
    assert_eq!(names.len(), all().count());
    assert!(find("mean-latency").is_ok());
    assert!(find("mean-latncy").is_err_and(|why| why.ends_with("did you mean mean-latency?")));
}

#[test]
fn every_text_is_filled_with_numbers() {
    for (exercise, numbers) in variants() {
        let mistakes = exercise.mistakes.iter().map(|mistake| mistake.explanation);
        let texts = exercise.hints.iter().copied().chain(mistakes);
        let rest = [exercise.question, exercise.worked, &exercise.scenario.concat()];
        for text in texts.chain(rest) {
            let text = numbers.fill(text).replace("<expected>", "");
            assert!(!text.contains('<'), "{}: {text}", exercise.name);
        }
    }
}

#[test]
fn the_right_answer_is_right_and_is_not_told() {
    for (exercise, numbers) in variants() {
        let expected = (exercise.expected)(&numbers);
        assert!(expected.is_finite() && expected > 0.0, "{} {numbers:?}", exercise.name);
        let written = exercise.unit.write(expected);
        let read = exercise.unit.read(&written).expect("it is read as it is written");
        for answer in [expected, read] {
            let mark = exercise.mark(&numbers, answer);
            assert_eq!(mark.verdict, Verdict::Right, "{} {numbers:?}", exercise.name);
        }
    }
}

#[test]
fn near_answers_are_close_and_far_ones_are_not() {
    for (exercise, numbers) in distinct() {
        let bounds = [Some(exercise.expected), exercise.limit];
        let greatest = bounds.iter().flatten().map(|value| value(&numbers)).fold(0.0, f64::max);
        let tolerance = exercise.tolerance;
        let between = f64::midpoint(tolerance.right, tolerance.close);
        let verdict = |factor: f64| exercise.mark(&numbers, greatest * factor).verdict;
        assert_eq!(verdict(1.0 + between), Verdict::Close, "{}", exercise.name);
        assert_ne!(verdict(1.0 + 1.1 * tolerance.close), Verdict::Close, "{}", exercise.name);
        assert_eq!(verdict(1e7), Verdict::Wrong, "{}", exercise.name);
    }
}

#[test]
fn each_mistake_is_recognised_as_itself() {
    for (exercise, numbers) in distinct() {
        for mistake in exercise.mistakes {
            let value = (mistake.value)(&numbers);
            let mark = exercise.mark(&numbers, value);
            assert_eq!(
                (mark.verdict, mark.mistake),
                (Verdict::Mistake, Some(mistake.name)),
                "{} {numbers:?}",
                exercise.name
            );
            let near = exercise.within(&numbers, value * (1.0 + NEAR), exercise.tolerance.close)
                || exercise.within(&numbers, value * (1.0 - NEAR), exercise.tolerance.close);
            assert!(!near, "{} of {} {numbers:?}", mistake.name, exercise.name);
        }
    }
}

#[test]
fn another_unit_is_recognised() {
    let (_, exercise) = find("mean-latency").expect("there is one");
    let numbers = Numbers::of(exercise, "", "ann");
    let seconds = (exercise.expected)(&numbers);
    let mark = |text: &str| exercise.mark(&numbers, exercise.unit.read(text).expect("a time"));
    assert_eq!(mark(&format!("{} ms", seconds * 1e3)).verdict, Verdict::Right);
    assert_eq!(mark(&format!("{:.6}s", seconds)).verdict, Verdict::Right);
    assert_eq!(mark(&format!("{:.6}", seconds * 1e3)).verdict, Verdict::Right);
    for text in [format!("{:.6}", seconds), format!("{}s", seconds * 1e3)] {
        let mark = mark(&text);
        assert_eq!((mark.verdict, mark.mistake), (Verdict::Mistake, Some("The unit")), "{text}");
    }
    for text in ["twelve", "", "-3", "12,5", "nan", "inf", "1e3", "5 parsec"] {
        assert_eq!(exercise.unit.read(text), None, "{text}");
    }
}

#[test]
fn numbers_are_a_students_own_and_stay() {
    let (_, exercise) = find("mean-latency").expect("there is one");
    let of = |class: &str, student: &str| Numbers::of(exercise, class, student);
    assert_eq!(of("", "Ann"), of("", " ann "));
    let different = students().filter(|one| of("", one) != of("", "student 1"));
    assert!(different.count() > 150);
    assert!(students().any(|one| of("", &one) != of("0123456789abcdef", &one)));
    // What a student was given must not change with a version.
    assert_eq!(of("", "ann").fill("<service> <load>"), "20 85");
}

#[test]
fn every_scenario_passes_its_check() {
    for (exercise, numbers) in distinct() {
        let text = exercise.scenario(&numbers);
        if let Err(faults) = Scenario::parse(&text) {
            panic!("{} {numbers:?}\n{}", exercise.name, faults.render(false));
        }
    }
}

#[test]
fn a_class_belongs_to_its_key() {
    let key = new_key();
    assert_ne!(key, new_key());
    assert_eq!(key.len(), 32);
    assert!(is_class(&class_of(&key)) && !is_class("spring"));
    assert_eq!(class_of("a key"), class_of(" A KEY "));
}

#[test]
fn a_table_is_marked_or_all_that_is_wrong_is_told() {
    let good = "exercise,student,answer\nmean-latency,ann,1ms\nmean-latency,ben,\n";
    let marks = marked(good.as_bytes(), "").unwrap_or_default();
    assert_eq!(marks.len(), 2);
    assert_eq!((marks[1].mark.feedback.as_str(), marks[0].answer.as_str()), ("No answer.", "1ms"));
    let bad = "student,exercise,answer\n,mean-latency,twelve\nann,nothing,1\nben,who-waits,5%\n\
               Ben,who-waits,6%\n";
    let wrong = marked(bad.as_bytes(), "").err().unwrap_or_default();
    let places: Vec<&str> = wrong.iter().map(|why| &why[..why.len().min(4)]).collect();
    assert_eq!(places, ["2:1:", "2:3:", "3:2:", "5:2:"], "{wrong:#?}");
    assert!(marked(b"name,answer\n", "").is_err_and(|why| why[0].starts_with("1: expected")));
    assert!(marked(b"student,exercise,answer\n\xff,a,b\n", "").is_err());
}

/// A figure of a student's own scenario, in so many replications, relative to the right answer.
fn simulated(name: &str, replications: u64, figure: impl Fn(&Results) -> f64) -> (f64, f64) {
    let (_, exercise) = find(name).expect("there is one");
    let numbers = Numbers::of(exercise, "", "ann");
    let text = exercise.scenario(&numbers);
    let parsed = Scenario::parse(&text);
    let mut scenario = parsed.unwrap_or_else(|why| panic!("{name}\n{}", why.render(false)));
    scenario.replications = replications;
    let found = figure(&scenario.run());
    (found / (exercise.expected)(&numbers), exercise.tolerance.close)
}

#[test]
fn scenarios_agree_with_what_is_expected() {
    let hits = |results: &Results| {
        let caches = results.components.iter().filter_map(|one| one.cache.as_ref());
        caches.map(|cache| cache.hit_ratio.mean).sum()
    };
    let ended = |results: &Results, how: &str| {
        let outcomes = results.total.outcomes.iter();
        let ended = outcomes.filter(|one| one.outcome.starts_with(how));
        ended.map(|one| one.count as f64).sum::<f64>() / 40.0
    };
    let failed = |results: &Results| ended(results, "failed");
    let timed_out = |results: &Results| ended(results, "timed out");
    let latency = |results: &Results| results.total.mean_latency.mean;
    for (name, (ratio, close)) in [
        ("random-eviction", simulated("random-eviction", 1, hits)),
        ("characteristic-time", simulated("characteristic-time", 1, hits)),
        ("failed-requests", simulated("failed-requests", 40, failed)),
        ("hung-server", simulated("hung-server", 40, timed_out)),
        ("uneven-servers", simulated("uneven-servers", 3, latency)),
    ] {
        assert!((ratio - 1.0).abs() < close, "{name}: {ratio}");
    }
}
