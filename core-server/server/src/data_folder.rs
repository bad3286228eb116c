//! The data folder: made where it is missing, closed to others, used by one server at a time.

use std::{
    fs::{DirBuilder, File, TryLockError},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// The data folder of a running server.
#[derive(Debug)]
pub(crate) struct DataFolder {
    _lock: File,
}

/// Why the folder cannot be used.
#[derive(Debug, Error)]
pub(crate) enum DataFolderError {
    #[error("the data folder {path} cannot be used: {source}")]
    Unusable { path: PathBuf, source: std::io::Error },
    #[error("another server uses the data folder {0}")]
    InUse(PathBuf),
}

impl DataFolder {
    /// Makes the folder if need be.
    pub(crate) fn make(path: &Path) -> Result<(), DataFolderError> {
        let unusable = |source| DataFolderError::Unusable {
            path: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(unusable)
    }

    /// Makes the folder if need be, and keeps other servers out of it for as long as this lives.
    pub(crate) fn lock(path: &Path) -> Result<Self, DataFolderError> {
        DataFolder::make(path)?;
        let unusable = |source| DataFolderError::Unusable {
            path: path.to_owned(),
            source,
        };
        let lock = File::create(path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(DataFolder { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}
