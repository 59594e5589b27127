"""The accounts of people and programs: added by two, taken over, second factors."""
