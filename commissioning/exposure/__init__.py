"""How far each partner is exposed: many years drawn from stated chances, and what each input does. Pure."""
