"""Accounts: people, how they sign in, and what each may do."""
