//! The key ring: a file of mode 600 in the data folder; the newest key seals, the older ones still open.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use wigwag_sansio::{Entropy, Secret};
use zeroize::{Zeroize, Zeroizing};

use super::{
    SealError,
    sealed::{Key, Place, key_id},
};

/// The file's name in the data folder.
const FILE: &str = "keys.json";

/// Why the key ring cannot be used.
#[derive(Debug, Error)]
pub enum KeyRingError {
    /// Other users of the machine may read or write it.
    #[error("the key ring can be read by others: run `chmod 600` on keys.json in the data folder")]
    ReadableByOthers,
    /// There are sealed secrets, but no key ring: it was lost, or this is the wrong data folder.
    #[error("the key ring is missing, but the database holds secrets sealed under it: restore keys.json")]
    Missing,
    /// It is not what we wrote.
    #[error("the key ring is damaged: restore keys.json")]
    Damaged,
    /// It cannot be read or written.
    #[error("the key ring cannot be read or written")]
    Io(#[from] io::Error),
}

/// The keys that seal what the database keeps secret; cheap to share, safe to use from several tasks.
pub(crate) struct KeyRing {
    path: PathBuf,
    keys: RwLock<Vec<Key>>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("keys", &self.keys.read().len())
            .finish()
    }
}

#[derive(Serialize, Deserialize)]
struct Ring {
    keys: Vec<RingKey>,
}

/// A key as text: its number and 64 hexadecimal digits.
#[derive(Serialize, Deserialize)]
struct RingKey {
    id: u32,
    key: String,
}

impl Drop for RingKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl KeyRing {
    /// Reads the ring in the data folder `data`; `None` when there is none yet.
    pub(crate) fn read(data: &Path) -> Result<Option<KeyRing>, KeyRingError> {
        let path = data.join(FILE);
        match read_keys(&path) {
            Ok(keys) => Ok(Some(KeyRing {
                path,
                keys: RwLock::new(keys),
            })),
            Err(KeyRingError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a ring with one key in the data folder `data`, which must not have one.
    pub(crate) fn create(data: &Path, entropy: &mut Entropy) -> Result<KeyRing, KeyRingError> {
        let path = data.join(FILE);
        let keys = vec![new_key(1, entropy)];
        let fresh = write_aside(&path, &keys)?;
        // Unlike a rename, a link never takes the place of a ring that another process has just made.
        fs::hard_link(&fresh, &path)?;
        fs::remove_file(&fresh)?;
        sync_folder(&path)?;
        Ok(KeyRing {
            path,
            keys: RwLock::new(keys),
        })
    }

    /// Adds a key, which seals from now on.
    pub(crate) fn add_key(&self, entropy: &mut Entropy) -> Result<(), KeyRingError> {
        let mut keys = self.keys.write();
        // Another process may have added one since we read the file.
        let mut fresh = read_keys(&self.path)?;
        let id = newest(&fresh).id + 1;
        fresh.push(new_key(id, entropy));
        // A crash leaves the old ring or the new one, whole.
        fs::rename(write_aside(&self.path, &fresh)?, &self.path)?;
        sync_folder(&self.path)?;
        *keys = fresh;
        Ok(())
    }

    pub(crate) fn seal(&self, place: Place<'_>, plain: &[u8], entropy: &mut Entropy) -> Vec<u8> {
        newest(&self.keys.read()).seal(place, plain, entropy)
    }

    /// Opens what was sealed at `place`; reads the file again when the key is one that was added meanwhile.
    pub(crate) fn open(&self, place: Place<'_>, blob: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
        let key_id = key_id(blob)?;
        if let Some(key) = self.key(key_id) {
            return key.open(place, blob);
        }
        if let Ok(keys) = read_keys(&self.path) {
            *self.keys.write() = keys;
        }
        let key = self.key(key_id).ok_or(SealError::UnknownKey { key_id })?;
        key.open(place, blob)
    }

    /// Whether `blob` was sealed under the newest key.
    pub(crate) fn is_newest(&self, blob: &[u8]) -> bool {
        key_id(blob) == Ok(newest(&self.keys.read()).id)
    }

    fn key(&self, id: u32) -> Option<Key> {
        self.keys.read().iter().find(|key| key.id == id).cloned()
    }
}

fn newest(keys: &[Key]) -> &Key {
    keys.last().expect("a ring without a key is refused when it is read")
}

fn new_key(id: u32, entropy: &mut Entropy) -> Key {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(&mut *bytes);
    Key { id, bytes }
}

fn read_keys(path: &Path) -> Result<Vec<Key>, KeyRingError> {
    let mode = fs::metadata(path)?.mode();
    if mode & 0o077 != 0 {
        return Err(KeyRingError::ReadableByOthers);
    }
    let text = Zeroizing::new(fs::read(path)?);
    let ring: Ring = serde_json::from_slice(&text).map_err(|_| KeyRingError::Damaged)?;
    let keys: Option<Vec<Key>> = ring.keys.iter().map(parse_key).collect();
    let mut keys = keys.filter(|keys| !keys.is_empty()).ok_or(KeyRingError::Damaged)?;
    keys.sort_by_key(|key| key.id);
    Ok(keys)
}

fn parse_key(key: &RingKey) -> Option<Key> {
    let mut bytes = Zeroizing::new([0; 32]);
    if key.key.len() != 64 || !key.key.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&key.key[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(Key { id: key.id, bytes })
}

/// Writes the keys to a file next to `path`, down to the disk, and tells which.
fn write_aside(path: &Path, keys: &[Key]) -> Result<PathBuf, KeyRingError> {
    let ring = Ring {
        keys: keys
            .iter()
            .map(|key| RingKey {
                id: key.id,
                key: key.bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            })
            .collect(),
    };
    let text = Zeroizing::new(serde_json::to_vec_pretty(&ring).map_err(|_| KeyRingError::Damaged)?);
    let aside = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)?;
    file.write_all(&text)?;
    file.sync_all()?;
    Ok(aside)
}

fn sync_folder(path: &Path) -> Result<(), KeyRingError> {
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const PLACE: Place<'_> = Place {
        table: "devices",
        column: "sealed_sip_password",
        row: "1",
    };

    #[test]
    fn a_blob_opens_in_its_own_row_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut entropy = Entropy::from_number(1);
        let ring = KeyRing::create(folder.path(), &mut entropy).unwrap();
        let blob = ring.seal(PLACE, b"secret", &mut entropy);
        assert_eq!(ring.open(PLACE, &blob).unwrap().expose(), b"secret");
        let elsewhere = Place { row: "2", ..PLACE };
        assert_eq!(ring.open(elsewhere, &blob), Err(SealError::NotAuthentic));
        assert_eq!(ring.open(PLACE, &blob[..20]), Err(SealError::Format));
        let mut changed = blob.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(ring.open(PLACE, &changed), Err(SealError::NotAuthentic));
    }

    #[test]
    fn an_older_key_still_opens_and_a_key_of_another_process_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut entropy = Entropy::from_number(1);
        let ring = KeyRing::create(folder.path(), &mut entropy).unwrap();
        let running = KeyRing::read(folder.path()).unwrap().unwrap();
        let old = ring.seal(PLACE, b"old", &mut entropy);
        ring.add_key(&mut entropy).unwrap();
        let new = ring.seal(PLACE, b"new", &mut entropy);
        assert!(ring.is_newest(&new) && !ring.is_newest(&old));
        assert_eq!(ring.open(PLACE, &old).unwrap().expose(), b"old");
        assert_eq!(running.open(PLACE, &new).unwrap().expose(), b"new");
    }

    #[test]
    fn a_ring_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        KeyRing::create(folder.path(), &mut Entropy::from_number(1)).unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            KeyRing::read(folder.path()),
            Err(KeyRingError::ReadableByOthers)
        ));
    }

    #[test]
    fn a_damaged_ring_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        KeyRing::create(folder.path(), &mut Entropy::from_number(1)).unwrap();
        fs::write(folder.path().join(FILE), r#"{"keys": []}"#).unwrap();
        assert!(matches!(KeyRing::read(folder.path()), Err(KeyRingError::Damaged)));
    }
}
