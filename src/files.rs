//! The files that a scenario names are opened here. Without the feature `files` none can be.

use std::io;
use std::path::Path;

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

/// Opens a file to read it.
#[cfg(feature = "files")]
pub(crate) fn open(path: &Path) -> io::Result<std::fs::File> {
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
