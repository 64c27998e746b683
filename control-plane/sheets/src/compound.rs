//! The container of an old xls file ([MS-CFB]): takes one stream out of whatever was uploaded, and puts it
//! alone into a container made here. Every chain has an end, every length is the file's own.

use super::SheetError;

const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const END_OF_CHAIN: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
const FAT: u32 = 0xffff_fffd;
/// Ids from here on say what a sector is not.
const NO_SECTOR: u32 = 0xffff_fffa;
const ENTRY: usize = 128;
const MINI_SECTOR: usize = 64;
/// Streams below this lie in the root's own stream.
const MINI_BELOW: u64 = 4096;

/// A file with its table of chains and its entries.
pub struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    chains: Vec<u32>,
    mini_chains: Vec<u32>,
    mini: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u32,
    length: u64,
}

impl<'a> Compound<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, SheetError> {
        let head = bytes.get(..512).filter(|head| head.starts_with(&SIGNATURE)).ok_or_else(damaged)?;
        let sector = match u16_at(head, 30)? {
            9 => 512,
            12 => 4096,
            _ => return Err(damaged()),
        };
        let empty = Vec::new();
        let mut file = Self { bytes, sector, chains: empty.clone(), mini_chains: empty, mini: vec![], entries: vec![] };
        file.chains = file.all_chains(head)?;
        let directory = file.chain(u32_at(head, 48)?, u64::MAX)?;
        file.entries = directory.chunks_exact(ENTRY).map(|entry| entry_of(entry, sector)).collect::<Result<_, _>>()?;
        let root = file.entries.first().ok_or_else(damaged)?;
        if u32_at(head, 64)? > 0 {
            file.mini = file.chain(root.start, root.length)?;
            file.mini_chains = numbers(&file.chain(u32_at(head, 60)?, u64::MAX)?);
        }
        Ok(file)
    }

    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    pub fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, SheetError> {
        let Some(entry) = self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        if entry.length >= MINI_BELOW {
            return self.chain(entry.start, entry.length).map(Some);
        }
        let sector = |id: u32| {
            let from = id as usize * MINI_SECTOR;
            self.mini.get(from..self.mini.len().min(from + MINI_SECTOR))
        };
        follow(entry.start, entry.length, &self.mini_chains, sector).map(Some)
    }

    fn chain(&self, start: u32, length: u64) -> Result<Vec<u8>, SheetError> {
        follow(start, length, &self.chains, |id| self.sector(id))
    }

    /// A file may end within its last sector.
    fn sector(&self, id: u32) -> Option<&'a [u8]> {
        let from = (id as usize + 1) * self.sector;
        self.bytes.get(from..self.bytes.len().min(from + self.sector))
    }

    /// The sectors that hold the table are listed in the head, and in a chain of their own behind it.
    fn all_chains(&self, head: &[u8]) -> Result<Vec<u32>, SheetError> {
        let mut holders = numbers(&head[76..512]);
        let mut next = u32_at(head, 68)?;
        let mut left = self.bytes.len() / self.sector;
        while next < NO_SECTOR {
            left = left.checked_sub(1).ok_or_else(damaged)?;
            holders.extend(numbers(self.sector(next).ok_or_else(damaged)?));
            next = holders.pop().ok_or_else(damaged)?;
        }
        let mut chains = Vec::new();
        for id in holders.into_iter().filter(|id| *id < NO_SECTOR) {
            chains.extend(numbers(self.sector(id).ok_or_else(damaged)?));
            // Each sector of the file has one number in the table.
            if chains.len() > self.bytes.len() / self.sector + self.sector {
                return Err(damaged());
            }
        }
        Ok(chains)
    }
}

/// Puts sectors one behind the other. A chain that is longer than its table goes in circles.
fn follow<'a>(
    start: u32,
    length: u64,
    chains: &[u32],
    sector: impl Fn(u32) -> Option<&'a [u8]>,
) -> Result<Vec<u8>, SheetError> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut stream = Vec::new();
    let mut next = start;
    for _ in 0..=chains.len() {
        if next == END_OF_CHAIN || stream.len() >= length {
            stream.truncate(length);
            return Ok(stream);
        }
        stream.extend_from_slice(sector(next).ok_or_else(damaged)?);
        next = *chains.get(next as usize).ok_or_else(damaged)?;
    }
    Err(damaged())
}

fn entry_of(entry: &[u8], sector: usize) -> Result<Entry, SheetError> {
    let signs: Vec<u16> = entry[..64].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let end = signs.iter().position(|sign| *sign == 0).unwrap_or(signs.len());
    let length = u64::from(u32_at(entry, 120)?);
    // The upper half of the length means something in large sectors only.
    let upper = if sector == 4096 { u64::from(u32_at(entry, 124)?) << 32 } else { 0 };
    Ok(Entry { name: String::from_utf16_lossy(&signs[..end]), start: u32_at(entry, 116)?, length: length | upper })
}

/// A file that holds `stream` under `name` and nothing else, in sectors of 4,096 bytes.
pub fn alone(name: &str, stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 4096;
    let data = stream.len().max(SECTOR).div_ceil(SECTOR);
    // The table has a number for the directory, the stream, and the table itself.
    let mut table = 1;
    while table * SECTOR / 4 < table + 1 + data {
        table += 1;
    }
    let mut file = vec![0; SECTOR];
    file[..8].copy_from_slice(&SIGNATURE);
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(24, &[0x3e, 0, 4, 0, 0xfe, 0xff, 12, 0, 6, 0]);
    put(44, &(table as u32).to_le_bytes());
    put(48, &(table as u32).to_le_bytes());
    put(56, &4096u32.to_le_bytes());
    put(60, &END_OF_CHAIN.to_le_bytes());
    put(68, &END_OF_CHAIN.to_le_bytes());
    for place in 0..109 {
        let holder = if place < table { place as u32 } else { FREE };
        put(76 + 4 * place, &holder.to_le_bytes());
    }
    let mut chains = vec![FAT; table];
    chains.push(END_OF_CHAIN);
    let first = chains.len() as u32;
    chains.extend((1..data as u32).map(|next| first + next));
    chains.push(END_OF_CHAIN);
    chains.resize(table * SECTOR / 4, FREE);
    file.extend(chains.iter().flat_map(|next| next.to_le_bytes()));

    let directory = file.len();
    file.resize(directory + SECTOR, 0);
    for (place, (name, kind, child, start, length)) in
        [("Root Entry", 5, 1, 0, 0), (name, 2, FREE, first, stream.len().max(SECTOR))].into_iter().enumerate()
    {
        let entry = &mut file[directory + place * ENTRY..][..ENTRY];
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..name.len()].copy_from_slice(&name);
        entry[64] = name.len() as u8 + 2;
        entry[66] = kind;
        entry[67] = 1;
        for (at, id) in [(68, FREE), (72, FREE), (76, child), (116, start)] {
            entry[at..at + 4].copy_from_slice(&id.to_le_bytes());
        }
        entry[120..128].copy_from_slice(&(length as u64).to_le_bytes());
    }
    file.extend_from_slice(stream);
    file.resize(directory + SECTOR + data * SECTOR, 0);
    file
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, SheetError> {
    bytes.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]])).ok_or_else(damaged)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, SheetError> {
    bytes.get(at..at + 4).and_then(|four| numbers(four).pop()).ok_or_else(damaged)
}

fn damaged() -> SheetError {
    SheetError::Damaged("the container of the xls does not hold together".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_comes_out_as_it_went_in() {
        for length in [0, 5, 4096, 10_000, 5 << 20] {
            let stream: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let file = alone("Workbook", &stream);
            let found = Compound::read(&file).unwrap().stream("workbook").unwrap().unwrap();
            assert_eq!(found[..length], stream);
            assert!(found[length..].iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn a_chain_that_goes_in_circles_is_refused() {
        let mut file = alone("Workbook", &[1; 9_000]);
        // The stream's second sector says that its first one follows.
        let table = 4096;
        file[table + 3 * 4..][..4].copy_from_slice(&2u32.to_le_bytes());
        file[4096 * 2 + ENTRY + 120..][..8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(Compound::read(&file).unwrap().stream("Workbook").is_err());
        // The directory follows itself.
        file[table + 4..][..4].copy_from_slice(&1u32.to_le_bytes());
        assert!(Compound::read(&file).is_err());
    }
}
