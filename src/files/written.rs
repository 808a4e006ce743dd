//! Files that are written: beside their place until they are whole, and over no link.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where the file at `path` stands until it is whole: beside it, so that it can be renamed.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

/// Makes an empty file. What an earlier process left there is removed, and is not written to: it
/// may be a link to something else, or a pipe.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    remove(path)?;
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Removes a file, if there is one.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Puts a whole file in the place of what is at `path`. If it cannot be, what is there stays.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = unfinished(path);
    let written = create(&unfinished).and_then(|mut file| file.write_all(bytes));
    let placed = written.and_then(|()| fs::rename(&unfinished, path));
    if placed.is_err() {
        // The first error is the one to be told.
        let _ = remove(&unfinished);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("a.csv");
        let other = folder.path().join("other");
        fs::write(&other, "of somebody else").expect("it can be written");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&other, unfinished(&path)).expect("a link can be made");
        replace(&path, b"new").expect("it can be written");
        assert_eq!(fs::read(&path).expect("it is there"), b"new");
        assert_eq!(fs::read(&other).expect("it is there"), b"of somebody else");
        fs::create_dir(unfinished(&path)).expect("a folder can be made");
        assert!(replace(&path, b"newer").is_err());
        assert_eq!(fs::read(&path).expect("it is there"), b"new");
    }
}
