"""Commands of enrollment: `dolbom waitlist`."""
