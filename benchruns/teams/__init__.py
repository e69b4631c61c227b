"""What people do with their teams: make them, invite, change roles, hand them on, delete them."""
