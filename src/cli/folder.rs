//! The folder of a command's results: that it can be written, and that nobody else writes there.

use std::fs::{self, File, TryLockError};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use crate::files::{self, Kind};

/// A folder that no other deploysim writes to meanwhile. It is made if need be, and removed again
/// if nothing came into it.
pub(super) struct Folder {
    path: PathBuf,
    /// What was made for it, the innermost first.
    made: Vec<PathBuf>,
    /// None where folders cannot be locked.
    _lock: Option<File>,
}

impl Folder {
    /// Makes and locks the folder at `path`.
    pub(super) fn new(path: &Path) -> anyhow::Result<Folder> {
        let is_missing = |path: &&Path| *path != Path::new("") && !path.exists();
        let made = path.ancestors().take_while(is_missing).map(Path::to_owned).collect();
        fs::create_dir_all(path)?;
        let mut folder = Folder { path: path.to_owned(), made, _lock: None };
        // On Windows a folder is not opened as a file is.
        let Ok(file) = File::open(path) else { return Ok(folder) };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => bail!("another deploysim is writing there"),
            // A file system may be without locks.
            Ok(()) | Err(TryLockError::Error(_)) => folder._lock = Some(file),
        }
        Ok(folder)
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for path in &self.made {
            // Refused, as it should be, if anything is in it.
            let _ = fs::remove_dir(path);
        }
    }
}

/// Whether a file can be put at `path`: neither a pipe nor a device is there, nor a folder.
pub(super) fn replaceable(path: &Path) -> anyhow::Result<()> {
    match files::kind(path) {
        Ok(Kind::Folder) => bail!("it is a folder"),
        Ok(Kind::Other) => bail!("it is a pipe or a device, not a file"),
        Ok(Kind::File) | Err(_) => writable(path.parent().unwrap_or(Path::new(""))),
    }
}

/// Whether files can be made in `folder`, which need not be there yet: tried with an empty file in
/// the nearest folder that is, since what permissions and mounts allow is best seen so.
pub(super) fn writable(folder: &Path) -> anyhow::Result<()> {
    let named = |path| if path == Path::new("") { Path::new(".") } else { path };
    let mut existing =
        folder.ancestors().map(named).filter_map(|path| Some((path, path.metadata().ok()?)));
    let Some((nearest, kind)) = existing.next() else { return Ok(()) };
    if !kind.is_dir() {
        let what = if kind.is_file() { "a file" } else { "something else" };
        return Err(anyhow!("{} is {what}, not a folder", nearest.display()));
    }
    let trial = nearest.join(format!(".deploysim-{}", std::process::id()));
    std::fs::write(&trial, "")
        .with_context(|| format!("no file can be made in {}", nearest.display()))?;
    // Whether it stays is no matter to the run.
    let _ = std::fs::remove_file(&trial);
    Ok(())
}
