//! What a file is that is no sheet, told by its bytes, so that the importing person can be told what to do about it.

/// Kinds of files that people take for a list of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherKind {
    Pdf,
    /// Text for reading: Word and its like.
    Document,
    Slides,
    /// A spreadsheet in a format that is not read here.
    Spreadsheet,
    Image,
    WebPage,
    Archive,
}

impl OtherKind {
    /// The name of the case in the catalogue of problems.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pdf => "import_is_pdf",
            Self::Document => "import_is_document",
            Self::Slides => "import_is_slides",
            Self::Spreadsheet => "import_is_other_sheet",
            Self::Image => "import_is_image",
            Self::WebPage => "import_is_web_page",
            Self::Archive => "import_is_archive",
        }
    }

    /// By the first sixteen bytes.
    pub fn by_signature(head: &[u8]) -> Option<Self> {
        const SIGNATURES: [(&[u8], OtherKind); 11] = [
            (b"%PDF", OtherKind::Pdf),
            (b"{\\rtf", OtherKind::Document),
            (b"\x89PNG\r\n", OtherKind::Image),
            (b"\xff\xd8\xff", OtherKind::Image),
            (b"GIF87a", OtherKind::Image),
            (b"GIF89a", OtherKind::Image),
            (b"II*\0", OtherKind::Image),
            (b"MM\0*", OtherKind::Image),
            (b"\x1f\x8b\x08", OtherKind::Archive),
            (b"Rar!\x1a", OtherKind::Archive),
            (b"7z\xbc\xaf", OtherKind::Archive),
        ];
        let found = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)).map(|(_, kind)| *kind);
        // These begin with letters or with a length; the rest of their signature stands further on.
        let stands = |at: usize, mark: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(mark));
        let webp = stands(0, b"RIFF") && stands(8, b"WEBP");
        let bitmap = stands(0, b"BM") && stands(6, &[0; 4]);
        let heic = stands(4, b"ftyp") && [b"hei", b"mif", b"avi"].into_iter().any(|brand| stands(8, brand));
        let bzip2 = stands(0, b"BZh") && stands(4, b"1AY&SY");
        found.or((webp || bitmap || heic).then_some(Self::Image)).or(bzip2.then_some(Self::Archive))
    }

    /// By how its text begins.
    pub fn by_text(text: &str) -> Option<Self> {
        let start: String = text.trim_start().chars().take(512).collect::<String>().to_ascii_lowercase();
        let begins = |marks: &[&str]| marks.iter().any(|mark| start.starts_with(mark));
        if begins(&["<?xml"]) && start.contains("office:spreadsheet") {
            return Some(Self::Spreadsheet);
        }
        let page = begins(&["<html", "<!doctype", "<table", "<head", "<meta"]);
        (page || (begins(&["<?xml"]) && start.contains("<html"))).then_some(Self::WebPage)
    }

    /// By the names of a zip's parts, and by the kind that an OpenDocument says it is.
    pub fn by_parts<'a>(names: impl Iterator<Item = &'a str>, mimetype: &str) -> Self {
        let mut kind = Self::Archive;
        for name in names {
            kind = match name {
                "word/document.xml" => Self::Document,
                "ppt/presentation.xml" => Self::Slides,
                "xl/workbook.bin" => Self::Spreadsheet,
                // Numbers, mostly.
                name if name.ends_with(".iwa") => Self::Spreadsheet,
                _ => continue,
            };
        }
        match mimetype {
            open if open.contains("opendocument.spreadsheet") => Self::Spreadsheet,
            open if open.contains("opendocument.presentation") => Self::Slides,
            open if open.contains("opendocument") => Self::Document,
            _ => kind,
        }
    }
}
