//! Exercises of a course: each student has numbers of their own, and answers are marked with the
//! reason for an error in mind. Nothing here prints, reads or writes. How a class is taught with
//! them: `docs/course.md`.

mod answer;
mod balancing;
mod caching;
mod class;
mod exercise;
mod health_checks;
mod marking;
mod numbers;
mod one_server;
mod scaling;
mod sessions;
mod sheet;
#[cfg(test)]
mod tests;
mod theory;

pub use class::{class_of, is_class, new_key};
pub use exercise::{Exercise, Lesson};
pub use marking::Mark;
pub use numbers::{Numbers, plain};
pub use sheet::{Marked, marked};

use crate::document::nearest;

/// All lessons, in the order of the course.
pub static LESSONS: [Lesson; 6] = [
    one_server::LESSON,
    scaling::LESSON,
    balancing::LESSON,
    sessions::LESSON,
    caching::LESSON,
    health_checks::LESSON,
];

/// All exercises with the titles of their lessons.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Exercise)> {
    LESSONS
        .iter()
        .flat_map(|lesson| lesson.exercises.iter().map(|exercise| (lesson.title, exercise)))
}

/// The exercise of this name and the title of its lesson, or why there is none.
pub fn find(name: &str) -> Result<(&'static str, &'static Exercise), String> {
    all().find(|(_, exercise)| exercise.name == name).ok_or_else(|| {
        let near = nearest(name, all().map(|(_, exercise)| exercise.name));
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        format!("there is no exercise {name:?}{near}")
    })
}
