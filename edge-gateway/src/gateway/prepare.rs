//! What a call needs before its INVITE: where its trunk is, and the sentences it begins with. It takes time and runs
//! beside the gateway.

use crate::prompts::{Prompts, Version};
use call_core::sip::uri::host_port;
use dialogue::{Dialogue, Step};
use shared_proto::wire::DialJob;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// What a call needs besides its ports, made off the shard because it takes time.
pub struct Ready {
    pub trunk: SocketAddr,
    /// The trunk's host as URIs name it.
    pub domain: String,
    /// Our SIP address as the trunk sees it.
    pub us: SocketAddr,
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

pub async fn prepare(prompts: &Prompts, version: &Version, job: &DialJob, our: Addresses) -> Result<Ready, Unready> {
    let nowhere = |error: std::io::Error| Unready::Trunk(error.to_string());
    let host = Host::read(&job.trunk.address).map_err(nowhere)?;
    let trunk = host.resolve(our.sip).await.map_err(nowhere)?;
    let us = our.seen_by(trunk).map_err(nowhere)?;
    let voice = |error: crate::prompts::PromptError| Unready::Voice(error.to_string());
    let fixed = prompts.fixed(version).await.map_err(voice)?;
    let wanted = dialogue::prompts(&version.flow, &job.variables).opening;
    let own = prompts.own(wanted, version.voice).await.map_err(voice)?;
    let prompts = fixed.iter().map(|(text, sound)| (text.clone(), sound.clone())).chain(own).collect();
    let (dialogue, opening) = Dialogue::start(version.script.clone(), job.variables.clone());
    Ok(Ready { trunk, domain: host.domain(), us, dialogue, opening, prompts })
}

/// SIP's own port, which a host without one means (RFC 3263 section 4.2).
const SIP_PORT: u16 = 5060;

/// A trunk as an operator wrote it: a name or an address, perhaps with a port; an IPv6 address with a port has brackets.
struct Host {
    /// Without brackets.
    name: String,
    port: u16,
}

impl Host {
    fn read(address: &str) -> std::io::Result<Self> {
        let (name, port) = if address.parse::<Ipv6Addr>().is_ok() {
            (address.to_owned(), None)
        } else {
            host_port(address).map_err(std::io::Error::other)?
        };
        Ok(Self { name, port: port.unwrap_or(SIP_PORT) })
    }

    /// As request URI, From and To name it (RFC 3261 section 19.1.1).
    fn domain(&self) -> String {
        let name = if self.name.contains(':') { format!("[{}]", self.name) } else { self.name.clone() };
        if self.port == SIP_PORT { name } else { format!("{name}:{}", self.port) }
    }

    async fn resolve(&self, us: SocketAddr) -> std::io::Result<SocketAddr> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((self.name.as_str(), self.port)).await?.collect();
        reachable(&found, us).ok_or_else(|| std::io::Error::other("the name has no address"))
    }
}

/// The first address of our socket's family; another family's only where there is no such.
fn reachable(found: &[SocketAddr], us: SocketAddr) -> Option<SocketAddr> {
    found.iter().find(|there| there.is_ipv4() == us.is_ipv4()).or(found.first()).copied()
}

/// Where our SIP socket is, and what carriers are told instead, if anything.
#[derive(Clone, Copy)]
pub struct Addresses {
    pub sip: SocketAddr,
    pub advertised: Option<IpAddr>,
}

impl Addresses {
    /// Our address as the trunk sees it. A socket that listens everywhere is seen by the address that the kernel routes
    /// from; nothing is sent to find that out.
    fn seen_by(self, trunk: SocketAddr) -> std::io::Result<SocketAddr> {
        let ip = match self.sip.ip() {
            ip if ip.is_loopback() && !trunk.ip().is_loopback() => {
                return Err(std::io::Error::other(
                    "the edge's SIP address is a loopback one; set BELLBIRD_SIP to another",
                ));
            }
            ip if ip.is_unspecified() && self.advertised.is_none() => {
                let any: IpAddr =
                    if trunk.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
                let route = UdpSocket::bind((any, 0))?;
                route.connect(trunk)?;
                route.local_addr()?.ip()
            }
            ip => self.advertised.unwrap_or(ip),
        };
        Ok(SocketAddr::new(ip, self.sip.port()))
    }
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

    #[test]
    fn a_carrier_is_told_an_address_that_it_can_answer() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let seen_by = |trunk, sip, public: Option<&str>| {
            let our = Addresses { sip: at(sip), advertised: public.map(|ip| ip.parse().unwrap()) };
            our.seen_by(at(trunk)).map(|us| us.to_string())
        };
        assert_eq!(seen_by("127.0.0.9:5060", "0.0.0.0:5061", None).unwrap(), "127.0.0.1:5061");
        assert_eq!(seen_by("192.0.2.1:5060", "192.0.2.7:5061", None).unwrap(), "192.0.2.7:5061");
        assert_eq!(seen_by("192.0.2.1:5060", "0.0.0.0:5061", Some("203.0.113.9")).unwrap(), "203.0.113.9:5061");
        let error = seen_by("192.0.2.1:5060", "127.0.0.1:5060", None).unwrap_err();
        assert!(error.to_string().contains("BELLBIRD_SIP"), "{error}");
    }

    #[tokio::test]
    async fn a_trunk_is_called_and_named_by_host_and_port_in_every_form_of_its_address() {
        let us = "127.0.0.1:5060".parse().unwrap();
        for (address, there, domain) in [
            ("127.0.0.1", "127.0.0.1:5060", "127.0.0.1"),
            ("127.0.0.1:5060", "127.0.0.1:5060", "127.0.0.1"),
            ("127.0.0.1:5080", "127.0.0.1:5080", "127.0.0.1:5080"),
            ("::1", "[::1]:5060", "[::1]"),
            ("[::1]", "[::1]:5060", "[::1]"),
            ("[::1]:5060", "[::1]:5060", "[::1]"),
            ("[::1]:5080", "[::1]:5080", "[::1]:5080"),
        ] {
            let host = Host::read(address).unwrap();
            assert_eq!(host.resolve(us).await.unwrap(), there.parse().unwrap(), "{address}");
            assert_eq!(host.domain(), domain, "{address}");
        }
        assert!(Host::read("127.0.0.1:sip").is_err() && Host::read("").is_err());
    }
}
