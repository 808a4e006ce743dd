//! Files are opened and made here. Without the feature `files` none can be.

use std::io;
use std::path::Path;

#[cfg(feature = "files")]
mod written;

#[cfg(feature = "files")]
pub(crate) use written::{create, remove, replace, unfinished};

/// What stands at a path.
#[cfg_attr(not(feature = "files"), expect(dead_code, reason = "nothing is looked at"))]
pub(crate) enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A pipe, which may have no writer, or a device, which may have no end.
    Other,
}

/// Opens a file to read it. A pipe or a device is refused: a reader might wait for ever.
#[cfg(feature = "files")]
pub(crate) fn open(path: &Path) -> io::Result<std::fs::File> {
    if let Kind::Other = kind(path)? {
        let why = "this is a pipe or a device, not a file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    std::fs::File::open(path)
}

/// What stands at a path.
#[cfg(feature = "files")]
pub(crate) fn kind(path: &Path) -> io::Result<Kind> {
    let found = std::fs::metadata(path)?;
    Ok(match (found.is_file(), found.is_dir()) {
        (true, _) => Kind::File,
        (_, true) => Kind::Folder,
        _ => Kind::Other,
    })
}

/// Opens a file to read it.
#[cfg(not(feature = "files"))]
pub(crate) fn open(path: &Path) -> io::Result<io::Empty> {
    kind(path).map(|_| io::empty())
}

/// What stands at a path.
#[cfg(not(feature = "files"))]
pub(crate) fn kind(_: &Path) -> io::Result<Kind> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "deploysim was built to read no files"))
}
