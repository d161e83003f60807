"""Second steps of signing in: an authenticator app, passkeys, and recovery codes for the day both are lost.

Their tables are open to the system only; each function here works as the system on behalf of the account it is given.
"""
