//! What travels over HTTP: routes, bodies, signed statements, clients.
