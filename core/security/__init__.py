"""Who may do what, where: scopes, permissions, record rules, accounts, encryption, history."""
