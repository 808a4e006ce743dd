//! Files that a document names: values may be read from them while the document is.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::files::open;

/// The longest file, and the most that is read from all of them, in bytes.
const LONGEST: u64 = 64 << 20;
const MOST: u64 = 256 << 20;

/// Where the files of a document lie, and which were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    folder: PathBuf,
    length: u64,
    digests: Vec<[u8; 32]>,
}

impl Files {
    /// Files named relative to `folder`.
    pub fn below(folder: &Path) -> Files {
        Files { folder: folder.to_owned(), ..Files::default() }
    }

    /// Where the file of this name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The text of the file of this name, or why there is none.
    pub fn read(&mut self, name: &str) -> Result<String, String> {
        let bytes = self.bytes(name).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => format!("cannot be read: {error}"),
        })?;
        let length = bytes.len() as u64;
        if length > LONGEST {
            return Err(format!("is longer than {} MiB", LONGEST >> 20));
        }
        if self.length + length > MOST {
            return Err(format!("makes more than {} MiB in all", MOST >> 20));
        }
        self.length += length;
        self.digests.push(Sha256::digest(&bytes).into());
        String::from_utf8(bytes).map_err(|_| "is not a text in UTF-8".to_owned())
    }

    fn bytes(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = LONGEST.min(MOST - self.length) + 1;
        open(&self.path(name))?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// SHA-256 of each file that was read, in the order of reading.
    pub fn digests(&self) -> &[[u8; 32]] {
        &self.digests
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_from_the_folder_and_counted() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        std::fs::write(folder.path().join("a.csv"), "1ms\n").expect("it can be written");
        std::fs::write(folder.path().join("b.csv"), b"\xff").expect("it can be written");
        let mut files = Files::below(folder.path());
        assert_eq!(files.read("a.csv"), Ok("1ms\n".to_owned()));
        assert_eq!(files.read("c.csv"), Err("there is no such file".to_owned()));
        assert_eq!(files.read("b.csv"), Err("is not a text in UTF-8".to_owned()));
        assert_eq!(files.digests().len(), 2);
        files.length = MOST - 3;
        assert_eq!(files.read("a.csv"), Err("makes more than 256 MiB in all".to_owned()));
    }
}
