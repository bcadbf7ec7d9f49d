//! Counting requests together with every other process.

use std::net::{IpAddr, Ipv6Addr};

use crate::app::App;
pub use crate::cache::{Rate, Spent};

/// Counts a request by each of these, up to the first that refuses it; `None` where each process has to count for itself.
pub async fn spend(app: &App, rates: &[Rate]) -> Option<Vec<Spent>> {
    app.cache.spend(rates).await
}

/// On IPv6 the first half of the address: a household has all the rest.
#[must_use]
pub fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use crate::service::rates::household;

    #[test]
    fn a_household_is_one_client() {
        let address = |text: &str| household(text.parse().unwrap_or(IpAddr::from([0; 4])));
        assert_eq!(address("2001:db8:1:2:3:4:5:6"), address("2001:db8:1:2::1"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
    }
}
