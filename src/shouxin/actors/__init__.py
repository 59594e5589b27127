"""Who acts: accounts, roles, sign-ins, devices."""
