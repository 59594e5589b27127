"""Floors, ceilings, holds, freeze, and what is due."""
