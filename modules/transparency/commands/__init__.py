"""Commands of the public log: `dolbom signer`, `dolbom log`, `dolbom witness`."""
