//! Functions on IP addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{Argument, Function, function, number};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("isValidIp", 1, 1, |a, _| about(a, |_| true)),
    function("isValidIpV4", 1, 1, |a, _| about(a, |ip| ip.is_ipv4())),
    function("isValidIpV6", 1, 1, |a, _| about(a, |ip| ip.is_ipv6())),
    function("isIpInSubnet", 2, 2, |a, _| in_subnet(a, |_| true)).with(&[(1, Argument::Checked(any_subnet))]),
    function("isIpv4InSubnet", 2, 2, |a, _| in_subnet(a, |ip| ip.is_ipv4())).with(&[(1, Argument::Checked(v4_subnet))]),
    function("isIpv6InSubnet", 2, 2, |a, _| in_subnet(a, |ip| ip.is_ipv6())).with(&[(1, Argument::Checked(v6_subnet))]),
    function("ipv4ToNumber", 1, 1, |a, _| match address(a) {
        Some(IpAddr::V4(ip)) => number(Some(f64::from(ip.to_bits()))),
        _ => Value::Null,
    }),
    function("isPrivateIP", 1, 1, |a, _| about(a, is_private)),
    function("isPublicIP", 1, 1, |a, _| about(a, |ip| !is_private(ip) && !is_reserved(ip))),
    function("isReservedIP", 1, 1, |a, _| about(a, is_reserved)),
];

fn address(arguments: &[Value]) -> Option<IpAddr> {
    arguments.first()?.as_text()?.parse().ok()
}

/// False for what is no address.
fn about(arguments: &[Value], f: fn(IpAddr) -> bool) -> Value {
    Value::Bool(address(arguments).is_some_and(f))
}

fn in_subnet(arguments: &[Value], f: fn(IpAddr) -> bool) -> Value {
    let subnet = arguments.get(1).and_then(Value::as_text).and_then(|text| text.parse::<IpNet>().ok());
    let within = |ip: IpAddr| f(ip) && subnet.is_some_and(|subnet| subnet.contains(&ip));
    Value::Bool(address(arguments).is_some_and(within))
}

fn any_subnet(text: &str) -> Result<(), String> {
    text.parse::<IpNet>().map(|_| ()).map_err(|_| no_subnet(text, "192.0.2.0/24 or 2001:db8::/32"))
}

fn v4_subnet(text: &str) -> Result<(), String> {
    text.parse::<Ipv4Net>().map(|_| ()).map_err(|_| no_subnet(text, "192.0.2.0/24"))
}

fn v6_subnet(text: &str) -> Result<(), String> {
    text.parse::<Ipv6Net>().map(|_| ()).map_err(|_| no_subnet(text, "2001:db8::/32"))
}

fn no_subnet(text: &str, example: &str) -> String {
    format!("{text:?} is no subnet such as {example}")
}

/// RFC 1918, and the unique local addresses of IPv6.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

/// IANA's special-purpose blocks that are neither private nor routed.
fn is_reserved(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10);
            let benchmarks = Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15);
            let protocols = Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 0, 0), 24);
            ip.octets()[0] == 0
                || ip.octets()[0] >= 240
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_documentation()
                || [shared, benchmarks, protocols].iter().any(|net| net.contains(&ip))
        }
        IpAddr::V6(ip) => {
            let documentation = Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32);
            ip.is_unspecified()
                || ip.is_loopback()
                || ip.is_multicast()
                || ip.is_unicast_link_local()
                || documentation.contains(&ip)
        }
    }
}
