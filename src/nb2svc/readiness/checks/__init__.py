"""Items as pure functions of evidence values: no file is opened and no process is started here."""
