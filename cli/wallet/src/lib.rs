//! Obtain, recover, keep and spend ticketbooks; for VPN apps.
