"""What a user can ask for: one file per verb, shared by Python and the command line."""
