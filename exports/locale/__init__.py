"""Catalogues of translations, one folder a language, and the command that gathers what is to be translated."""
