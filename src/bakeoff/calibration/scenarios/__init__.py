"""What is simulated: one file `sNN_name.py` per scenario, found by file name."""
