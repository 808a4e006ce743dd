//! A class: a public code from which students' numbers follow, and a key that the teacher keeps.
//! The code is the beginning of the key's SHA-256, so that nobody finds a key from it.

use std::hash::{BuildHasher, RandomState};

use sha2::{Digest, Sha256};

/// Hexadecimal digits of a class code.
const CODE: usize = 16;
/// Hexadecimal digits of a key.
const KEY: usize = 32;

/// The code of the class to which a key belongs.
pub fn class_of(key: &str) -> String {
    hex(&Sha256::digest(key.trim().to_lowercase()), CODE)
}

/// Whether a text can be the code of a class.
pub fn is_class(text: &str) -> bool {
    text.len() == CODE && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

/// A new key. It is as random as the keys of the standard library's hash maps, which the operating
/// system gives.
pub fn new_key() -> String {
    let state = RandomState::new();
    let mut hash = Sha256::new();
    for number in 0..4 {
        hash.update(state.hash_one(number).to_le_bytes());
    }
    hex(&hash.finalize(), KEY)
}

fn hex(bytes: &[u8], digits: usize) -> String {
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    text.chars().take(digits).collect()
}
