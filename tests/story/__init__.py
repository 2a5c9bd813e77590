"""Stories to be read from top to bottom by somebody who is new here."""
