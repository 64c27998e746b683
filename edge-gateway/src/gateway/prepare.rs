//! What a call needs before its INVITE: where its trunk is, and the sentences it begins with. It takes time and runs
//! beside the gateway.

use crate::prompts::{Prompts, Version};
use dialogue::{Dialogue, Step};
use shared_proto::wire::DialJob;
use std::net::{IpAddr, SocketAddr};

/// What a call needs besides its ports, made off the shard because it takes time.
pub struct Ready {
    pub trunk: SocketAddr,
    pub dialogue: Dialogue,
    pub opening: Step,
    /// Every fixed sentence, and the opening.
    pub prompts: call_core::call::Prompts,
}

/// Why a call could not be made ready. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    #[error("the trunk's address leads nowhere: {0}")]
    Trunk(String),
    #[error("its sentences cannot be rendered: {0}")]
    Voice(String),
}

pub async fn prepare(prompts: &Prompts, version: &Version, job: &DialJob, us: SocketAddr) -> Result<Ready, Unready> {
    let trunk = resolve(&job.trunk.address, us).await.map_err(|error| Unready::Trunk(error.to_string()))?;
    let voice = |error: crate::prompts::PromptError| Unready::Voice(error.to_string());
    let fixed = prompts.fixed(version).await.map_err(voice)?;
    let wanted = dialogue::prompts(&version.flow, &job.variables).opening;
    let own = prompts.own(wanted, version.voice).await.map_err(voice)?;
    let prompts = fixed.iter().map(|(text, sound)| (text.clone(), sound.clone())).chain(own).collect();
    let (dialogue, opening) = Dialogue::start(version.script.clone(), job.variables.clone());
    Ok(Ready { trunk, dialogue, opening, prompts })
}

/// The trunk's address; a host without a port means SIP's own (RFC 3263 section 4.2).
async fn resolve(address: &str, us: SocketAddr) -> std::io::Result<SocketAddr> {
    let found: Vec<SocketAddr> = if address.parse::<IpAddr>().is_ok() || !address.contains(':') {
        tokio::net::lookup_host((address, 5060)).await?.collect()
    } else {
        tokio::net::lookup_host(address).await?.collect()
    };
    reachable(&found, us).ok_or_else(|| std::io::Error::other("the name has no address"))
}

/// The first address of our socket's family; another family's only where there is no such.
fn reachable(found: &[SocketAddr], us: SocketAddr) -> Option<SocketAddr> {
    found.iter().find(|there| there.is_ipv4() == us.is_ipv4()).or(found.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trunk_is_called_by_an_address_of_our_own_family_where_it_has_one() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let (six, four) = (at("[2001:db8::1]:5060"), at("192.0.2.1:5060"));
        assert_eq!(reachable(&[six, four], at("127.0.0.1:5060")), Some(four));
        assert_eq!(reachable(&[four, six], at("[::1]:5060")), Some(six));
        assert_eq!(reachable(&[six], at("127.0.0.1:5060")), Some(six));
        assert_eq!(reachable(&[], at("127.0.0.1:5060")), None);
    }

    #[tokio::test]
    async fn a_host_without_a_port_is_called_on_sips_own() {
        let us = "127.0.0.1:5060".parse().unwrap();
        for (address, there) in [("127.0.0.1", "127.0.0.1:5060"), ("127.0.0.1:5080", "127.0.0.1:5080")] {
            assert_eq!(resolve(address, us).await.unwrap(), there.parse().unwrap());
        }
        assert_eq!(resolve("::1", us).await.unwrap(), "[::1]:5060".parse().unwrap());
    }
}
