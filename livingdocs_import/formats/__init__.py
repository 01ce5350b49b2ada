"""How dates are written for operators (settings: FORMAT_MODULE_PATH)."""
