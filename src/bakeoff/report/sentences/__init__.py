"""The verdict in words, by rule: one file per thing that there is to say; `verdict` puts them in order."""
