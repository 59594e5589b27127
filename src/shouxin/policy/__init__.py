"""Purpose cards and the law pack, evaluated to a Decision."""
