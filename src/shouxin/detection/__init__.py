"""Find and grade personal information in text, tables, images and video."""
