"""Applications to centres and the lists they wait in: who is next follows from rules and the order of arrival, and from nothing else."""
