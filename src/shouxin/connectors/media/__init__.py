"""Engines that look at pictures, pages and video and listen to sound: to find what is personal, and to mask it."""
