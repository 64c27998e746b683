//! `bellbird run | control | edge | carrier | migrate | admin`: composes the libraries, decides nothing.
fn main() -> anyhow::Result<()> {
    anyhow::bail!("usage: bellbird run | control | edge | carrier | migrate | admin")
}
