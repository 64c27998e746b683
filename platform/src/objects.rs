//! The objects part: recordings, uploads, error files. put · get(range) · delete · link(ttl).
//!
//! Contract (the weaker of every variant): an object appears whole or not at all, is never changed
//! in place, and a put of the same key replaces it.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    #[error("setting `objects_url` is \"{0}\"; this build knows \"folder:PATH\"")]
    UnknownUrl(String),
    #[error("object key \"{0}\" is not made of plain segments")]
    BadKey(String),
    #[error("there is no object \"{0}\"")]
    NotFound(String),
    #[error("range {asked:?} lies outside an object of {total} bytes")]
    Range { asked: Range<u64>, total: u64 },
    #[error("the disk that holds {0} is full: free some space or move the data folder")]
    Full(String),
    #[error("object \"{key}\": {source}")]
    Io { key: String, source: io::Error },
}

#[derive(Clone, Debug)]
pub enum Objects {
    Folder(Arc<Folder>),
}

/// What a get gives: the whole length and a reader over the bytes asked for.
pub struct Body {
    pub total: u64,
    pub length: u64,
    pub reader: Pin<Box<dyn AsyncRead + Send>>,
}

impl Body {
    /// Reads it all into memory; for objects known to be small.
    pub async fn bytes(mut self) -> io::Result<Bytes> {
        let mut all = Vec::with_capacity(usize::try_from(self.length).unwrap_or(0).min(1 << 20));
        self.reader.read_to_end(&mut all).await?;
        Ok(all.into())
    }
}

impl Objects {
    pub fn connect(url: &str) -> Result<Self, ObjectsError> {
        let Some(path) = url.strip_prefix("folder:") else {
            return Err(ObjectsError::UnknownUrl(url.to_owned()));
        };
        let root = PathBuf::from(path);
        std::fs::create_dir_all(&root).map_err(|source| ObjectsError::Io { key: path.to_owned(), source })?;
        Ok(Self::Folder(Arc::new(Folder { root, next: AtomicU64::new(0) })))
    }

    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectsError> {
        let mut reader: &[u8] = &bytes;
        self.put_reader(key, &mut reader).await.map(|_| ())
    }

    /// Stores everything the reader gives and returns its length. On any error nothing stays.
    pub async fn put_reader(
        &self,
        key: &str,
        reader: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<u64, ObjectsError> {
        match self {
            Self::Folder(folder) => folder.put(key, reader).await,
        }
    }

    /// The object, or the part of it in `range` (end exclusive).
    pub async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Body, ObjectsError> {
        match self {
            Self::Folder(folder) => folder.get(key, range).await,
        }
    }

    /// Deleting what is not there is no error.
    pub async fn delete(&self, key: &str) -> Result<(), ObjectsError> {
        match self {
            Self::Folder(folder) => folder.delete(key).await,
        }
    }

    /// The keys below `folder`, in no order.
    pub async fn keys(&self, folder: &str) -> Result<Vec<String>, ObjectsError> {
        match self {
            Self::Folder(objects) => objects.keys(folder).await,
        }
    }

    /// Removes what puts left behind that a process did not live to end. Only for a process that is alone, before
    /// it puts anything. Returns how many there were.
    pub async fn remove_unfinished(&self) -> Result<usize, ObjectsError> {
        match self {
            Self::Folder(folder) => folder.remove_unfinished().await,
        }
    }

    /// A link that fetches the object without this process, where the variant has such; a folder
    /// has none and the caller serves the bytes itself.
    pub fn link(&self, _key: &str, _ttl: Duration) -> Option<String> {
        match self {
            Self::Folder(_) => None,
        }
    }

    /// The file of an object, where a synchronous reader (a sheet parser) needs one.
    pub fn local_path(&self, key: &str) -> Result<PathBuf, ObjectsError> {
        match self {
            Self::Folder(folder) => folder.path(key),
        }
    }
}

#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    next: AtomicU64,
}

impl Folder {
    fn path(&self, key: &str) -> Result<PathBuf, ObjectsError> {
        let plain = |segment: &str| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        if key.split('/').all(plain) { Ok(self.root.join(key)) } else { Err(ObjectsError::BadKey(key.to_owned())) }
    }

    async fn put(&self, key: &str, reader: &mut (dyn AsyncRead + Send + Unpin)) -> Result<u64, ObjectsError> {
        let path = self.path(key)?;
        let folder = path.parent().unwrap_or(&self.root);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let part = Part(folder.join(format!("{PART}{}-{number}", std::process::id())));
        write_part(folder, &part.0, &path, reader).await.map_err(|source| self.explain(key, source))
    }

    async fn keys(&self, folder: &str) -> Result<Vec<String>, ObjectsError> {
        let files = self.files(self.path(folder)?).await?;
        let key = |file: &PathBuf| Some(file.strip_prefix(&self.root).ok()?.to_str()?.to_owned());
        Ok(files.iter().filter(|file| !is_part(file)).filter_map(key).collect())
    }

    async fn remove_unfinished(&self) -> Result<usize, ObjectsError> {
        let parts: Vec<PathBuf> =
            self.files(self.root.clone()).await?.into_iter().filter(|file| is_part(file)).collect();
        for part in &parts {
            let removed = tokio::fs::remove_file(part).await;
            removed.map_err(|source| self.explain(&part.display().to_string(), source))?;
        }
        Ok(parts.len())
    }

    async fn files(&self, folder: PathBuf) -> Result<Vec<PathBuf>, ObjectsError> {
        let name = folder.display().to_string();
        let found = tokio::task::spawn_blocking(move || {
            let mut files = Vec::new();
            walk(&folder, &mut files).map(|()| files)
        });
        let found = found.await.map_err(io::Error::other).and_then(|found| found);
        found.map_err(|source| self.explain(&name, source))
    }

    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Body, ObjectsError> {
        let path = self.path(key)?;
        let mut file = tokio::fs::File::open(&path).await.map_err(|source| self.explain(key, source))?;
        let total = file.metadata().await.map_err(|source| self.explain(key, source))?.len();
        let range = range.unwrap_or(0..total);
        if range.start > range.end || range.end > total {
            return Err(ObjectsError::Range { asked: range, total });
        }
        file.seek(io::SeekFrom::Start(range.start)).await.map_err(|source| self.explain(key, source))?;
        let length = range.end - range.start;
        Ok(Body { total, length, reader: Box::pin(file.take(length)) })
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectsError> {
        match tokio::fs::remove_file(self.path(key)?).await {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.explain(key, source)),
            _ => Ok(()),
        }
    }

    fn explain(&self, key: &str, source: io::Error) -> ObjectsError {
        match source.kind() {
            io::ErrorKind::NotFound => ObjectsError::NotFound(key.to_owned()),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                ObjectsError::Full(self.root.display().to_string())
            }
            _ => ObjectsError::Io { key: key.to_owned(), source },
        }
    }
}

/// How the name of an object begins that is not whole yet.
const PART: &str = ".part-";

fn is_part(file: &Path) -> bool {
    file.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(PART))
}

/// Every file below `folder`; a folder that is not there has none.
fn walk(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), into)?,
            Ok(_) => into.push(entry.path()),
            // Deleted while this one looked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A file that goes with its owner unless it was renamed before, also where the put is dropped half-way.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Writes beside the final name and renames, so that a crash leaves no half object.
async fn write_part(
    folder: &Path,
    part: &Path,
    path: &Path,
    reader: &mut (dyn AsyncRead + Send + Unpin),
) -> io::Result<u64> {
    tokio::fs::create_dir_all(folder).await?;
    let mut file = tokio::fs::File::create(part).await?;
    let length = tokio::io::copy(reader, &mut file).await?;
    file.flush().await?;
    file.sync_all().await?;
    drop(file);
    tokio::fs::rename(part, path).await?;
    // The new name is on the disk too before anybody is told, unless somebody has deleted the object already.
    match tokio::fs::File::open(folder).await {
        Ok(folder) => folder.sync_all().await?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every variant runs this suite.
    async fn contract(objects: Objects) {
        objects.put("ten_1/rec/a.wav", Bytes::from_static(b"0123456789")).await.unwrap();
        let whole = objects.get("ten_1/rec/a.wav", None).await.unwrap();
        assert_eq!((whole.total, whole.bytes().await.unwrap().as_ref()), (10, &b"0123456789"[..]));
        let part = objects.get("ten_1/rec/a.wav", Some(2..5)).await.unwrap();
        assert_eq!((part.total, part.length, part.bytes().await.unwrap().as_ref()), (10, 3, &b"234"[..]));
        assert!(matches!(
            objects.get("ten_1/rec/a.wav", Some(2..11)).await,
            Err(ObjectsError::Range { total: 10, .. })
        ));
        objects.put("ten_1/rec/a.wav", Bytes::from_static(b"new")).await.unwrap();
        assert_eq!(objects.get("ten_1/rec/a.wav", None).await.unwrap().total, 3, "a put replaces");
        objects.delete("ten_1/rec/a.wav").await.unwrap();
        objects.delete("ten_1/rec/a.wav").await.unwrap();
        assert!(matches!(objects.get("ten_1/rec/a.wav", None).await, Err(ObjectsError::NotFound(_))));
        for bad in ["../etc/passwd", "/etc/passwd", "a//b", "a/.hidden", "a/b\0", ""] {
            assert!(matches!(objects.get(bad, None).await, Err(ObjectsError::BadKey(_))), "{bad:?}");
        }
    }

    fn folder() -> (tempfile::TempDir, Objects) {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::connect(&format!("folder:{}", folder.path().display())).unwrap();
        (folder, objects)
    }

    #[tokio::test]
    async fn folder_keeps_the_contract() {
        let (_folder, objects) = folder();
        contract(objects).await;
    }

    #[tokio::test]
    async fn a_put_that_is_dropped_or_dies_leaves_nothing() {
        let (folder, objects) = folder();
        objects.put("imports/ten_1/a", Bytes::from_static(b"1")).await.unwrap();
        let (mut waits, mut other) = tokio::io::duplex(8);
        {
            let put = std::pin::pin!(objects.put_reader("imports/ten_1/b", &mut waits));
            // The last byte goes in once the first was taken out.
            tokio::select! {
                put = put => panic!("it has not got everything: {put:?}"),
                written = other.write_all(&[0; 9]) => written.unwrap(),
            }
        }
        std::fs::write(folder.path().join("imports/ten_1/.part-1-0"), "half").unwrap();
        assert_eq!(objects.keys("imports").await.unwrap(), ["imports/ten_1/a"]);
        assert_eq!(objects.remove_unfinished().await.unwrap(), 1);
        assert_eq!(std::fs::read_dir(folder.path().join("imports/ten_1")).unwrap().count(), 1);
        assert_eq!(objects.keys("nothing").await.unwrap(), [""; 0]);
    }

    #[tokio::test]
    async fn a_reader_that_breaks_off_leaves_nothing() {
        struct Breaks;
        impl AsyncRead for Breaks {
            fn poll_read(
                self: Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                _: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<io::Result<()>> {
                std::task::Poll::Ready(Err(io::ErrorKind::StorageFull.into()))
            }
        }
        let (folder, objects) = folder();
        let error = objects.put_reader("ten_1/x", &mut Breaks).await.unwrap_err();
        assert!(matches!(error, ObjectsError::Full(_)), "{error}");
        assert_eq!(std::fs::read_dir(folder.path().join("ten_1")).unwrap().count(), 0);
    }
}
