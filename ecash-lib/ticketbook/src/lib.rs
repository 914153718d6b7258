//! Ticket types, dates, pay info, ticketbooks and their byte forms.
