"""The embedded servers: started, shared, killed, refused."""
