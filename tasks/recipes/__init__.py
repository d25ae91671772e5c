"""Recipes: other tasks than brand copy, trained by the same code; a recipe is a folder of YAML and templates."""
