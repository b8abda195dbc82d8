"""One file per figure; `bakeoff.report.gallery` finds them by file name and says what a file must define."""
