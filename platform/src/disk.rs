//! Room on the disk that holds a folder.

use std::io;
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub free_bytes: u64,
    pub total_bytes: u64,
}

/// What an ordinary user may still write, and the whole.
pub fn room(folder: &Path) -> io::Result<Room> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(Room { free_bytes: disk.f_bavail * disk.f_frsize, total_bytes: disk.f_blocks * disk.f_frsize })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_has_less_free_than_whole() {
        let room = room(&std::env::temp_dir()).unwrap();
        assert!(room.free_bytes <= room.total_bytes && room.total_bytes > 0);
        assert!(super::room(Path::new("/no/such/folder")).is_err());
    }
}
